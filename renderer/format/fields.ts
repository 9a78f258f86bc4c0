import type { Domain } from '../../main/contract/dataset.ts'
import type { MixerOption } from '../../main/contract/run.ts'

/** One value of a recipe that a person may change. Paths are those of RunConfig. */
export interface Field {
  path: string
  label: string
  unit?: string
  help: string
  cite?: { text: string; url: string }
  min: number
  max: number
  whole?: boolean
  /** The value that null stands for when the field is left empty. */
  optional?: boolean
  /** What the recipe means where it does not have this value. */
  absent?: number
}

const ADAMW = { text: 'Loshchilov & Hutter 2017', url: 'https://arxiv.org/abs/1711.05101' }

export const modelFields: Field[] = [
  {
    path: 'model.d_model',
    label: 'Width, d_model',
    unit: 'channels',
    help: 'Numbers that carry each token through the layers. Cost grows with its square.',
    min: 8,
    max: 2048,
    whole: true,
  },
]

export const trainingFields: Field[] = [
  {
    path: 'optimizer.lr',
    label: 'Learning rate',
    help: 'The peak, after the warm-up. Too high and the loss stops being a number.',
    min: 1e-7,
    max: 1,
  },
  {
    path: 'optimizer.warmup',
    label: 'Warm-up',
    unit: 'steps',
    help: 'Steps over which the rate rises from zero.',
    min: 0,
    max: 100_000,
    whole: true,
  },
  {
    path: 'optimizer.weight_decay',
    label: 'Weight decay',
    help: 'Pulls weights to zero, apart from the gradient.',
    cite: ADAMW,
    min: 0,
    max: 10,
  },
  {
    path: 'optimizer.clip',
    label: 'Clip gradients at',
    help: 'The gradient is scaled down when its norm is above this.',
    min: 0,
    max: 100,
  },
  {
    path: 'training.accumulate',
    label: 'Micro-batches',
    unit: 'per step',
    help: 'Batches whose gradients are added up for one update: a larger batch than memory holds.',
    min: 1,
    max: 4096,
    whole: true,
    absent: 1,
  },
  {
    path: 'training.validate_every',
    label: 'Validate every',
    unit: 'steps',
    help: 'How often the held-out part is scored.',
    min: 1,
    max: 100_000,
    whole: true,
  },
  {
    path: 'training.sample_every',
    label: 'Sample every',
    unit: 'steps',
    help: 'How often something is generated while it trains.',
    min: 0,
    max: 100_000,
    whole: true,
  },
  {
    path: 'training.max_minutes',
    label: 'Stop after',
    unit: 'min',
    help: 'Ends the run at this time, whatever the step. Empty for no limit.',
    min: 0.1,
    max: 100_000,
    optional: true,
  },
  { path: 'seed', label: 'Seed', help: 'The same seed gives the same run.', min: 0, max: 2 ** 31, whole: true },
]

/** What the backward pass computes again. */
export const recomputeOption: MixerOption = {
  key: 'Recompute activations',
  help: 'Saves memory for time and changes no result. Light: cheap ones. Full: all but what the layers read. Auto: as much as the device needs',
  kind: 'choice',
  default: 'auto',
  choices: ['auto', 'none', 'light', 'full'],
}

/** What matrix products compute in, and activations are stored in. */
export const precisionOption: MixerOption = {
  key: 'Precision',
  help: 'Mixed: matrix products in float16 with sums in float32, and activations stored in float16: faster, in less memory, on a GPU that can; elsewhere the run stays in float32 and says so',
  kind: 'choice',
  default: 'f32',
  choices: ['f32', 'mixed'],
}

/** Of a dataset with folds: which one tests. */
export const foldField = (folds: number): Field => ({
  path: 'data.fold',
  label: 'Fold that tests',
  help: 'The next one validates, the others train.',
  min: 0,
  max: folds - 1,
  whole: true,
})

export const forecastFields: Field[] = [
  {
    path: 'objective.horizon',
    label: 'Horizon',
    unit: 'rows',
    help: 'How far ahead the model forecasts.',
    min: 1,
    max: 10_000,
    whole: true,
  },
  { path: 'objective.lookback', label: 'Lookback', unit: 'rows', help: 'How much of the past it sees.', min: 8, max: 100_000, whole: true },
]

/** What a model of tokens may learn, for the sentence; null where the data decides. */
export function tokenObjectives(domain: Domain, kind: string): { value: string; title: string; detail: string }[] | null {
  if (!['next-token', 'masked', 'infill'].includes(kind)) return null
  const details = {
    'next-token': 'From everything before it. The model can write.',
    masked: 'From both sides, where layers read in both directions. The model cannot write.',
    infill: 'Half of the windows with their middle moved to the end. The model can also write between a beginning and an end.',
  }
  return Object.entries(details).map(([value, detail]) => {
    const words = objectiveWords(domain, { kind: value })
    return { value, title: words[0].toUpperCase() + words.slice(1), detail }
  })
}

/** What the objective is called in the sentence. */
export function objectiveWords(domain: Domain, objective: { kind: string; horizon?: number }): string {
  if (objective.kind === 'forecast') return `the next ${objective.horizon} rows`
  if (objective.kind === 'classify') return 'the class'
  if (objective.kind === 'regress') return 'the number of a record'
  if (objective.kind === 'label-each') return 'the answers'
  const one = { genomics: 'base', audio: 'sample', timeseries: 'row', text: 'character' }[domain]
  if (objective.kind === 'masked') return `hidden ${one}s`
  if (objective.kind === 'infill') return `the next ${one}, in gaps too`
  return { genomics: 'the next base', audio: 'the next sample', timeseries: 'the next row', text: 'the next character' }[domain]
}

/** "1e-3", "3,000", "" → a number, null for an empty optional field, or undefined when it is none or out of range. */
export function parseField(field: Field, text: string): number | null | undefined {
  const clean = text.trim().replaceAll(/[,\s]/g, '').replace('−', '-')
  if (clean === '') return field.optional ? null : undefined
  const value = Number(clean)
  if (!Number.isFinite(value) || value < field.min || value > field.max) return undefined
  return field.whole && !Number.isInteger(value) ? undefined : value
}
