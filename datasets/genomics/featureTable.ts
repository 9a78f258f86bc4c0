/** One stretch of a feature, 1-based with both ends, as the flat file formats write it. */
export interface Stretch {
  from: number
  to: number
  /** On the other strand. */
  reverse: boolean
}

export interface Feature {
  type: string
  /** In reading order; empty where it lies on another sequence. */
  stretches: Stretch[]
  /** /gene, /locus_tag, /label or /product, the first of these that is given. */
  name: string | null
}

const NAMED = ['gene', 'locus_tag', 'label', 'product']

/**
 * The feature table of a GenBank or EMBL record, fed its lines without the first five columns (INSDC feature table definition, section 3.4: the key
 * in columns 6–20, location and qualifiers from 22 on).
 */
export class FeatureTable {
  private readonly types: ReadonlySet<string> | null
  private found: { type: string; location: string; names: Map<string, string>; open: boolean }[] = []

  /** `types`: those to keep; null for all but `source`, which is the whole sequence. */
  constructor(types: readonly string[] | null) {
    this.types = types && types.length > 0 ? new Set(types) : null
  }

  line(text: string): void {
    const key = text.slice(0, 16).trim()
    const rest = text.slice(16).trim()
    if (key !== '') {
      this.found.push({ type: key, location: rest, names: new Map(), open: true })
      return
    }
    const feature = this.found.at(-1)
    if (!feature) return
    const qualifier = /^\/(\w+)(?:="?([^"]*)"?)?/.exec(rest)
    if (qualifier) {
      feature.open = false
      if (NAMED.includes(qualifier[1]) && !feature.names.has(qualifier[1])) feature.names.set(qualifier[1], qualifier[2] ?? '')
    } else if (feature.open) feature.location += rest
  }

  /** The features since the last call, wanted ones only. */
  take(): Feature[] {
    const features = this.found
      .filter(({ type }) => (this.types ? this.types.has(type) : type !== 'source'))
      .map(({ type, location, names }) => ({
        type,
        stretches: parseLocation(location),
        name: NAMED.map((name) => names.get(name)).find((value) => value !== undefined && value !== '') ?? null,
      }))
    this.found = []
    return features
  }
}

/**
 * A location descriptor (section 3.4.2): join, order and complement of spans; `<` and `>` are taken as the end they stand at. A place between two
 * bases, and a span of another entry, gives nothing.
 */
export function parseLocation(text: string): Stretch[] {
  const location = text.replace(/\s+/g, '')
  const inner = /^(complement|join|order)\((.*)\)$/.exec(location)
  if (inner) {
    const parts = splitParts(inner[2]).map(parseLocation)
    if (parts.some((part) => part.length === 0)) return []
    const stretches = parts.flat()
    if (inner[1] !== 'complement') return stretches
    return stretches.reverse().map(({ from, to, reverse }) => ({ from, to, reverse: !reverse }))
  }
  const span = /^[<>]?(\d+)(?:\.\.[<>]?(\d+))?$/.exec(location)
  if (!span) return []
  const from = Number(span[1])
  const to = Number(span[2] ?? span[1])
  return from >= 1 && to >= from ? [{ from, to, reverse: false }] : []
}

/** At the commas outside of brackets. */
function splitParts(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const letter of text) {
    if (letter === '(') depth++
    if (letter === ')') depth--
    if (letter === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts
}
