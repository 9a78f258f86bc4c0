import { join } from 'node:path'
import { StrandError } from '../../datasets/errors.ts'
import { getRunDetail, listCheckpoints, type ReadableStore } from '../../datasets/store/store.ts'
import type { RunDetail } from '../../main/contract/run.ts'
import { configure, type Experiment } from '../config/configure.ts'
import { datasetFacts, type DatasetFacts } from '../config/facts.ts'
import { readCheckpoint } from '../training/checkpoint.ts'

/** A trained model as it lies in the project. */
export interface TrainedRun {
  readonly run: RunDetail
  readonly facts: DatasetFacts
  readonly experiment: Experiment
  /** The parameter arena of the checkpoint of `step`. */
  readonly params: Float32Array
  readonly step: number
}

/** The best checkpoint of a run by validation loss, or the newest where none is marked; an unreadable one is passed over. */
export function loadRun(store: ReadableStore, runId: number): TrainedRun {
  const run = getRunDetail(store, runId)
  const facts = datasetFacts(store, run.datasetId, run.config.data.fold)
  // a trained model reads one record at a time, however it was trained
  const { packing: _, ...data } = run.config.data
  const experiment = configure({ ...run.config, data }, facts)
  const rows = listCheckpoints(store, runId).sort((a, b) => Number(b.best) - Number(a.best) || b.step - a.step)
  let problem = 'Train it for a moment first.'
  const before = run.config.pretraining?.steps ?? 0
  for (const { path, step, sha256 } of rows) {
    if (step <= before && before > 0) {
      problem = `It has not learned labels yet; train it past step ${before}, where they begin.`
      continue
    }
    try {
      const { weights } = readCheckpoint(join(store.folder, path), experiment.model, sha256)
      return { run, facts, experiment, params: weights.params, step }
    } catch (error) {
      problem = `Its checkpoint could not be read: ${(error as Error).message}`
    }
  }
  throw new StrandError('not-found', `"${run.name}" has no checkpoint to work from. ${problem}`, { run: runId })
}
