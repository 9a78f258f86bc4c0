import { readCells, type ReadableStore, type StoredDataset } from '../store/store.ts'

/** Splits up to this size are held whole; a random window is then a copy of some hundred bytes. */
export const HOLD_BYTES = 256 * 1_048_576
/** Above it, the decoded chunks used last. */
const CACHE_BYTES = 128 * 1_048_576

export type Decoded = Uint8Array | Float32Array

/**
 * Decoded cells of a dataset, chunk by chunk: for datasets too large to hold. `width` numbers a cell.
 * The least recently used chunk goes first (a Map keeps the order of insertion).
 */
export class CellCache<T extends Decoded> {
  private readonly store: ReadableStore
  private readonly dataset: StoredDataset
  private readonly width: number
  private readonly decode: (bytes: Uint8Array) => T
  private readonly chunks = new Map<number, T>()
  private readonly most: number

  constructor(store: ReadableStore, dataset: StoredDataset, width: number, decode: (bytes: Uint8Array) => T, bytesPerNumber: number) {
    this.store = store
    this.dataset = dataset
    this.width = width
    this.decode = decode
    this.most = Math.max(4, Math.floor(CACHE_BYTES / (dataset.chunkCells * width * bytesPerNumber)))
  }

  /** Cells [start, start + count) of the dataset into `into` from its start. */
  read(start: number, count: number, into: T): void {
    const { chunkCells } = this.dataset
    for (let at = start; at < start + count;) {
      const seq = Math.floor(at / chunkCells)
      const stop = Math.min(start + count, (seq + 1) * chunkCells)
      const offset = (at - seq * chunkCells) * this.width
      into.set(this.chunk(seq).subarray(offset, offset + (stop - at) * this.width), (at - start) * this.width)
      at = stop
    }
  }

  private chunk(seq: number): T {
    let chunk = this.chunks.get(seq)
    if (chunk) this.chunks.delete(seq)
    else {
      const start = seq * this.dataset.chunkCells
      chunk = this.decode(readCells(this.store, this.dataset, start, Math.min(this.dataset.chunkCells, this.dataset.length - start)))
      if (this.chunks.size >= this.most) this.chunks.delete(this.chunks.keys().next().value!)
    }
    this.chunks.set(seq, chunk)
    return chunk
  }
}
