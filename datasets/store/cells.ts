import { CELL_BYTES } from '../codec.ts'
import { StrandError } from '../errors.ts'
import { all, first, type ReadableStore } from './connection.ts'
import type { StoredDataset } from './datasets.ts'
import { unpackBases } from './packedBases.ts'

/** Which of a dataset's streams: its cells, the time stamps (float64 ms) of its rows, the id to answer at each cell (int16, -1 = not scored), or the ids (uint16) of tokens cut at import. */
export const CELLS = 0
export const TIMES = 1
export const TARGETS = 2
export const TOKENS = 3

/** Bytes of a chunk: small enough that a random window reads in tens of microseconds, large enough that a genome has few rows. */
export const CHUNK_BYTES = 16_320
/** Of packed bases a chunk has four times the cells, and as many bytes. */
export const PACKED_CELLS = 4 * CHUNK_BYTES

/** The part of a dataset that says where its cells lie. */
export type CellSpace = Pick<StoredDataset, 'cellsId' | 'name' | 'unit' | 'length' | 'cell' | 'channels' | 'chunkCells' | 'packed'>

/** Bytes one entry of a stream takes. */
export function entryBytes(dataset: Pick<StoredDataset, 'cell' | 'channels'>, stream: number): number {
  if (stream === TIMES) return 8
  return stream === TARGETS ? 2 : CELL_BYTES[dataset.cell] * dataset.channels
}

/**
 * The bytes of cells [start, start + count) of a stream, in a fresh array that starts at byte 0 of its buffer
 * (so a typed array may be laid over it), or in the first bytes of `into` where it is long enough. Reads only the chunks touched.
 */
export function readCells(
  store: ReadableStore,
  dataset: CellSpace,
  start: number,
  count: number,
  stream = CELLS,
  into?: Uint8Array,
): Uint8Array {
  if (count < 0 || start < 0 || start + count > dataset.length)
    throw new StrandError(
      'bad-input',
      `Dataset "${dataset.name}" has ${dataset.length} ${dataset.unit}; ${start} to ${start + count} lies outside.`,
    )
  const size = entryBytes(dataset, stream)
  const out = into && into.length >= count * size ? into.subarray(0, count * size) : new Uint8Array(count * size)
  if (count === 0) return out
  const packed = dataset.packed && stream === CELLS
  const firstChunk = Math.floor(start / dataset.chunkCells)
  const lastChunk = Math.floor((start + count - 1) / dataset.chunkCells)
  // a bounded number of chunks a query, so that a whole-dataset read does not hold everything twice
  for (let from = firstChunk; from <= lastChunk; from += 64) {
    const to = Math.min(lastChunk, from + 63)
    const rows = all<{ seq: number; bytes: Buffer }>(
      store,
      'SELECT seq, bytes FROM chunk WHERE dataset_id = ? AND stream = ? AND seq BETWEEN ? AND ? ORDER BY seq',
      dataset.cellsId,
      stream,
      from,
      to,
    )
    if (rows.length !== to - from + 1) throw lost(dataset)
    for (const { seq, bytes } of rows) {
      const chunkStart = seq * dataset.chunkCells
      const low = Math.max(start, chunkStart)
      const high = Math.min(start + count, chunkStart + dataset.chunkCells)
      if (packed) unpackBases(bytes, low - chunkStart, high - chunkStart, out, low - start)
      else out.set(bytes.subarray((low - chunkStart) * size, (high - chunkStart) * size), (low - start) * size)
    }
  }
  return out
}

/** One chunk of a stream as it is stored (bases packed): the shortest way to a random window. Laid out for a typed array, as `readCells`. */
export function readChunk(store: ReadableStore, dataset: CellSpace, seq: number, stream = CELLS): Uint8Array {
  const sql = 'SELECT bytes FROM chunk WHERE dataset_id = ? AND stream = ? AND seq = ?'
  const row = first<{ bytes: Buffer }>(store, sql, dataset.cellsId, stream, seq)
  if (!row) throw lost(dataset)
  return row.bytes.byteOffset % 4 === 0 ? row.bytes : Uint8Array.from(row.bytes)
}

const lost = ({ cellsId, name }: CellSpace): StrandError =>
  new StrandError('database/damaged', `A part of dataset "${name}" is missing from project.sqlite. Import the file again.`, {
    dataset: cellsId,
  })
