import { openLabelledRecords, type Labelled } from '../../datasets/batching/labelledRecords.ts'
import type { Classification } from '../../main/contract/run.ts'
import { emptyBatch } from '../training/engine.ts'
import type { OfRecords } from '../config/ofRecords.ts'
import { writeNothing, writeRecord } from '../training/labelledSource.ts'
import { confusionOf, scoresOf, wilson } from './confusion.ts'
import type { Judged, Judging } from './evaluateRun.ts'
import { labelBaselines } from './labelBaselines.ts'

const WORST = 10
/** Records shown for each cell of the confusion matrix. */
const EXAMPLES = 5

interface Answer {
  record: Labelled
  said: number
  /** Of the class said. */
  probability: number
  /** −ln p of the true class. */
  nats: number
}

/** Every labelled record of the split, once, whole or (where it is longer than a window) its middle. */
export async function scoreLabels({ store, facts, experiment, engine, split, progress }: Judging): Promise<Judged> {
  const data = openLabelledRecords(store, facts.id, split, { fold: facts.fold, as: (experiment.config.objective as OfRecords).read })
  const { records, classes } = data
  const rows = experiment.dims.batch
  const batch = emptyBatch(experiment)
  const answers: Answer[] = []
  let cut = 0
  for (let from = 0; from < records.length; from += rows) {
    const chunk = records.slice(from, from + rows)
    for (let row = 0; row < rows; row++) {
      if (row < chunk.length) cut += writeRecord(experiment, data, batch, row, chunk[row]) > 0 ? 1 : 0
      else writeNothing(experiment, batch, row)
    }
    engine.write(batch)
    await engine.score()
    const logits = await engine.scores()
    chunk.forEach((record, row) => answers.push(answerOf(record, logits.slice(row * classes.length, (row + 1) * classes.length))))
    await progress(Math.min(1, (from + rows) / records.length))
  }
  const truth = answers.map(({ record }) => record.label)
  const confusion = confusionOf(
    classes.length,
    truth,
    answers.map(({ said }) => said),
  )
  const { perClass, macroF1, mcc } = scoresOf(confusion)
  const right = answers.filter(({ record, said }) => record.label === said).length
  const score = wilson(right, answers.length)
  const baselines = labelBaselines(store, facts, split)
  const nats = answers.reduce((sum, answer) => sum + answer.nats, 0) / answers.length
  const left = data.unlabelled > 0 ? `; ${data.unlabelled.toLocaleString('en')} without a label are left out` : ''
  const middle = cut > 0 ? `; ${cut.toLocaleString('en')} longer than the window are judged by their middle` : ''
  return {
    sentence: verdict(score, baselines, `${answers.length.toLocaleString('en')} ${split} records${left}${middle}`),
    unit: 'share right',
    score,
    also: [
      { name: 'macro F1', value: macroF1 },
      { name: 'Matthews correlation', value: mcc },
      { name: 'nats per record', value: nats },
    ],
    baselines,
    count: answers.length,
    byPosition: [],
    classification: { classes: [...classes], confusion, perClass, macroF1, mcc, examples: examplesOf(answers) },
    worst: answers
      .filter(({ record, said }) => record.label !== said)
      .sort((a, b) => b.nats - a.nats)
      .slice(0, WORST)
      .map(({ record, said, probability, nats: value }) => ({
        record: record.record,
        position: record.position,
        value,
        excerpt: `${classes[record.label]}, called ${classes[said]} (${percent(probability)})`,
      })),
  }
}

function answerOf(record: Labelled, logits: ArrayLike<number>): Answer {
  let said = 0
  for (let k = 1; k < logits.length; k++) if (logits[k] > logits[said]) said = k
  let total = 0
  for (let k = 0; k < logits.length; k++) total += Math.exp(logits[k] - logits[said])
  return { record, said, probability: 1 / total, nats: Math.log(total) - (logits[record.label] - logits[said]) }
}

function examplesOf(answers: readonly Answer[]): Classification['examples'] {
  const cells = new Map<string, Answer[]>()
  for (const answer of answers) {
    const key = `${answer.record.label} ${answer.said}`
    cells.set(key, [...(cells.get(key) ?? []), answer].sort((a, b) => b.probability - a.probability).slice(0, EXAMPLES))
  }
  return [...cells.values()].flat().map(({ record, said, probability }) => ({
    truth: record.label,
    said,
    recordId: record.recordId,
    record: record.record,
    probability,
  }))
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** "91.4 % right (95 % 88.2 to 93.8), 10.2 points more than naive Bayes on words (81.2 %); …": beside the best baseline, not the easiest. */
function verdict(score: Judged['score'], baselines: Judged['baselines'], how: string): string {
  const best = [...baselines].sort((a, b) => b.value - a.value)[0]
  const points = 100 * (score.value - best.value)
  const certain = score.low > best.value || score.high < best.value
  const beside = `${Math.abs(points).toFixed(1)} points ${points >= 0 ? 'more' : 'less'} than ${best.name} (${percent(best.value)})`
  const interval = `95 % ${(100 * score.low).toFixed(1)} to ${(100 * score.high).toFixed(1)}`
  return `${percent(score.value)} right (${interval}), ${beside}${certain ? '' : ', a difference within chance'}; ${how}.`
}
