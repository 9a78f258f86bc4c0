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
  /** Part of the repeated group: drawn inside the bracket. */
  inGroup: boolean
}

const TITLES: Record<string, string> = {
  embedding: 'Embedding',
  mamba: 'Mamba',
  mixer: 'Mamba',
  norm: 'RMSNorm',
  rmsnorm: 'RMSNorm',
  head: 'Head',
  linear: 'Linear',
  patch: 'Patches in',
}

function titleOf(name: string, kind: string): string {
  if (/head/.test(name)) return 'Head'
  const known = TITLES[kind.toLowerCase()]
  if (known) return /norm_f|final/.test(name) ? 'Last RMSNorm' : known
  return kind[0].toUpperCase() + kind.slice(1)
}

/** Layers whose names differ only in their number are one row with a repeat count. */
export function stackRows(layers: ModelSummary['layers']): StackRow[] {
  const rows = new Map<string, StackRow>()
  for (const { name, kind, parameters } of layers) {
    const pattern = `${name.replace(/\d+/, '#')} ${kind}`
    const known = rows.get(pattern)
    if (known) known.repeat++
    else
      rows.set(pattern, {
        id: pattern,
        title: titleOf(name, kind),
        kind,
        repeat: 1,
        parameters,
        isHead: /head/.test(name),
        inGroup: /\d/.test(name),
      })
  }
  return [...rows.values()]
}
