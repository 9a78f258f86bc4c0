import type { z } from 'zod'
import { StrandError } from '../../datasets/errors.ts'
import { mixers } from '../../kernels/mixers/registry.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import { layersAsText, type LayerSpec, type Options, parseLayers } from './layers.ts'
import { mixerSchema, objectiveSchemas, pretrainingObjectives, runConfigSchema, valueObjectives } from './schema.ts'

export type Setting = number | boolean | string | null
type Tree = { [key: string]: Setting | Tree }

/** Throws 'config/invalid' with `message` and the setting it is about. */
export function refuse(setting: string, message: string): never {
  throw new StrandError('config/invalid', message, { setting })
}

/** A document from anywhere → a configuration, or 'config/invalid' naming the setting, its value and what it may be. */
export function checkConfig(document: unknown): RunConfig {
  const config = parse(runConfigSchema, withPretraining(withLayersAsText(document)), '')
  const layers = layersOf(config)
  for (const name of [...layers.map(({ mixer }) => mixer), ...Object.keys(config.model.mixers)]) {
    if (Object.hasOwn(mixers, name)) continue
    refuse('model.layers', `There is no mixer "${name}"; there are ${Object.keys(mixers).join(', ')}.`)
  }
  for (const [name, options] of Object.entries(config.model.mixers)) {
    checkOptions(name, options, `model.mixers.${name}`, config)
  }
  for (const [at, { mixer, own }] of layers.entries()) checkOptions(mixer, own, `model.layers.${at}`, config)
  return config
}

function checkOptions(mixer: string, options: Options, prefix: string, config: RunConfig): void {
  for (const key of Object.keys(options)) if (!mixerOptions(mixer).includes(key)) unknownSetting(`${MIXERS}${mixer}.${key}`, config)
  parse(mixerSchema(mixer), options, prefix)
}

const orRefuse = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    return refuse('model.layers', (error as Error).message)
  }
}

/** The layers, first to last, each with the options of its own. */
export const layersOf = ({ model }: RunConfig): LayerSpec[] => orRefuse(() => parseLayers(model.layers))

/** What is learned before, where it is left out, goes by what the inputs are. */
function withPretraining(document: unknown): unknown {
  const { pretraining, objective } = (document ?? {}) as { pretraining?: Tree; objective?: Tree }
  if (!pretraining || pretraining.objective !== undefined) return document
  const numbers = objective?.kind === 'forecast' || objective?.read === 'values'
  return { ...(document as object), pretraining: { objective: { kind: numbers ? 'next-value' : 'next-token' }, ...pretraining } }
}

/** A list of layers is kept as the text that says the same. */
function withLayersAsText(document: unknown): unknown {
  const model = (document as { model?: { layers?: unknown } } | null)?.model
  if (!Array.isArray(model?.layers)) return document
  return { ...(document as object), model: { ...model, layers: orRefuse(() => layersAsText(model.layers)) } }
}

/**
 * `config` with dotted settings replaced: { 'optimizer.lr': 1e-3 }. Throws 'config/invalid' for a setting that does not exist
 * (naming the nearest one) and for a value outside its range. A list is written with commas: { 'model.sashimi.pool': '4, 4' }, and
 * `null` there or in pretraining.steps takes the part away that a preset has.
 */
export function applySet(config: RunConfig, set: Readonly<Record<string, Setting>>): RunConfig {
  const next = structuredClone(config) as unknown as Tree
  const kind = set['objective.kind']
  // another objective has settings of its own; those that go with it are given beside it or have defaults
  if (kind !== undefined && kind !== config.objective.kind) next.objective = { kind }
  const known = settings(config)
  const before = set['pretraining.objective.kind']
  if (before !== undefined && next.pretraining) (next.pretraining as Tree).objective = { kind: before }
  for (const [path, value] of Object.entries(set)) {
    if (!known.includes(path)) unknownSetting(path, config)
    const keys = path.split('.')
    const parent = keys.slice(0, -1).reduce<Tree>((tree, key) => (tree[key] ??= {}) as Tree, next)
    parent[keys[keys.length - 1]] = path === POOL ? listOf(path, value) : value
  }
  if (set[POOL] === null) delete (next.model as Tree).sashimi
  if (set['pretraining.steps'] === null) delete next.pretraining
  return checkConfig(next)
}

