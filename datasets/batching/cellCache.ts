import { CELLS, CHUNK_BYTES, entryBytes, readChunk, TOKENS, unpackBases, type ReadableStore, type StoredDataset } from '../store/store.ts'

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
  /** The entries are bases, four in a byte. */
  packed: boolean
}

/** Tokens cut at import (uint16) have chunks of their own; every other stream has an entry for each cell. */
function spaceOf(dataset: StoredDataset, stream: number): Space {
  if (stream === TOKENS) return { stream, entryBytes: 2, chunk: CHUNK_BYTES / 2, numbers: 1, packed: false }
  const numbers = stream === CELLS ? dataset.channels : 1
  const packed = stream === CELLS && dataset.packed
  return { stream, entryBytes: entryBytes(dataset, stream), chunk: dataset.chunkCells, numbers, packed }
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
  private unpacked = new Uint8Array(0)

  constructor(store: ReadableStore, dataset: StoredDataset, decode: DecodeCells<T>, stream = CELLS) {
    this.store = store
    this.dataset = dataset
    this.decode = decode
    this.space = spaceOf(dataset, stream)
    const { chunk, entryBytes, packed } = this.space
    this.most = Math.max(4, Math.floor(CACHE_BYTES / ((chunk * entryBytes) / (packed ? 4 : 1))))
  }

  /** Entries [start, start + count) of the stream into `into`, from number `at` on. */
  read(start: number, count: number, into: T, at = 0): void {
    const { chunk, numbers } = this.space
    for (let from = start; from < start + count;) {
      const seq = Math.floor(from / chunk)
      const stop = Math.min(start + count, (seq + 1) * chunk)
      this.decode(this.entries(this.chunk(seq), from - seq * chunk, stop - seq * chunk), into, at + (from - start) * numbers)
      from = stop
    }
  }

  /** Entries [from, to) of a chunk; valid until the next. */
  private entries(chunk: Uint8Array, from: number, to: number): Uint8Array {
    const { entryBytes, packed } = this.space
    if (!packed) return chunk.subarray(from * entryBytes, to * entryBytes)
    if (this.unpacked.length < to - from) this.unpacked = new Uint8Array(to - from)
    unpackBases(chunk, from, to, this.unpacked)
    return this.unpacked.subarray(0, to - from)
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
