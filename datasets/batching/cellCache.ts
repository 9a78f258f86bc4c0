import { CELLS, entryBytes, readChunk, type ReadableStore, type StoredDataset } from '../store/store.ts'

/** Splits up to this size are held whole; a random window is then a copy of some hundred bytes. */
export const HOLD_BYTES = 256 * 1_048_576
/** Above it, the chunks used last, as they are stored. */
const CACHE_BYTES = 128 * 1_048_576

/** Stored cells → numbers a model reads, into `into` from index `at`. */
export type DecodeCells<T> = (bytes: Uint8Array, into: T, at: number) => void

/**
 * Reads stretches of a dataset's cells through the chunks used last. Only what is asked for is decoded: in a large dataset
 * a random window meets its chunk once. The least recently used chunk goes first (a Map keeps the order of insertion).
 */
export class CellCache<T> {
  private readonly store: ReadableStore
  private readonly dataset: StoredDataset
  private readonly decode: DecodeCells<T>
  private readonly chunks = new Map<number, Uint8Array>()
  private readonly cellBytes: number
  private readonly most: number
  private readonly stream: number

  constructor(store: ReadableStore, dataset: StoredDataset, decode: DecodeCells<T>, stream = CELLS) {
    this.store = store
    this.dataset = dataset
    this.decode = decode
    this.stream = stream
    this.cellBytes = entryBytes(dataset, stream)
    this.most = Math.max(4, Math.floor(CACHE_BYTES / (dataset.chunkCells * this.cellBytes)))
  }

  /** Cells [start, start + count) of the dataset into `into`, from number `at` on. */
  read(start: number, count: number, into: T, at = 0): void {
    const { chunkCells, channels } = this.dataset
    for (let from = start; from < start + count;) {
      const seq = Math.floor(from / chunkCells)
      const stop = Math.min(start + count, (seq + 1) * chunkCells)
      const offset = (from - seq * chunkCells) * this.cellBytes
      this.decode(this.chunk(seq).subarray(offset, offset + (stop - from) * this.cellBytes), into, at + (from - start) * channels)
      from = stop
    }
  }

  private chunk(seq: number): Uint8Array {
    let chunk = this.chunks.get(seq)
    if (chunk) this.chunks.delete(seq)
    else {
      chunk = readChunk(this.store, this.dataset, seq, this.stream)
      if (this.chunks.size >= this.most) this.chunks.delete(this.chunks.keys().next().value!)
    }
    this.chunks.set(seq, chunk)
    return chunk
  }
}
