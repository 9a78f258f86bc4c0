import { ngramBaseline, repeatLastBaseline } from '../batching/baselines.ts'
import { openSeriesWindows } from '../batching/seriesWindows.ts'
import { openTokenWindows } from '../batching/tokenWindows.ts'
import { StrandError } from '../errors.ts'
import { getStoredDataset, iterateRecords, listSegments, plannedRecords, readCells, type ReadableStore } from '../store/store.ts'
import { oneHotRidge } from './oneHotRidge.ts'

/** The naive baseline a data set is published beside, and the number it should have. */
export interface BaselineSpec {
  kind: 'repeat-last' | 'witten-bell' | 'one-hot-ridge'
  /** witten-bell: symbols of context. */
  order?: number
  expected: number
  unit: string
  /** A difference up to this is the same number. */
  within: number
}

/** As in the papers on long-term forecasting: 96 rows of past, 96 of future, every window of the test split. */
const FORECAST = { lookback: 96, horizon: 96 }

export function baseline(store: ReadableStore, datasetId: number, { kind, order = 0 }: BaselineSpec): number {
  if (kind === 'repeat-last') return repeatLastBaseline(openSeriesWindows(store, datasetId, 'test', FORECAST)).mse
  if (kind === 'witten-bell')
    return ngramBaseline(openTokenWindows(store, datasetId, 'train'), openTokenWindows(store, datasetId, 'validation'), order).nats
  return ridge(store, datasetId)
}

/** % of records right over the folds of a cross-validation of equally long sequences. */
function ridge(store: ReadableStore, datasetId: number): number {
  const dataset = getStoredDataset(store, datasetId)
  const records = plannedRecords(store, datasetId)
  if (dataset.labels?.kind !== 'class')
    throw new StrandError('bad-input', `"${dataset.name}" has no classes to tell apart.`, { dataset: datasetId })
  const letters = records.map(({ start, length }) => readCells(store, dataset, start, length))
  const labels = records.map(({ label }) => label!)
  return 100 * oneHotRidge(letters, labels, dataset.labels.names.length, foldsOf(store, datasetId))
}

/** Which fold tests each record, in file order. */
function foldsOf(store: ReadableStore, datasetId: number): number[] {
  const place = new Map(iterateRecords(store, datasetId).map(({ id }, i) => [id, i]))
  const folds = new Array<number>(place.size)
  for (let fold = 0, left = place.size; left > 0; fold++)
    for (const { recordId } of listSegments(store, datasetId, 'test', fold)) {
      folds[place.get(recordId)!] = fold
      left--
    }
  return folds
}
