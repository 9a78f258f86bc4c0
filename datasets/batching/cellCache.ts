import { CELLS, CHUNK_BYTES, entryBytes, readChunk, TOKENS, type ReadableStore, type StoredDataset } from '../store/store.ts'

/** Splits up to this size are held whole; a random window is then a copy of some hundred bytes. */
export const HOLD_BYTES = 256 * 1_048_576
/** Above it, the chunks used last, as they are stored. */
const CACHE_BYTES = 128 * 1_048_576

/** Stored entries → numbers a model reads, into `into` from index `at`. */
export type DecodeCells<T> = (bytes: Uint8Array, into: T, at: number) => void

/** A stream of a dataset as entries of one width. */
interface Space {
  stream: number
  entryBytes: number
  /** Entries of a chunk. */
  chunk: number
  /** Numbers of an entry. */
  numbers: number
}

/** Tokens cut at import (uint16) have chunks of their own; every other stream has an entry for each cell. */
function spaceOf(dataset: StoredDataset, stream: number): Space {
  if (stream === TOKENS) return { stream, entryBytes: 2, chunk: CHUNK_BYTES / 2, numbers: 1 }
  return { stream, entryBytes: entryBytes(dataset, stream), chunk: dataset.chunkCells, numbers: stream === CELLS ? dataset.channels : 1 }
}

/**
 * Reads stretches of a dataset's cells (or tokens) through the chunks used last. Only what is asked for is decoded: in a large dataset
 * a random window meets its chunk once. The least recently used chunk goes first (a Map keeps the order of insertion).
 */
export class CellCache<T> {
  private readonly store: ReadableStore
  private readonly dataset: StoredDataset
  private readonly decode: DecodeCells<T>
  private readonly space: Space
  private readonly chunks = new Map<number, Uint8Array>()
  private readonly most: number

  constructor(store: ReadableStore, dataset: StoredDataset, decode: DecodeCells<T>, stream = CELLS) {
    this.store = store
    this.dataset = dataset
    this.decode = decode
    this.space = spaceOf(dataset, stream)
    this.most = Math.max(4, Math.floor(CACHE_BYTES / (this.space.chunk * this.space.entryBytes)))
  }

  /** Entries [start, start + count) of the stream into `into`, from number `at` on. */
  read(start: number, count: number, into: T, at = 0): void {
    const { chunk, entryBytes, numbers } = this.space
    for (let from = start; from < start + count;) {
      const seq = Math.floor(from / chunk)
      const stop = Math.min(start + count, (seq + 1) * chunk)
      const offset = (from - seq * chunk) * entryBytes
      this.decode(this.chunk(seq).subarray(offset, offset + (stop - from) * entryBytes), into, at + (from - start) * numbers)
      from = stop
    }
  }

  private chunk(seq: number): Uint8Array {
    let chunk = this.chunks.get(seq)
    if (chunk) this.chunks.delete(seq)
    else {
      chunk = readChunk(this.store, this.dataset, seq, this.space.stream)
      if (this.chunks.size >= this.most) this.chunks.delete(this.chunks.keys().next().value!)
    }
    this.chunks.set(seq, chunk)
    return chunk
  }
}
