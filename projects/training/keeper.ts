import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Model } from '../../kernels/models/model.ts'
import type { CheckpointRecord, TrainingNews } from '../api.ts'
import { readCheckpoint, writeCheckpoint, type Checkpoint, type Progress } from './checkpoint.ts'
import type { Weights } from './engine.ts'

/** Long enough for the data worker to forget a checkpoint (it is told every 250 ms) before its file goes. */
const FORGET_MS = 800

type Header = Pick<Checkpoint, 'config' | 'datasetHash'>
type Row = Pick<CheckpointRecord, 'step' | 'path' | 'sha256' | 'best'>

/** The checkpoint files of a run: the newest and the best. An older one goes only when a newer one is on disk and known. */
export class CheckpointKeeper {
  readonly #folder: string
  readonly #runId: number
  readonly #modelOf: (step: number) => Model
  readonly #header: Header
  readonly #tell: (news: TrainingNews) => void
  #rows: Row[]
  readonly #leaving: string[] = []

  /** `modelOf`: whose weights those of a step are. `rows`: what the database knows. */
  constructor(
    place: { folder: string; runId: number },
    modelOf: (step: number) => Model,
    header: Header,
    rows: readonly Row[],
    tell: (news: TrainingNews) => void,
  ) {
    this.#folder = place.folder
    this.#runId = place.runId
    this.#modelOf = modelOf
    this.#header = header
    this.#rows = [...rows]
    this.#tell = tell
  }

  /** Step of the newest one; null before the first. */
  get step(): number | null {
    return this.#rows.at(-1)?.step ?? null
  }

  save(progress: Progress, weights: Weights, best: boolean): void {
    const { step } = progress
    if (step === this.step && !best) return
    const path = `checkpoints/run-${this.#runId}/step-${step}.safetensors`
    const written = writeCheckpoint(join(this.#folder, path), this.#modelOf(step), weights, { ...this.#header, progress })
    const old = this.#rows.filter((row) => row.path !== path && (best || !row.best))
    this.#rows = [...this.#rows.filter((row) => row.path !== path && !old.includes(row)), { step, path, sha256: written.sha256, best }]
    this.#tell({ checkpoints: [{ step, path, best, ...written }], removed: old.map((row) => row.path), change: { checkpointStep: step } })
    this.#dropFiles()
    this.#leaving.push(...old.map((row) => row.path))
  }

  /** The newest one that can be read, and a sentence for each that could not. */
  newest(): { checkpoint: (Checkpoint & { weights: Weights }) | null; problems: string[] } {
    const problems: string[] = []
    for (const { path, sha256, step } of this.#rows.toReversed()) {
      try {
        return { checkpoint: readCheckpoint(join(this.#folder, path), this.#modelOf(step), sha256), problems }
      } catch (error) {
        problems.push(`The checkpoint of step ${step} could not be read: ${(error as Error).message}`)
      }
    }
    return { checkpoint: null, problems }
  }

  /** Before the run ends: the files that were replaced last go too. */
  async settle(): Promise<void> {
    if (this.#leaving.length === 0) return
    await wait(FORGET_MS)
    this.#dropFiles()
  }

  #dropFiles(): void {
    for (const path of this.#leaving.splice(0)) rmSync(join(this.#folder, path), { force: true })
  }
}
