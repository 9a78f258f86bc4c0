import type { DatasetQuality, RecordQuery } from '../../../main/contract/dataset.ts'
import { thousands } from '../../format/numbers.ts'
import type { RecordBar } from './RecordBars.vue'

/** The records a bar stands for. */
export interface Ask {
  title: string
  query: Omit<RecordQuery, 'id' | 'offset' | 'limit'>
}

export interface QualityBars {
  labels: RecordBar[]
  lengths: RecordBar[]
  groups: RecordBar[]
  /** By the key of the bar. */
  asks: Map<string, Ask>
}

const span = ({ from, to }: { from: number; to: number }): string => {
  const text = (n: number): string => (Number.isInteger(n) ? thousands(n) : n.toPrecision(3))
  return from === to ? text(from) : `${text(from)} to ${text(to)}`
}

/** Labels, lengths and groups as bars, and what each asks for when it is chosen. */
export function qualityBars({ classes, values, unlabelled, lengths, groups }: DatasetQuality, unit: string): QualityBars {
  const asks = new Map<string, Ask>()
  const bar = (key: string, name: string, records: number, query: Ask['query'], title = name): RecordBar => {
    asks.set(key, { title, query })
    return { key, name, records }
  }
  return {
    labels: [
      ...classes.map((one) => ({
        ...bar(`label ${one.label}`, one.name, one.records, { label: one.label }),
        parts: (['train', 'validation', 'test', 'mixed'] as const).map((split) => ({ split, records: one[split] })),
      })),
      ...values.map(({ from, to, records }) => bar(`value ${from}`, span({ from, to }), records, { value: { from, to } })),
      ...(unlabelled > 0 && classes.length + values.length > 0 ? [bar('label none', 'Without a label', unlabelled, { label: null })] : []),
    ],
    lengths: lengths.map(({ from, to, records }, i) => {
      const length = { from, to: i === lengths.length - 1 ? to : to - 1 }
      return bar(`length ${from}`, span({ from, to }), records, { length }, `${span({ from, to })} ${unit}`)
    }),
    groups: groups.map(({ name, records }) => bar(`group ${name}`, name, records, { group: name })),
    asks,
  }
}
