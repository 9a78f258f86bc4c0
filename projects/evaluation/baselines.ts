import { ngramBaseline, repeatLastBaseline } from '../../datasets/batching/baselines.ts'
import { openSeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import { answerCounts, openTaskWindows } from '../../datasets/batching/taskWindows.ts'
import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import { classFrequencies } from './labelBaselines.ts'
import { trainingMean } from './scoreNumbers.ts'
import type { Baseline, RunConfig } from '../../main/contract/run.ts'
import type { Split } from '../../main/contract/dataset.ts'
import { unitMetricOf, type DatasetFacts } from '../config/facts.ts'

/** The trivial baseline a run is shown beside, on the split it is judged on, in the metric's unit. */
export function baselineOf(
  store: ReadableStore,
  facts: DatasetFacts,
  { objective }: RunConfig,
  split: Exclude<Split, 'train'> = 'validation',
): Baseline {
  if (objective.kind === 'forecast') {
    const { mse, mae } = repeatLastBaseline(openSeriesWindows(store, facts.id, split, { ...objective, fold: facts.fold }))
    // of quantiles that lie symmetrically, the mean pinball loss of one value for all is half its absolute error
    return { name: 'repeat the last value', value: (objective.loss ?? 'mse') === 'mse' ? mse : mae }
  }
  if (objective.kind === 'label-each') return answerEntropy(store, facts, split)
  if (objective.kind === 'classify') return classFrequencies(store, facts, split)
  if (objective.kind === 'regress') return trainingMean(store, facts, split, objective.loss)
  return ngrams(store, facts, split, [0])[0]
}

/** Every position answered with the frequencies of the answers in training, those never seen counted once. */
function answerEntropy(store: ReadableStore, { id, vocab }: DatasetFacts, split: Split): Baseline {
  const train = answerCounts(openTaskWindows(store, id, 'train'))
  const heldOut = answerCounts(openTaskWindows(store, id, split))
  const total = train.reduce((a, b) => a + b, 0) + vocab!
  const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
  const nats = sum(heldOut.map((n, id) => (n === 0 ? 0 : -n * Math.log((train[id] + 1) / total)))) / sum(heldOut)
  return { name: 'frequencies of the answers', value: nats }
}

/** Order of context → the baseline's name as people know it. */
const nameOf = (order: number, domain: DatasetFacts['domain']): string =>
  order === 0 ? 'order-0 entropy' : domain === 'genomics' ? `order-${order} Markov chain` : `${order + 1}-gram`

/** n-gram models fitted on the training split, scored on `split`. */
export function ngrams(store: ReadableStore, facts: DatasetFacts, split: Split, orders: readonly number[]): Baseline[] {
  // unit by unit, so that they say the same beside a model of 6-mers and one of bases
  const train = openTokenWindows(store, facts.id, 'train', { units: true, fold: facts.fold })
  const heldOut = openTokenWindows(store, facts.id, split, { units: true, fold: facts.fold })
  const { scale } = unitMetricOf(facts)
  return orders.map((order) => ({ name: nameOf(order, facts.domain), value: ngramBaseline(train, heldOut, order).nats * scale }))
}