const mixerOptions = (mixer: string): string[] => Object.keys(mixerSchema(mixer).shape)

const mixersIn = (config: RunConfig): string[] => layersOf(config).map(({ mixer }) => mixer)

const MIXERS = 'model.mixers.'
const POOL = 'model.sashimi.pool'

function listOf(path: string, value: Setting): Tree {
  const parts = String(value)
    .split(/[,\s]+/)
    .filter(Boolean)
    .map(Number)
  if (value !== null && (parts.length === 0 || parts.some(Number.isNaN)))
    refuse(path, `"${path}" is ${JSON.stringify(value)}; it must be whole numbers with commas between, such as 4,4.`)
  return parts as unknown as Tree
}

/** Every dotted path that may be set for a configuration of this kind. */
function settings(config: RunConfig): string[] {
  const paths = [
    'data.fold',
    'data.reverse_complement',
    'data.gain_db',
    'data.noise',
    'data.crop',
    'data.replace',
    'data.packing',
    'model.both_strands',
    'model.dropout',
    POOL,
    'model.sashimi.expand',
    'model.sashimi.ff',
    'model.sashimi.unet',
    'data.curriculum_steps',
    'data.curriculum_start',
    'training.accumulate',
    'training.recompute',
    'training.precision',
  ]
  const walk = (tree: Tree, prefix: string): void => {
    for (const [key, value] of Object.entries(tree)) {
      if (typeof value === 'object' && value !== null && key !== 'mixers') walk(value, `${prefix}${key}.`)
      else if (key !== 'version' && key !== 'mixers' && !paths.includes(prefix + key)) paths.push(prefix + key)
    }
  }
  walk(config as unknown as Tree, '')
  for (const objective of objectiveSchemas) paths.push(...Object.keys(objective.shape).map((key) => `objective.${key}`))
  // behind the rest: a misspelt rate is rather the optimiser's
  paths.push('pretraining.steps', 'pretraining.lr', 'pretraining.objective.kind', 'pretraining.objective.rate')
  // those of the mixers in use first: they are what a misspelt option is compared with first
  const names = [...new Set([...mixersIn(config), ...Object.keys(mixers)])]
  const options = names.flatMap((name) => mixerOptions(name).map((key) => `${MIXERS}${name}.${key}`))
  return [...new Set([...paths, ...options])]
}

function unknownSetting(path: string, config: RunConfig): never {
  const known = settings(config)
  const distances = known.map((candidate) => ({ candidate, edits: editDistance(path, candidate) })).sort((a, b) => a.edits - b.edits)
  const sameLeaf = known.find((candidate) => candidate.split('.').at(-1) === path.split('.').at(-1))
  const hint = sameLeaf ?? (distances[0].edits <= 4 ? distances[0].candidate : undefined)
  const shown = known.filter((one) => !one.startsWith(MIXERS) || mixersIn(config).includes(one.split('.')[2]))
  refuse(path, `There is no setting "${path}"${hint ? `; did you mean "${hint}"?` : `. There are: ${shown.join(', ')}.`}`)
}

function parse<T>(schema: z.ZodType<T>, value: unknown, prefix: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = [...(prefix ? [prefix] : []), ...issue.path.map(String)].join('.')
  const found = issue.path.reduce<unknown>((tree, key) => (tree as Record<PropertyKey, unknown> | undefined)?.[key], value)
  if (issue.code === 'unrecognized_keys') refuse(path, `There is no setting "${[path, issue.keys[0]].filter(Boolean).join('.')}".`)
  const wanted = issue.code === 'invalid_union' ? `must be ${kindsOf(path).join(', ')}` : expectation(issue)
  if (found === undefined) refuse(path, `The setting "${path}" is missing; it ${wanted}.`)
  return refuse(path, `"${path}" is ${JSON.stringify(found)}; it ${wanted}.`)
}

/** What may stand at `path` where the kind of an objective is chosen. */
const kindsOf = (path: string): string[] =>
  (path.startsWith('pretraining.') ? [...pretrainingObjectives, ...valueObjectives] : objectiveSchemas).map(({ shape }) => shape.kind.value)

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}`
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_type':
      if (issue.expected === 'array') return 'must be whole numbers with commas between, such as 4,4'
      return `must be ${issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`}`
    default:
      return `does not fit: ${issue.message}`
  }
}

/** Levenshtein 1966. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]
}
