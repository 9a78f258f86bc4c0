import { hash } from 'node:crypto'
import { CHUNK_BYTES } from './cells.ts'
import { first, run, transaction, type WritableStore } from './connection.ts'
import { cellsOf, packBases, packedRoom, unpackBases } from './packedBases.ts'

/** Stored bytes held before they are written in one short transaction. */
const FLUSH_BYTES = 4 * 1_048_576
const DIGEST = 32

/** Cuts a stream of bytes into the chunks of a dataset and writes them, packed or as they are, some megabytes a transaction. */
export class ChunkStream {
  private readonly store: WritableStore
  private readonly datasetId: number
  private readonly stream: number
  private readonly chunkBytes: number
  private readonly packed: boolean
  /** Closed chunks as they will be stored: so many bytes of a buffer. */
  private pending: { buffer: Buffer; bytes: number }[] = []
  private pendingBytes = 0
  private written = 0
  private open: Buffer
  private filled = 0
  /** SHA-256 of each stretch of the size an unpacked chunk has, one behind the other: a genome has a fifth of a million. */
  private digests = Buffer.alloc(DIGEST * 1024)
  private digested = 0
  /** Buffers of chunks that are written, to be filled again: what the collector frees late is memory all the same. */
  private free: Buffer[] = []
  /** Of the chunks written: what they take on disk. */
  stored = 0

  /** `packed`: the bytes are bases, and `chunkBytes` of them are a whole number of unpacked chunks. */
  constructor(store: WritableStore, datasetId: number, stream: number, chunkBytes: number, packed = false) {
    this.store = store
    this.datasetId = datasetId
    this.stream = stream
    this.chunkBytes = chunkBytes
    this.packed = packed
    this.open = Buffer.allocUnsafe(chunkBytes)
  }

  /** Appended so far, whatever they take on disk. */
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
    const cells = this.open.subarray(0, this.filled)
    this.keepDigests(cells)
    let bytes = this.filled
    if (this.packed) {
      const buffer = this.free.pop() ?? Buffer.allocUnsafe(packedRoom(this.chunkBytes))
      bytes = packBases(cells, buffer)
      this.pending.push({ buffer, bytes })
    } else this.pending.push({ buffer: this.open, bytes })
    this.pendingBytes += bytes
    if (this.pendingBytes >= FLUSH_BYTES) this.flush()
    if (!this.packed) this.open = this.free.pop() ?? Buffer.allocUnsafe(this.chunkBytes)
    this.filled = 0
  }

  private flush(): void {
    transaction(this.store, () => {
      for (const { buffer, bytes } of this.pending)
        run(
          this.store,
          'INSERT INTO chunk (dataset_id, stream, seq, bytes) VALUES (?, ?, ?, ?)',
          this.datasetId,
          this.stream,
          this.written++,
          buffer.subarray(0, bytes),
        )
    })
    for (const { buffer } of this.pending) this.free.push(buffer)
    this.stored += this.pendingBytes
    this.pending = []
    this.pendingBytes = 0
  }

  /** Of the content and not of what is stored, so that the same content is known again however it was packed. */
  private keepDigests(cells: Buffer): void {
    const stretch = this.packed ? CHUNK_BYTES : this.chunkBytes
    for (let from = 0; from < cells.length; from += stretch) {
      const at = DIGEST * this.digested++
      if (at === this.digests.length) this.digests = Buffer.concat([this.digests], 2 * at)
      hash('sha256', cells.subarray(from, from + stretch), 'buffer').copy(this.digests, at)
    }
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
      const { buffer, bytes } = this.pending[wholeBefore - this.written]
      reopened = buffer.subarray(0, bytes)
      this.pending.length = wholeBefore - this.written
    } else {
      reopened = first<{ bytes: Buffer }>(
        this.store,
        'SELECT bytes FROM chunk WHERE dataset_id = ? AND stream = ? AND seq = ?',
        this.datasetId,
        this.stream,
        wholeBefore,
      )!.bytes
      const gone = 'FROM chunk WHERE dataset_id = ? AND stream = ? AND seq >= ?'
      const which = [this.datasetId, this.stream, wholeBefore]
      this.stored -= first<{ bytes: number }>(this.store, `SELECT sum(length(bytes)) AS bytes ${gone}`, ...which)!.bytes
      run(this.store, `DELETE ${gone}`, ...which)
      this.pending = []
      this.written = wholeBefore
    }
    this.pendingBytes = this.pending.reduce((sum, { bytes }) => sum + bytes, 0)
    this.digested = wholeBefore * (this.packed ? this.chunkBytes / CHUNK_BYTES : 1)
    this.open = Buffer.allocUnsafe(this.chunkBytes)
    if (this.packed) unpackBases(reopened, 0, cellsOf(reopened), this.open)
    else this.open.set(reopened)
    this.filled = rest
  }

  /** Writes the rest; nothing may be appended after it. Answers the digest of all chunk digests. */
  finish(): Buffer {
    if (this.filled > 0) this.closeChunk()
    if (this.pending.length > 0) this.flush()
    return hash('sha256', this.digests.subarray(0, DIGEST * this.digested), 'buffer')
  }
}
