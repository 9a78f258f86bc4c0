import type { Split } from '../../main/contract/dataset.ts'
import { all, first } from '../store/connection.ts'
import { CELLS, entryBytes, readCells, type ReadableStore, type StoredDataset } from '../store/store.ts'

/** Records at most this long are compared whole; longer ones, and records cut between splits, window by window. */
const LONGEST_WHOLE = 65_536
/** Bytes read at once, and records. */
const BLOCK = 1_048_576
const PAGE = 20_000
const SPLITS: readonly Split[] = ['train', 'validation', 'test']

interface Row {
  id: number
  position: number
  first: number
  length: number
  label: number | null
  fold: number | null
  split: Split | 'mixed'
  cutSplit: Split | null
  start: number | null
  stop: number | null
}

/**
 * What is compared: whole records, or windows of long ones, in the order of their cells. Columns of numbers and no objects, since a dataset may have
 * millions of records.
 */
export class Units {
  recordId: Float64Array
  /** First cell in the dataset; cells. */
  start: Float64Array
  length: Int32Array
  /** With folds the fold, else 0 train, 1 validation, 2 test. */
  side: Int32Array
  /** First cell within the record, and the label: null as long as all are 0, or there is none. */
  private position: Float64Array | null = null
  private label: Float64Array | null = null
  /** 1 for a whole record. */
  whole: Uint8Array
  readonly folds: boolean
  count = 0
  /** No unit is a window of a record. */
  allWhole = true
  /** Share of the cells that the units make up. */
  looked = 1

  constructor(folds: boolean, capacity: number) {
    this.folds = folds
    this.recordId = new Float64Array(capacity)
    this.start = new Float64Array(capacity)
    this.length = new Int32Array(capacity)
    this.side = new Int32Array(capacity)
    this.whole = new Uint8Array(capacity)
  }

  trains(i: number): boolean {
    return this.folds || this.side[i] === 0
  }

  isHeldOut(i: number): boolean {
    return this.folds || this.side[i] !== 0
  }

  /** Whether unit `other` trains a model that is judged on unit i. */
  isTrainingOf(i: number, other: number): boolean {
    return this.folds ? this.side[other] !== this.side[i] : this.side[other] === 0
  }

  /** First cell within the record, from 0. */
  positionOf(i: number): number {
    return this.position?.[i] ?? 0
  }

  /** NaN without. */
  labelOf(i: number): number {
    return this.label?.[i] ?? NaN
  }

  splitOf(i: number): Split {
    return this.folds ? 'test' : SPLITS[this.side[i]]
  }

  add(row: Row, side: number, start: number, length: number, whole: boolean): void {
    const i = this.count++
    if (i === this.start.length) this.grow()
    this.recordId[i] = row.id
    if (start > 0) (this.position ??= new Float64Array(this.start.length))[i] = start
    this.start[i] = row.first + start
    this.length[i] = length
    this.side[i] = side
    if (row.label !== null) (this.label ??= new Float64Array(this.start.length).fill(NaN))[i] = row.label
    this.whole[i] = whole ? 1 : 0
    this.allWhole &&= whole
  }

  private grow(): void {
    const size = 2 * this.start.length
    const larger = <T extends { set(from: T): void }>(from: T, into: T): T => {
      into.set(from)
      return into
    }
    this.recordId = larger(this.recordId, new Float64Array(size))
    if (this.position) this.position = larger(this.position, new Float64Array(size))
    this.start = larger(this.start, new Float64Array(size))
    this.length = larger(this.length, new Int32Array(size))
    this.side = larger(this.side, new Int32Array(size))
    if (this.label) this.label = larger(this.label, new Float64Array(size).fill(NaN))
    this.whole = larger(this.whole, new Uint8Array(size))
  }
}

/** The units of a dataset; of one with more than `most` cells evenly spaced ones. */
export function listUnits(store: ReadableStore, dataset: StoredDataset, { window, most }: { window: number; most: number }): Units {
  const records = first<{ n: number }>(store, 'SELECT count(*) AS n FROM record WHERE dataset_id = ?', dataset.id)!.n
  const units = new Units(dataset.folds > 0, Math.max(64, records))
  const every = Math.max(1, dataset.length / most)
  let seen = 0
  let taken = 0
  const offer = (row: Row, side: number, start: number, length: number, whole: boolean): void => {
    seen += length
    // the next one is taken when `every` times its cells have gone by
    if (seen < every * (taken + length) - 0.5) return
    taken += length
    units.add(row, side, start, length, whole)
  }
  for (const row of rowsOf(store, dataset.id)) {
    const side = units.folds ? (row.fold ?? -1) : SPLITS.indexOf(row.cutSplit ?? (row.split as Split))
    const from = row.start ?? 0
    const to = row.stop ?? row.length
    if (side < 0 || to <= from) continue
    if (row.cutSplit === null && row.length <= LONGEST_WHOLE) offer(row, side, 0, row.length, true)
    else for (let at = from; at < to; at += window) offer(row, side, at, Math.min(window, to - at), false)
  }
  units.looked = seen === 0 ? 1 : taken / seen
  return units
}

/** Records with their cuts, page by page. */
function* rowsOf(store: ReadableStore, datasetId: number): Generator<Row> {
  for (let from = 0; ; from += PAGE) {
    const rows = all<Row>(
      store,
      `SELECT id, position, record.start AS first, length, label, fold, record.split, split_cut.split AS cutSplit, split_cut.start, split_cut.stop
       FROM record LEFT JOIN split_cut ON record_id = id WHERE dataset_id = ? AND position >= ? AND position < ? ORDER BY position, split_cut.start`,
      datasetId,
      from,
      from + PAGE,
    )
    if (rows.length === 0) return
    yield* rows
  }
}

/** The bytes of each wanted unit, in order; neighbours come from one read. */
export function* readUnits(
  store: ReadableStore,
  dataset: StoredDataset,
  units: Units,
  wanted: (i: number) => boolean,
): Generator<{ i: number; bytes: Uint8Array }> {
  let from = 0
  let to = 0
  let block: Uint8Array = new Uint8Array(0)
  let reused: Uint8Array = block
  const ahead = Math.floor(BLOCK / entryBytes(dataset, CELLS))
  let size = 1
  for (let i = 0; i < units.count; i++) {
    if (!wanted(i)) continue
    const [start, stop] = [units.start[i], units.start[i] + units.length[i]]
    if (start < from || stop > to) {
      from = start
      // spaced stretches have no neighbours to read along
      to = units.looked < 1 ? stop : Math.min(dataset.length, Math.max(stop, from + ahead))
      // the same memory again: units are handed out as copies
      block = readCells(store, dataset, from, to - from, CELLS, reused)
      if (block.length > reused.length) reused = block
      size = block.length / Math.max(1, to - from)
    }
    // a copy, so that a typed array may be laid over it
    yield { i, bytes: block.slice((start - from) * size, (stop - from) * size) }
  }
}
