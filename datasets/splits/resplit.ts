import type { ImportOptions } from '../../main/contract/importing.ts'
import { samplesOf } from '../audio/pcmSamples.ts'
import type { CodecJson } from '../codec.ts'
import { StrandError } from '../errors.ts'
import {
  addVersion,
  getDatasetDetail,
  getStoredDataset,
  plannedRecords,
  readCells,
  type SplitPlan,
  type WritableStore,
} from '../store/store.ts'
import { fitScaling } from '../timeseries/fitScaling.ts'
import { fitFolds } from './folds.ts'
import { planSplits, SPLIT_OPTIONS, type SplitOptions } from './planSplits.ts'

/**
 * Divides the records of a dataset anew, without reading its files again: the newest version over the same cells. Answers its id, or that of the
 * version that is already divided so. What is fitted on the training records (the scaling of a series) is fitted again.
 */
export function resplit(store: WritableStore, datasetId: number, split: SplitOptions): number {
  const stored = getStoredDataset(store, datasetId)
  const records = plannedRecords(store, datasetId)
  const plan = planSplits(records, stored.domain, split, stored.labels)
  const { codec } = stored
  if (codec.kind === 'bpe')
    throw new StrandError(
      'bad-input',
      `The tokens of "${stored.name}" were learned from its training records and cut at import, so it cannot be split anew. Import its files again with this split.`,
      { dataset: datasetId },
    )
  const read = (start: number, count: number): Float32Array => {
    const bytes = readCells(store, stored, start, count)
    return stored.domain === 'audio' ? samplesOf(stored, bytes) : new Float32Array(bytes.buffer)
  }
  const refit = codec.kind === 'series' ? (own: SplitPlan): CodecJson => fitScaling(records, own, codec.channels, read) : codec
  const { options } = getDatasetDetail(store, datasetId)
  const kept = Object.fromEntries(Object.entries(options).filter(([key]) => !(SPLIT_OPTIONS as readonly string[]).includes(key)))
  return addVersion(store, datasetId, {
    change: `Split anew. ${plan.rule}`,
    plan,
    codec: typeof refit === 'function' ? refit(plan) : refit,
    ...fitFolds(plan, refit),
    options: { ...(kept as ImportOptions), ...split },
  })
}
