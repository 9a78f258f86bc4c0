import type { ModelSummary } from '../../../main/contract/run.ts'

export interface StackRow {
  id: string
  title: string
  kind: string
  /** How often it stands in the stack. */
  repeat: number
  /** Of one of them. */
  parameters: number
  /** The last one, which writes tokens or values out. */
  isHead: boolean
  /** One of the layers. */
  inGroup: boolean
  /** Options that it alone has. */
  own: Readonly<Record<string, number | boolean | string>>
}

const TITLES: Record<string, string> = {
  embedding: 'Embedding',
  rmsnorm: 'RMSNorm',
  layernorm: 'LayerNorm',
  head: 'Head',
  linear: 'Linear',
}

function titleOf(name: string, kind: string, mixers: Readonly<Record<string, string>>): string {
  if (/head/.test(name)) return 'Head'
  const known = mixers[kind] ?? TITLES[kind.toLowerCase()] ?? kind[0].toUpperCase() + kind.slice(1)
  return /norm_f/.test(name) ? `Last ${known}` : known
}

/** "n_heads 4, window 64" */
export const ownWords = (own: StackRow['own']): string =>
  Object.entries(own)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')

/** First to last; layers of one kind that follow each other are one row with a repeat count. `mixers` gives their titles. */
export function stackRows(layers: ModelSummary['layers'], mixers: Readonly<Record<string, string>> = {}): StackRow[] {
  const rows: StackRow[] = []
  for (const { name, kind, parameters, own = {} } of layers) {
    const last = rows.at(-1)
    const isLayer = /\d/.test(name)
    if (last && isLayer && last.inGroup && last.kind === kind && last.parameters === parameters && ownWords(last.own) === ownWords(own))
      last.repeat++
    else
      rows.push({
        id: `${rows.length} ${kind}`,
        title: titleOf(name, kind, mixers),
        kind,
        repeat: 1,
        parameters,
        isHead: /head/.test(name),
        inGroup: isLayer,
        own,
      })
  }
  return rows
}
