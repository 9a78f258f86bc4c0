import { ngramBaseline, repeatLastBaseline } from '../../datasets/batching/baselines.ts'
import { openSeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Baseline, RunConfig } from '../../main/contract/run.ts'
import type { Split } from '../../main/contract/dataset.ts'
import { metricOf, type DatasetFacts } from '../config/facts.ts'

/** The trivial baseline a run is shown beside, on the split it is judged on, in the metric's unit. */
export function baselineOf(
  store: ReadableStore,
  facts: DatasetFacts,
  { objective }: RunConfig,
  split: Exclude<Split, 'train'> = 'validation',
): Baseline {
  if (objective.kind === 'forecast')
    return { name: 'repeat the last value', value: repeatLastBaseline(openSeriesWindows(store, facts.id, split, objective)).mse }
  return ngrams(store, facts, split, [0])[0]
}

/** Order of context → the baseline's name as people know it. */
const nameOf = (order: number, domain: DatasetFacts['domain']): string =>
  order === 0 ? 'order-0 entropy' : domain === 'genomics' ? `order-${order} Markov chain` : `${order + 1}-gram`

/** n-gram models fitted on the training split, scored on `split`. */
export function ngrams(store: ReadableStore, facts: DatasetFacts, split: Split, orders: readonly number[]): Baseline[] {
  const train = openTokenWindows(store, facts.id, 'train')
  const heldOut = openTokenWindows(store, facts.id, split)
  const { scale } = metricOf(facts)
  return orders.map((order) => ({ name: nameOf(order, facts.domain), value: ngramBaseline(train, heldOut, order).nats * scale }))
}
