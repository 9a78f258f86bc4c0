import type { DatasetSignal, RecordRow } from '../../main/contract/dataset.ts'
import { throwIfCancelled } from '../errors.ts'
import { plural } from '../importing/source.ts'
import { getDataset, getRecord, getStoredDataset, iterateRecords, type ReadableStore } from '../store/store.ts'
import { inspectors, type Looked } from './inspectors.ts'

/** Looked at, so that any dataset takes seconds: so many numbers, of so many records, and so many cells of one record at least. */
const MOST_NUMBERS = 64_000_000
const MOST_RECORDS = 50_000
const LEAST_CELLS = 65_536
/** Others get their turn after so many. */
const TURN = 4_000_000
const BINS = 24
/** Records named for a flag or a bar. */
const EXAMPLES = 50

/** What the cells of a dataset are like: loudness, clipping, silence, unknown bases, holes in time, channels that never change. Bounded work. */
export async function inspectSignal(store: ReadableStore, datasetId: number, signal?: AbortSignal): Promise<DatasetSignal> {
  const dataset = getStoredDataset(store, datasetId)
  const { records: ofRecords } = getDataset(store, datasetId)
  const chosen = iterateRecords(store, datasetId, Math.max(1, Math.ceil(ofRecords / MOST_RECORDS)))
  const most = Math.max(LEAST_CELLS, Math.floor(MOST_NUMBERS / dataset.channels / Math.max(1, chosen.length)))
  const inspector = inspectors[dataset.domain](store, dataset)
  const found = new Map<string, Looked[]>()
  const values: Looked[] = []
  let cells = 0
  let since = 0
  for (const record of chosen) {
    const take = Math.min(record.length, most)
    const one = inspector.look(record, take)
    if (one.value !== null) values.push(one)
    for (const flag of one.flags) {
      const list = found.get(flag)
      if (list) list.push(one)
      else found.set(flag, [one])
    }
    cells += take
    since += take
    if (since < TURN) continue
    since = 0
    await new Promise((resolve) => setImmediate(resolve))
    throwIfCancelled(signal, 'Looking at the data')
  }
  const rows = (list: readonly Looked[]): RecordRow[] =>
    list.slice(0, EXAMPLES).map(({ id }) => {
      const { name, length, split, label, group } = getRecord(store, datasetId, id)
      return { id, name, length, split, label, group }
    })
  return {
    looked: { records: chosen.length, ofRecords, cells, ofCells: dataset.length },
    flags: inspector.flags.flatMap(({ id, title, sentence }) => {
      const list = found.get(id) ?? []
      if (list.length === 0) return []
      return [{ id, title, records: list.length, sentence: sentence(plural(list.length, 'record')), examples: rows(list) }]
    }),
    distribution: { title: inspector.title, unit: inspector.unit, bins: histogram(values, rows) },
    channels: inspector.channels?.() ?? [],
  }
}

function histogram(values: readonly Looked[], rows: (list: readonly Looked[]) => RecordRow[]): DatasetSignal['distribution']['bins'] {
  if (values.length === 0) return []
  let [low, high] = [Infinity, -Infinity]
  for (const { value } of values) {
    low = Math.min(low, value!)
    high = Math.max(high, value!)
  }
  const bins = low === high ? 1 : BINS
  const lists: Looked[][] = Array.from({ length: bins }, () => [])
  for (const one of values) lists[Math.min(bins - 1, Math.floor(((one.value! - low) / (high - low || 1)) * bins))].push(one)
  const edge = (i: number): number => +(low + ((high - low) * i) / bins).toPrecision(6)
  return lists.map((list, i) => ({ from: edge(i), to: edge(i + 1), records: list.length, examples: rows(list) }))
}
