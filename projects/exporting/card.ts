import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { Evaluation, ExportResult } from '../../main/contract/run.ts'
import type { TrainedRun } from '../runs/loadRun.ts'

type Judged = Pick<Evaluation, 'sentence' | 'unit' | 'score' | 'baselines' | 'also' | 'split'>

export interface CardParts {
  readonly trained: TrainedRun
  readonly dataset: DatasetDetail
  readonly evaluation: Judged | null
  readonly selfTest: ExportResult['selfTest']
  readonly python: string
}

const n = (value: number): string => value.toLocaleString('en')
const fixed = (value: number): string => value.toPrecision(4)

/** The model card: what it was trained on, what it scores beside its baselines, how to load it, what it cannot do. */
export function modelCard({ trained, dataset, evaluation, selfTest, python }: CardParts): string {
  const { run, experiment, step } = trained
  const { model, objective, pretraining, data, training, optimizer, seed } = experiment.config
  const splits = dataset.splits.filter(({ length }) => length > 0).map(({ split, length }) => `${split} ${n(length)}`)
  return [
    '---',
    'license: other',
    'license_name: not-set',
    'library_name: pytorch',
    `tags: [${[...new Set(experiment.model.layers.map(({ mixer }) => mixer))].join(', ')}, sequence-model, strand]`,
    '---',
    '',
    `# ${run.name}`,
    '',
    `A ${objective.kind === 'forecast' ? 'forecaster' : objective.kind === 'regress' ? 'predictor of a number' : 'sequence model'} of ${n(run.parameters)} parameters ` +
      `(${model.layers}, d_model ${model.d_model}), trained with Strand for ${n(step)} steps.`,
    '',
    '## Data',
    '',
    `"${dataset.name}" (${dataset.format}): ${n(dataset.records)} ${dataset.records === 1 ? 'record' : 'records'}, ${n(dataset.length)} ${dataset.unit}.`,
    `Split: ${splits.join(', ')} ${dataset.unit}. ${dataset.splitRule}`,
    '',
    `Content sha-256: \`${run.datasetHash}\``,
    '',
    ...dataset.sources.map(({ name, bytes, sha256 }) => `- ${name}, ${n(bytes)} bytes, sha-256 \`${sha256}\``),
    '',
    '## Score',
    '',
    ...scoreLines(evaluation),
    '',
    '## Training',
    '',
    `${pretraining ? `${pretraining.steps} steps on the training inputs alone (${pretraining.objective.kind}), then ` : ''}${training.steps} steps of ${(training.accumulate ?? 1) * data.batch} windows of ${data.seqlen}, AdamW at ${optimizer.lr} (${optimizer.schedule}, warm-up ${optimizer.warmup}), ` +
      `weight decay ${optimizer.weight_decay}, clipping at ${optimizer.clip}, seed ${seed}. The whole configuration is in strand.json.`,
    '',
    '## Loading',
    '',
    '```python',
    python,
    '```',
    '',
    'Parameter names and shapes inside each mixer are those of its published implementation. `strand_model.py` needs PyTorch alone.',
    '',
    `Self-test: ${selfTest.sentence}`,
    '',
    '## Limits',
    '',
    'Trained on the data above and nothing else; on other data its scores say nothing. It has seen no filtering for harmful or private content.',
    'The licence of the data decides how the model may be used: set `license` at the top before you share it.',
    '',
  ].join('\n')
}

function scoreLines(evaluation: Judged | null): string[] {
  if (!evaluation) return ['Not evaluated: the dataset has no held-out records.']
  const { score, unit, baselines, also, split, sentence } = evaluation
  return [
    `${sentence[0].toUpperCase()}${sentence.slice(1)}`,
    '',
    `| ${split} split | ${unit} |`,
    '| --- | --- |',
    `| this model | ${fixed(score.value)} (95 % ${fixed(score.low)} to ${fixed(score.high)}) |`,
    ...baselines.map(({ name, value }) => `| ${name} | ${fixed(value)} |`),
    ...also.map(({ name, value }) => `| this model, ${name} | ${fixed(value)} |`),
  ]
}
