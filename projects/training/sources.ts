import { addNoise } from '../../datasets/batching/counterRandom.ts'
import { openLabelledRecords } from '../../datasets/batching/labelledRecords.ts'
import { openSeriesWindows, type SeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import { openTaskWindows, type TaskWindows } from '../../datasets/batching/taskWindows.ts'
import { openTokenWindows, type TokenWindowOptions, type TokenWindows } from '../../datasets/batching/tokenWindows.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Split } from '../../main/contract/dataset.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { Experiment } from '../config/configure.ts'
import type { DatasetFacts } from '../config/facts.ts'
import { ofRecords } from '../config/ofRecords.ts'
import type { BatchSource } from './batch.ts'
import { infillTokens, maskTokens } from './corrupt.ts'
import { emptyBatch } from './engine.ts'
import { labelledSource } from './labelledSource.ts'
import { restoredSource } from './restoredSource.ts'
import { packTasks, packTokens } from './packRows.ts'
import { collate, type Forecast } from './patches.ts'

/** Random windows of one split as batches. `augment`: as training sees them; validation and baselines see the data as it is. */
export function openSource(store: ReadableStore, facts: DatasetFacts, experiment: Experiment, split: Split, augment: boolean): BatchSource {
  const { objective, data } = experiment.config
  const { fold } = facts
  if (experiment.restores) return restoredSource(experiment, openSource(store, facts, experiment.restores.of, split, augment))
  if (objective.kind === 'label-each') return taskSource(experiment, openTaskWindows(store, facts.id, split), augment)
  if (ofRecords(objective)) {
    const labels = objective.kind === 'regress' ? 'number' : 'class'
    return labelledSource(
      experiment,
      openLabelledRecords(store, facts.id, split, { fold, as: objective.read, labels }),
      augment,
      facts.numbers,
    )
  }
  return objective.kind === 'forecast'
    ? seriesSource(experiment, objective, openSeriesWindows(store, facts.id, split, { ...objective, fold }), augment)
    : tokenSource(experiment, openTokenWindows(store, facts.id, split, { fold, ...(augment ? augmentation(data) : {}) }), augment)
}

/** What training changes about its windows. */
const augmentation = ({ reverse_complement, gain_db, noise }: RunConfig['data']): TokenWindowOptions => ({
  reverseComplement: reverse_complement === true,
  gainDb: gain_db,
  noise,
})

/** A masked model is validated on masks too, always the same ones; an infilling model on text as it stands. */
function tokenSource(experiment: Experiment, windows: TokenWindows, training: boolean): BatchSource {
  const batch = emptyBatch(experiment)
  const { dims } = experiment
  const [input, targets] = [batch.input as Int32Array, batch.targets.targets as Int32Array]
  const { objective } = experiment.config
  const { packing } = experiment.model
  const packed = packing && packTokens(windows, dims, packing)
  return {
    batch,
    fill(seed, step) {
      if (packed) packed(seed, step, batch)
      else windows.random(seed, step, dims.batch, dims.seqlen, input, targets)
      if (objective.kind === 'masked') maskTokens(input, targets, dims.seqlen, objective.rate, windows.codec.vocab, seed, step)
      if (objective.kind === 'infill' && training)
        infillTokens(input, targets, dims.seqlen, objective.rate, windows.codec.vocab, seed, step)
    },
  }
}

/** Whole records; in training the longest drawn may grow with the steps (Bengio et al. 2009). */
function taskSource(experiment: Experiment, windows: TaskWindows, training: boolean): BatchSource {
  const batch = emptyBatch(experiment)
  const { dims } = experiment
  const { curriculum_steps: steps, curriculum_start: start } = experiment.config.data
  const [input, targets] = [batch.input as Int32Array, batch.targets.targets as Int32Array]
  const atMost = (step: number): number =>
    !training || !steps || !start || step >= steps ? Infinity : start + (windows.longest - start) * (step / steps)
  const { packing } = experiment.model
  const packed = packing && packTasks(windows, dims, packing)
  return {
    batch,
    fill(seed, step) {
      if (packed) packed(seed, step, batch, atMost(step))
      else windows.random(seed, step, dims.batch, dims.seqlen, input, targets, atMost(step))
    },
  }
}

function seriesSource(experiment: Experiment, objective: Forecast, windows: SeriesWindows, training: boolean): BatchSource {
  const batch = emptyBatch(experiment)
  const size = experiment.config.data.batch
  const channels = windows.channels.length
  const inputs = new Float32Array(size * objective.lookback * channels)
  const targets = new Float32Array(size * objective.horizon * channels)
  const mask = new Float32Array(targets.length)
  const { noise = 0 } = experiment.config.data
  return {
    batch,
    fill(seed, step) {
      windows.random(seed, step, size, inputs, targets, mask)
      // the past is disturbed, what is to be forecast is not
      if (training && noise > 0) addNoise(inputs, inputs.length, noise, seed, step, 0)
      collate({ inputs, targets, mask }, size, channels, objective, batch)
    },
  }
}
