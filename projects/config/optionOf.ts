import type { MixerOption } from '../../main/contract/run.ts'

/** A value as JSON Schema writes it. */
export interface Property {
  type?: string
  title?: string
  const?: unknown
  enum?: string[]
  anyOf?: Property[]
  oneOf?: Property[]
  items?: Property
  properties?: Record<string, Property>
  description?: string
  default?: unknown
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

/** Whole numbers without a range of their own are bounded by what a double counts exactly. */
export const bounded = (value: number | undefined): value is number => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER

/** A source on arXiv in brackets, "(Zhang & Sennrich 2019, arXiv:1910.07467)". */
const SOURCE = /\s*\(([^()]*\d{4}), arXiv:(\d{4}\.\d{4,5})(?:, §[\d.]+)?\)/

/** One setting as a form wants it: what it may be, its default, help, and the source of it as a link. */
export function optionOf(key: string, written: Property): MixerOption {
  const empty = written.anyOf?.some(({ type }) => type === 'null')
  const property = { ...(empty ? written.anyOf!.find(({ type }) => type !== 'null') : written) }
  const { enum: choices, type } = property
  const value = (written.default ?? null) as MixerOption['default']
  const help = written.description ?? ''
  const [whole, text, number] = SOURCE.exec(help) ?? []
  const bounds = { min: property.minimum, max: property.maximum, above: property.exclusiveMinimum, below: property.exclusiveMaximum }
  return {
    key,
    help: whole ? help.replace(whole, '') : help,
    kind: choices ? 'choice' : type === 'integer' || type === 'number' || type === 'boolean' ? type : 'text',
    default: value,
    ...Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bounded(bound))),
    ...(choices ? { choices } : {}),
    ...(empty ? { empty } : {}),
    ...(whole ? { cite: { text, url: `https://arxiv.org/abs/${number}` } } : {}),
  }
}
