import { hash } from 'node:crypto'
import { first, run, transaction, type WritableStore } from './connection.ts'

/** Bytes held before they are written in one short transaction. */
const FLUSH_BYTES = 4 * 1_048_576
const DIGEST = 32

/** Cuts a stream of bytes into the chunks of a dataset and writes them, some megabytes a transaction. */
export class ChunkStream {
  private readonly store: WritableStore
  private readonly datasetId: number
  private readonly stream: number
  private readonly chunkBytes: number
  private pending: Buffer[] = []
  private pendingBytes = 0
  private written = 0
  private open: Buffer
  private filled = 0
  /** SHA-256 of each chunk written, one behind the other: a genome has a fifth of a million. */
  private digests = Buffer.alloc(DIGEST * 1024)
  /** Buffers of chunks that are written, to be filled again: what the collector frees late is memory all the same. */
  private free: Buffer[] = []

  constructor(store: WritableStore, datasetId: number, stream: number, chunkBytes: number) {
    this.store = store
    this.datasetId = datasetId
    this.stream = stream
    this.chunkBytes = chunkBytes
    this.open = Buffer.allocUnsafe(chunkBytes)
  }

  get bytes(): number {
    return (this.written + this.pending.length) * this.chunkBytes + this.filled
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const take = Math.min(bytes.length - at, this.chunkBytes - this.filled)
      this.open.set(take === bytes.length ? bytes : bytes.subarray(at, at + take), this.filled)
      this.filled += take
      at += take
      if (this.filled === this.chunkBytes) this.closeChunk()
    }
  }

  private closeChunk(): void {
    this.pending.push(this.filled === this.chunkBytes ? this.open : this.open.subarray(0, this.filled))
    this.pendingBytes += this.filled
    if (this.pendingBytes >= FLUSH_BYTES) this.flush()
    this.open = this.free.pop() ?? Buffer.allocUnsafe(this.chunkBytes)
    this.filled = 0
  }

  private flush(): void {
    transaction(this.store, () => {
      for (const bytes of this.pending) {
        this.keepDigest(bytes)
        run(
          this.store,
          'INSERT INTO chunk (dataset_id, stream, seq, bytes) VALUES (?, ?, ?, ?)',
          this.datasetId,
          this.stream,
          this.written++,
          bytes,
        )
      }
    })
    this.free.push(...this.pending)
    this.pending = []
    this.pendingBytes = 0
  }

  private keepDigest(bytes: Buffer): void {
    const at = DIGEST * this.written
    if (at === this.digests.length) this.digests = Buffer.concat([this.digests], 2 * at)
    hash('sha256', bytes, 'buffer').copy(this.digests, at)
  }

  /** Forgets everything from byte `length` on: a record turned out to be bad after part of it was stored. */
  truncate(length: number): void {
    const wholeBefore = Math.floor(length / this.chunkBytes)
    const rest = length - wholeBefore * this.chunkBytes
    const openIndex = this.written + this.pending.length
    if (wholeBefore === openIndex) {
      this.filled = rest
      return
    }
    let reopened: Uint8Array
    if (wholeBefore >= this.written) {
      reopened = this.pending[wholeBefore - this.written]
      this.pending.length = wholeBefore - this.written
    } else {
      reopened = first<{ bytes: Buffer }>(
        this.store,
        'SELECT bytes FROM chunk WHERE dataset_id = ? AND stream = ? AND seq = ?',
        this.datasetId,
        this.stream,
        wholeBefore,
      )!.bytes
      run(this.store, 'DELETE FROM chunk WHERE dataset_id = ? AND stream = ? AND seq >= ?', this.datasetId, this.stream, wholeBefore)
      this.pending = []
      this.written = wholeBefore
    }
    this.pendingBytes = this.pending.length * this.chunkBytes
    this.open = Buffer.allocUnsafe(this.chunkBytes)
    this.open.set(reopened)
    this.filled = rest
  }

  /** Writes the rest; nothing may be appended after it. Answers the digest of all chunk digests. */
  finish(): Buffer {
    if (this.filled > 0) this.closeChunk()
    if (this.pending.length > 0) this.flush()
    return hash('sha256', this.digests.subarray(0, DIGEST * this.written), 'buffer')
  }
}
