import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importFiles } from '../../datasets/importing/importFiles.ts'
import * as store from '../../datasets/store/store.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import type { MetricPoint } from '../../main/contract/run.ts'
import type { Device, TrainingEnd, TrainingNews, Watch } from '../api.ts'
import type { Setting } from '../config/check.ts'
import { newRun } from '../runs/newRun.ts'
import { TrainingControl } from '../training/control.ts'
import { trainRun } from '../training/trainRun.ts'

export const quiet: Watch = { signal: new AbortController().signal, progress: () => {} }

/** A real project in a folder of its own, with what the data worker does done in place. */
export class TestProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'strand-project-'))
  readonly store = store.openProject(this.folder)

  async import(name: string, content: string | Uint8Array, options: ImportOptions = {}): Promise<number> {
    const path = join(this.folder, 'uploads', name)
    writeFileSync(path, content)
    return (await importFiles(this.store, { paths: [path], options })).datasetId
  }

  create(datasetId: number, preset: string, set: Record<string, Setting> = {}, device: Device = 'cpu'): number {
    return store.createRun(this.store, newRun(this.store, { datasetId, preset, set, device }))
  }

  async train(
    runId: number,
    options: { resume?: boolean; control?: TrainingControl; device?: Device; hear?: (news: TrainingNews) => void } = {},
  ): Promise<TrainingEnd> {
    const { resume = false, control = new TrainingControl(), device = 'cpu', hear } = options
    const end = await trainRun(this.store, { runId, device, resume }, control, (news) => {
      this.#write(runId, news)
      hear?.(news)
    })
    store.updateRun(this.store, runId, end)
    return end
  }

  points(runId: number): MetricPoint[] {
    return store.listMetrics(this.store, runId)
  }

  close(): void {
    this.store.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #write(runId: number, { points = [], samples = [], events = [], checkpoints = [], removed = [], change = {} }: TrainingNews): void {
    store.appendMetrics(this.store, runId, points)
    for (const sample of samples) store.appendSample(this.store, runId, sample)
    for (const event of events) store.appendEvent(this.store, runId, event)
    for (const checkpoint of checkpoints) store.insertCheckpoint(this.store, runId, checkpoint)
    for (const path of removed) store.removeCheckpoint(this.store, runId, path)
    store.updateRun(this.store, runId, change)
  }
}

/** A small model that trains in a second. */
export const tiny: Readonly<Record<string, Setting>> = {
  'model.d_model': 16,
  'model.layers': 'mamba',
  'model.mixers.mamba.d_state': 4,
  'data.seqlen': 32,
  'data.batch': 4,
  'training.validate_batches': 2,
}
