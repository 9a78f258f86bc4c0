import { openLabelledRecords, type Labelled } from '../../datasets/batching/labelledRecords.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Split } from '../../main/contract/dataset.ts'
import type { Baseline, Evaluation } from '../../main/contract/run.ts'
import type { DatasetFacts } from '../config/facts.ts'
import type { OfRecords } from '../config/ofRecords.ts'
import { emptyBatch } from '../training/engine.ts'
import { writeNothing, writeRecord } from '../training/labelledSource.ts'
import { meanWithInterval } from './bootstrap.ts'
import type { Judged, Judging } from './evaluateRun.ts'
import { explained, spearman } from './numberScores.ts'
import { shown, verdict } from './words.ts'

const WORST = 10
/** Points of the picture. */
const MOST_POINTS = 2000

interface Answer {
  record: Labelled
  /** In the labels' own unit. */
  said: number
}

/** What always saying the mean of the training labels costs on a split, in deviations of the training labels. */
export function trainingMean(
  store: ReadableStore,
  { id, fold, numbers, domain }: DatasetFacts,
  split: Split,
  loss: 'mse' | 'mae' = 'mse',
): Baseline {
  const as = domain === 'genomics' || domain === 'text' ? 'tokens' : 'values'
  const { records } = openLabelledRecords(store, id, split, { fold, as, labels: 'number' })
  const errors = records.map(({ label }) => Math.abs((label - numbers!.mean) / numbers!.std))
  const value = errors.reduce((sum, error) => sum + (loss === 'mse' ? error * error : error), 0) / errors.length
  return { name: 'the training mean', value }
}

/** Every labelled record of the split, once, whole or (where it is longer than a window) its middle: the squared error in deviations of the training labels. */
export async function scoreNumbers({ store, facts, experiment, engine, split, progress }: Judging): Promise<Judged> {
  const scale = facts.numbers!
  const { read } = experiment.config.objective as OfRecords
  const data = openLabelledRecords(store, facts.id, split, { fold: facts.fold, as: read, labels: 'number' })
  const rows = experiment.dims.batch
  const batch = emptyBatch(experiment)
  const answers: Answer[] = []
  let cut = 0
  for (let from = 0; from < data.records.length; from += rows) {
    const chunk = data.records.slice(from, from + rows)
    for (let row = 0; row < rows; row++) {
      if (row < chunk.length) cut += writeRecord(experiment, data, batch, row, chunk[row], { scale }) > 0 ? 1 : 0
      else writeNothing(experiment, batch, row)
    }
    engine.write(batch)
    await engine.score()
    const said = await engine.scores()
    chunk.forEach((record, row) => answers.push({ record, said: said[row] * scale.std + scale.mean }))
    await progress(Math.min(1, (from + rows) / data.records.length))
  }
  const error = ({ record, said }: Answer): number => said - record.label
  const squared = (answer: Answer): number => (error(answer) / scale.std) ** 2
  const score = meanWithInterval(
    answers.map((answer) => ({ sum: squared(answer), count: 1 })),
    1,
  )
  const [truth, said] = [answers.map(({ record }) => record.label), answers.map((answer) => answer.said)]
  const mean = (of: (answer: Answer) => number): number => answers.reduce((sum, answer) => sum + of(answer), 0) / answers.length
  const baseline = trainingMean(store, facts, split)
  const [r2, rank] = [explained(truth, said), spearman(truth, said)]
  const left = data.unlabelled > 0 ? `; ${data.unlabelled.toLocaleString('en')} without a label are left out` : ''
  const middle = cut > 0 ? `; ${cut.toLocaleString('en')} longer than the window are judged by their middle` : ''
  const how = `${answers.length.toLocaleString('en')} ${split} records, labels scaled by the training split${left}${middle}`
  return {
    sentence: verdict(score, 'MSE', baseline, how),
    unit: 'MSE',
    score,
    also: [
      { name: 'MAE, in the labels’ unit', value: mean((answer) => Math.abs(error(answer))) },
      { name: 'RMSE, in the labels’ unit', value: Math.sqrt(mean((answer) => error(answer) ** 2)) },
      ...(r2 === null ? [] : [{ name: 'R²', value: r2 }]),
      ...(rank === null ? [] : [{ name: 'Spearman correlation', value: rank }]),
    ],
    baselines: [baseline],
    count: answers.length,
    byPosition: [],
    regression: pointsOf(answers),
    worst: [...answers]
      .sort((a, b) => squared(b) - squared(a))
      .slice(0, WORST)
      .map((answer) => ({
        record: answer.record.record,
        position: answer.record.position,
        value: squared(answer),
        excerpt: `${shown(answer.record.label)}, said ${shown(answer.said)}`,
      })),
  }
}

function pointsOf(answers: readonly Answer[]): Evaluation['regression'] {
  const n = Math.min(MOST_POINTS, answers.length)
  return Array.from({ length: n }, (_, i) => {
    const { record, said } = answers[Math.floor((i * answers.length) / n)]
    return { truth: record.label, said, record: record.record }
  })
}
