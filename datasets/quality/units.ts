import type { Split } from '../../main/contract/dataset.ts'
import { all } from '../store/connection.ts'
import { CELLS, entryBytes, readCells, type ReadableStore, type RecordList, type SplitPlan, type StoredDataset } from '../store/store.ts'

/** Records at most this long are compared whole; longer ones, and records cut between splits, window by window. */
const LONGEST_WHOLE = 65_536
/** Bytes read at once, and records. */
const BLOCK = 1_048_576
const PAGE = 20_000
/** Bytes from one wanted unit to the next up to which all between are read along: four chunks. */
const WORTH_READING = 65_536
const SPLITS: readonly Split[] = ['train', 'validation', 'test']

/** A record, or a stretch of one that is cut between splits. */
export interface UnitRow {
  /** Place of the record in the dataset, from 0. */
  position: number
  /** First cell of the record in the dataset; its cells. */
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
  /** The record's place in the dataset, from 0. */
  record: Int32Array
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
  /** Of all units. */
  cells = 0
  /** No unit is a window of a record. */
  allWhole = true
  /** Share of the cells that the units make up. */
  looked = 1

  constructor(folds: boolean, capacity: number) {
    this.folds = folds
    this.record = new Int32Array(capacity)
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

  add(row: UnitRow, side: number, start: number, length: number, whole: boolean): void {
    const i = this.count++
    if (i === this.start.length) this.grow()
    this.record[i] = row.position
    if (start > 0) (this.position ??= new Float64Array(this.start.length))[i] = start
    this.start[i] = row.first + start
    this.length[i] = length
    this.side[i] = side
    if (row.label !== null) (this.label ??= new Float64Array(this.start.length).fill(NaN))[i] = row.label
    this.cells += length
    this.whole[i] = whole ? 1 : 0
    this.allWhole &&= whole
  }

  private grow(): void {
    const size = 2 * this.start.length
    const larger = <T extends { set(from: T): void }>(from: T, into: T): T => {
      into.set(from)
      return into
    }
    this.record = larger(this.record, new Int32Array(size))
    if (this.position) this.position = larger(this.position, new Float64Array(size))
    this.start = larger(this.start, new Float64Array(size))
    this.length = larger(this.length, new Int32Array(size))
    this.side = larger(this.side, new Int32Array(size))
    if (this.label) this.label = larger(this.label, new Float64Array(size).fill(NaN))
    this.whole = larger(this.whole, new Uint8Array(size))
  }
}

/** The units of a dataset of `records` records; where these have more than `most` cells, evenly spaced ones. */
export function listUnits(
  rows: Iterable<UnitRow>,
  dataset: Pick<StoredDataset, 'length' | 'folds'>,
  { window, most, records }: { window: number; most: number; records: number },
): Units {
  const units = new Units(dataset.folds > 0, Math.max(64, records))
  const every = Math.max(1, dataset.length / most)
  let seen = 0
  let taken = 0
  const offer = (row: UnitRow, side: number, start: number, length: number, whole: boolean): void => {
    seen += length
    // the next one is taken when `every` times its cells have gone by
    if (seen < every * (taken + length) - 0.5) return
    taken += length
    units.add(row, side, start, length, whole)
  }
  for (const row of rows) {
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

/** Records with their cuts as they are stored, page by page. */
export function* storedRows(store: ReadableStore, datasetId: number): Generator<UnitRow> {
  for (let from = 0; ; from += PAGE) {
    const rows = all<UnitRow>(
      store,
      `SELECT position, record.start AS first, length, label, fold, record.split, split_cut.split AS cutSplit, split_cut.start, split_cut.stop
       FROM record LEFT JOIN split_cut ON record_id = id WHERE dataset_id = ? AND position >= ? AND position < ? ORDER BY position, split_cut.start`,
      datasetId,
      from,
      from + PAGE,
    )
    if (rows.length === 0) return
    yield* rows
  }
}

/** The same of an import that holds them still. */
export function* plannedRows(records: RecordList, plan: SplitPlan): Generator<UnitRow> {
  for (let position = 0; position < records.length; position++) {
    const { start: first, length, label } = records.at(position)!
    const part = plan.records[position]
    const row = { position, first, length, label, fold: plan.folds?.of[position] ?? null }
    if (typeof part === 'string') yield { ...row, split: part, cutSplit: null, start: null, stop: null }
    else for (const { split, start, stop } of part) yield { ...row, split: 'mixed', cutSplit: split, start, stop }
  }
}

/** The bytes of each unit, in order; they are valid until the next. Neighbours come from one read. */
export function* readUnits(store: ReadableStore, dataset: StoredDataset, units: Units): Generator<{ i: number; bytes: Uint8Array }> {
  const size = entryBytes(dataset, CELLS)
  const ahead = Math.floor(BLOCK / size)
  // between spaced units lies what nobody asks for: little enough, and reading along is faster than a query for each
  const along = units.count === 0 || (units.length[0] * size) / units.looked < WORTH_READING
  let from = 0
  let to = 0
  let block: Uint8Array = new Uint8Array(0)
  let reused: Uint8Array = block
  for (let i = 0; i < units.count; i++) {
    const [start, stop] = [units.start[i], units.start[i] + units.length[i]]
    if (start < from || stop > to) {
      from = start
      to = along ? Math.min(dataset.length, Math.max(stop, from + ahead)) : stop
      // the same memory again; a unit begins at a whole cell, so a typed array may be laid over it
      block = readCells(store, dataset, from, to - from, CELLS, reused)
      if (block.length > reused.length) reused = block
    }
    yield { i, bytes: block.subarray((start - from) * size, (stop - from) * size) }
  }
}
