import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importFiles } from '../../datasets/importing/importFiles.ts'
import { findSample } from '../../datasets/samples/samples.ts'
import * as store from '../../datasets/store/store.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import type { RunDetail } from '../../main/contract/run.ts'
import type { TrainingNews } from '../api.ts'
import type { Setting } from '../config/check.ts'
import { configure } from '../config/configure.ts'
import { datasetFacts } from '../config/facts.ts'
import { type Judged, judge } from '../evaluation/evaluateRun.ts'
import { loadRun, type TrainedRun } from '../runs/loadRun.ts'
import { newRun } from '../runs/newRun.ts'
import { TrainingControl } from '../training/control.ts'
import { trainRun } from '../training/trainRun.ts'

export interface CorpusRun {
  readonly run: RunDetail
  readonly trained: TrainedRun
  readonly judged: Judged
  readonly device: string
}

/** A bundled sample in a project of its own that is gone afterwards; runs train and are scored as in the app. */
export class Corpus {
  readonly #folder = mkdtempSync(join(tmpdir(), 'strand-study-'))
  readonly #store = store.openProject(this.#folder)
  #datasetId = 0

  static async of(sample: string): Promise<Corpus> {
    const corpus = new Corpus()
    const { paths, options } = findSample(sample)
    corpus.#datasetId = (await importFiles(corpus.#store, { paths, options })).datasetId
    return corpus
  }

  /** The split that a model is judged on: the test records, where there are any. */
  get heldOut(): 'test' | 'validation' {
    return datasetFacts(this.#store, this.#datasetId).splits.test.length > 1 ? 'test' : 'validation'
  }

  /** Floating point operations of a training step: forward, and about twice that backward. */
  work(preset: string, set: Readonly<Record<string, Setting>>): number {
    const { config } = newRun(this.#store, { datasetId: this.#datasetId, preset, set, device: 'cpu' })
    const { model } = configure(config, datasetFacts(this.#store, this.#datasetId))
    return 3 * model.flopsPerToken() * config.data.batch * config.data.seqlen
  }

  async train(preset: string, set: Readonly<Record<string, Setting>>, split: 'validation' | 'test'): Promise<CorpusRun> {
    const runId = store.createRun(this.#store, newRun(this.#store, { datasetId: this.#datasetId, preset, set, device: 'cpu' }))
    const end = await trainRun(this.#store, { runId, device: 'cpu', resume: false }, new TrainingControl(), (news) =>
      this.#keep(runId, news),
    )
    store.updateRun(this.#store, runId, end)
    if (end.state !== 'done') throw new Error(`The run ended ${end.state}: ${end.message ?? 'without a message'}`)
    const trained = loadRun(this.#store, runId)
    const backend = await CpuBackend.open()
    const quiet = { signal: new AbortController().signal, progress: () => {} }
    const judged = await judge(this.#store, backend, trained, split, quiet)
    backend.destroy()
    return { run: store.getRunDetail(this.#store, runId), trained, judged, device: backend.description }
  }

  close(): void {
    this.#store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** What the data worker writes while a run trains. */
  #keep(runId: number, { points = [], checkpoints = [], removed = [], change = {} }: TrainingNews): void {
    store.appendMetrics(this.#store, runId, points)
    for (const checkpoint of checkpoints) store.insertCheckpoint(this.#store, runId, checkpoint)
    for (const path of removed) store.removeCheckpoint(this.#store, runId, path)
    store.updateRun(this.#store, runId, change)
  }
}
