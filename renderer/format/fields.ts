import type { Domain } from '../../main/contract/dataset.ts'
import type { MixerOption, RunConfig, SettingInfo } from '../../main/contract/run.ts'
import { scientific, thousands } from './numbers.ts'

/** What the form calls a setting; the rest of what it says comes from the schema that checks it. */
export interface Named {
  path: string
  label: string
  unit?: string
}

/** One number of a recipe that a person may change. Paths are those of RunConfig. */
export interface Field extends Named {
  setting: MixerOption
  /** May be left empty: null. */
  optional: boolean
}

export const fieldOf = (named: Named, setting: MixerOption): Field => ({ ...named, setting, optional: setting.empty ?? false })

/** The fields of settings that are known by now. */
export const fieldsOf = (named: readonly Named[], settings: readonly SettingInfo[]): Field[] =>
  named.flatMap((one) => {
    const setting = settings.find(({ key }) => key === one.path)
    return setting ? [fieldOf(one, setting)] : []
  })

export const modelFields: Named[] = [{ path: 'model.d_model', label: 'Width, d_model', unit: 'channels' }]

export const trainingFields: Named[] = [
  { path: 'optimizer.lr', label: 'Learning rate' },
  { path: 'optimizer.warmup', label: 'Warm-up', unit: 'steps' },
  { path: 'optimizer.weight_decay', label: 'Weight decay' },
  { path: 'optimizer.clip', label: 'Clip gradients at' },
  { path: 'training.accumulate', label: 'Micro-batches', unit: 'per step' },
  { path: 'training.validate_every', label: 'Validate every', unit: 'steps' },
  { path: 'training.sample_every', label: 'Sample every', unit: 'steps' },
  { path: 'training.max_minutes', label: 'Stop after', unit: 'min' },
  { path: 'seed', label: 'Seed' },
]

/** Settings that are one of several words. */
export const trainingChoices: Named[] = [
  { path: 'training.recompute', label: 'Recompute activations' },
  { path: 'training.precision', label: 'Precision' },
]

export const foldField: Named = { path: 'data.fold', label: 'Fold that tests' }

export const forecastFields: Named[] = [
  { path: 'objective.horizon', label: 'Horizon', unit: 'rows' },
  { path: 'objective.lookback', label: 'Lookback', unit: 'rows' },
]

/** What training may change about its windows, drawn anew at each step; those that mean something for this kind of data and objective. */
export function augmentations(domain: Domain, objective: RunConfig['objective']): Named[] {
  const records = objective.kind === 'classify' || objective.kind === 'regress'
  const numbers = objective.kind === 'forecast' || (records && objective.read === 'values')
  const sound = domain === 'audio' && !records && !numbers
  return [
    ...(domain === 'genomics' && objective.kind !== 'label-each' ? [{ path: 'data.reverse_complement', label: 'Reverse complement' }] : []),
    ...(sound ? [{ path: 'data.gain_db', label: 'Loudness', unit: 'dB' }] : []),
    ...(sound || numbers ? [{ path: 'data.noise', label: 'Noise' }] : []),
    ...(records ? [{ path: 'data.crop', label: 'Least part of a record' }] : []),
    ...(records && !numbers ? [{ path: 'data.replace', label: 'Tokens replaced' }] : []),
  ]
}

/** Those that a run has, in words: "Noise", "0.05". */
export function augmentationsOf({ data, objective }: RunConfig, domain: Domain): [label: string, value: string][] {
  const words: { [K in keyof RunConfig['data']]?: string | false } = {
    reverse_complement: data.reverse_complement && 'half of the windows',
    gain_db: !!data.gain_db && `up to ${data.gain_db} dB either way`,
    noise: !!data.noise && String(data.noise),
    crop: data.crop !== undefined && data.crop < 1 && `${+(100 * data.crop).toFixed(1)} %`,
    replace: !!data.replace && `${+(100 * data.replace).toFixed(1)} %`,
  }
  return augmentations(domain, objective).flatMap(({ path, label }): [string, string][] => {
    const said = words[path.slice('data.'.length) as keyof RunConfig['data']]
    return said ? [[label, said]] : []
  })
}

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

/** The same of inputs that are numbers, before a task on them. */
export const valueObjectives = [
  { value: 'next-value', title: 'The next values', detail: 'Of each position from those before it.' },
  { value: 'masked-value', title: 'Hidden values', detail: 'From the rest, from both sides where layers read in both directions.' },
]

/** What the objective is called in the sentence. */
export function objectiveWords(domain: Domain, objective: { kind: string; horizon?: number }): string {
  if (objective.kind === 'forecast') return `the next ${objective.horizon} rows`
  if (objective.kind === 'classify') return 'the class'
  if (objective.kind === 'regress') return 'the number of a record'
  if (objective.kind === 'label-each') return 'the answers'
  if (objective.kind === 'next-value') return 'the next values'
  if (objective.kind === 'masked-value') return 'hidden values'
  const one = { genomics: 'base', audio: 'sample', timeseries: 'row', text: 'character' }[domain]
  if (objective.kind === 'masked') return `hidden ${one}s`
  if (objective.kind === 'infill') return `the next ${one}, in gaps too`
  return { genomics: 'the next base', audio: 'the next sample', timeseries: 'the next row', text: 'the next character' }[domain]
}

/** "1e-3", "3,000", "" → a number, null for an empty optional field, or undefined when it is none or out of range. */
export function parseField({ setting, optional }: Field, text: string): number | null | undefined {
  const clean = text.trim().replaceAll(/[,\s]/g, '').replace('−', '-')
  if (clean === '') return optional ? null : undefined
  const value = Number(clean)
  const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = setting
  if (!Number.isFinite(value) || value < min || value > max || value <= above || value >= below) return undefined
  return setting.kind === 'integer' && !Number.isInteger(value) ? undefined : value
}

/** "from 1 to 4,096", "above 0, at most 10"; nothing for any number. */
export function rangeWords({ setting: { min, max, above, below, kind } }: Field): string {
  const shown = kind === 'integer' ? thousands : scientific
  if (min !== undefined && max !== undefined) return `from ${shown(min)} to ${shown(max)}`
  const low = above !== undefined ? `above ${shown(above)}` : min !== undefined ? `at least ${shown(min)}` : ''
  const high = below !== undefined ? `below ${shown(below)}` : max !== undefined ? `at most ${shown(max)}` : ''
  return [low, high].filter(Boolean).join(', ')
}
