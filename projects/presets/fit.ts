import { tokenCodecFromJSON } from '../../datasets/codecs.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { DatasetFacts } from '../config/facts.ts'
import { ofRecords } from '../config/ofRecords.ts'

/** Sequences in a step that a laptop carries, for a series whose channels are sequences of their own. */
const MOST_SEQUENCES = 512

/** A preset's windows made to fit a dataset that is shorter, or has more channels, than it was made for; of one with folds the first one tests. */
export function fitPreset(config: RunConfig, facts: DatasetFacts): RunConfig {
  const fitted = fitWindows(config, facts)
  return facts.folds > 0 ? { ...fitted, data: { ...fitted.data, fold: facts.fold } } : fitted
}

function fitWindows(config: RunConfig, { domain, splits, channels, codec, targets }: DatasetFacts): RunConfig {
  const { objective } = config
  const { reverse_complement, ...rest } = config.data
  // a preset for DNA reads both strands where the dataset's tokens can
  const bothStrands = reverse_complement && tokenCodecFromJSON(codec).reverseComplement !== undefined
  const data = bothStrands ? config.data : rest
  // a task is answered, not continued: no samples
  if (targets)
    return {
      ...config,
      objective: { kind: 'label-each' },
      data: { ...data, seqlen: splits.train.longest },
      training: { ...config.training, sample_every: 0 },
    }
  if (ofRecords(objective)) {
    const longest = Math.max(splits.train.longest, splits.validation.longest, splits.test.longest, 1)
    // a series is seen whole; of a sound a stretch says what it is
    const patch = domain === 'timeseries' ? Math.max(objective.patch, Math.ceil(longest / data.seqlen)) : objective.patch
    const seqlen = Math.min(data.seqlen, Math.ceil(longest / patch))
    return { ...config, model: memoryOf(config.model, data.seqlen / seqlen), objective: { ...objective, patch }, data: { ...data, seqlen } }
  }
  if (objective.kind !== 'forecast') {
    const seqlen = Math.max(1, Math.min(data.seqlen, splits.train.longest - 1))
    return { ...config, data: { ...data, seqlen } }
  }
  const heldOut = Math.min(splits.validation.longest, splits.test.longest)
  const horizon = Math.max(1, Math.min(objective.horizon, Math.floor(splits.train.longest / 4), Math.floor(heldOut / 2)))
  const past = Math.min(objective.lookback, Math.max(1, splits.train.longest - 2 * horizon))
  const patch = Math.min(objective.patch, past)
  const lookback = past - (past % patch)
  const batch = objective.channelIndependent ? Math.max(1, Math.min(data.batch, Math.floor(MOST_SEQUENCES / channels.length))) : data.batch
  return { ...config, objective: { ...objective, horizon, lookback, patch }, data: { ...data, seqlen: lookback / patch, batch } }
}

/**
 * A state space whose preset says its steps Δ has to reach from one end of a record to the other, and to tell apart the places between: made for a window,
 * they are `times` as long for records that are as much shorter.
 */
function memoryOf(model: RunConfig['model'], times: number): RunConfig['model'] {
  const { s4d } = model.mixers
  if (typeof s4d?.dt_min !== 'number' || typeof s4d.dt_max !== 'number') return model
  const scaled = (dt: number): number => Math.min(1, Number((dt * times).toPrecision(3)))
  return { ...model, mixers: { ...model.mixers, s4d: { ...s4d, dt_min: scaled(s4d.dt_min), dt_max: scaled(s4d.dt_max) } } }
}
