import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { compressionOf, decompressed, type Compression } from './decompress.ts'
import { fileBytes, fileError, openFile } from './fileBytes.ts'

export { agree, assertSpace, count, freeBytes, megabytes, plural } from './fileBytes.ts'

export interface SourceWatch {
  signal?: AbortSignal
  /** Called with the raw bytes read so far, of this file. */
  onRead?: (bytes: number) => void
  /** The folder whose disk must not fill up. */
  folder?: string
}

/** Where a source's bytes lie: a file on the disk, or a member of an archive (then unpacked, not yet decompressed). */
export interface Origin {
  /** For sentences, and to find it again: "a.csv", "data.zip/part 1/a.csv". */
  name: string
  /** Of the file, or of the archive with the member's own path behind it. */
  path: string
  /** Of the file; for a member, its share of the archive file. */
  bytes: number
  /** It lies as it is on the disk, under `path`. */
  plain?: boolean
  /** Its first bytes, where they were met on the way. */
  start?: Buffer
  /** A ZIP that is a format of its own. */
  kind?: 'npz' | 'xlsx'
  /** Pieces in order; with `reuse` each is only valid until the next one is asked for. */
  read(reuse: boolean, signal?: AbortSignal): AsyncGenerator<Buffer>
}

/**
 * One file to read from the start, once or several times, decompressed on the way (gzip, Zstandard, xz: told by its first bytes).
 * After a full pass `sha256` holds the digest of the file as it lies on disk, or in its archive.
 */
export class Source {
  readonly origin: Origin
  readonly compression: Compression | null
  sha256 = ''
  /** Its lines end with a lone CR, as on old Macs: the content then has LF instead. Set when the file is recognised. */
  crEnds = false
  private kept: { bytes: Buffer; whole: boolean } | null = null

  private constructor(origin: Origin, compression: Compression | null) {
    this.origin = origin
    this.compression = compression
  }

  static async open(path: string): Promise<Source> {
    const name = basename(path)
    const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw fileError(error, path)
    })
    if (!info.isFile()) throw new StrandError('bad-input', `${name} is not a file. Choose a file or a folder of files.`, { file: name })
    if (info.size === 0)
      throw new StrandError('import/empty', `${name} is empty (0 bytes). Choose a file with data in it.`, { file: name, bytes: 0 })
    const handle = await openFile(path)
    try {
      const magic = Buffer.alloc(6)
      await handle.read(magic, 0, 6, 0)
      return new Source(
        { name, path, bytes: info.size, plain: true, read: (reuse) => fileBytes(path, info.size, reuse) },
        compressionOf(magic),
      )
    } finally {
      await handle.close()
    }
  }

  /** A member of an archive. */
  static async from(origin: Origin): Promise<Source> {
    if (origin.start?.length) return new Source(origin, compressionOf(origin.start))
    for await (const piece of origin.read(true))
      if (piece.length > 0) {
        origin.start = Buffer.from(piece.subarray(0, 6))
        return new Source(origin, compressionOf(piece))
      }
    throw new StrandError('import/empty', `${origin.name} is empty (0 bytes). Choose a file with data in it.`, {
      file: origin.name,
      bytes: 0,
    })
  }

  /** The same file under another origin, once it is known to be a format that looks like an archive. */
  as(kind: Origin['kind']): Source {
    return new Source({ ...this.origin, kind }, this.compression)
  }

  get name(): string {
    return this.origin.name
  }

  get path(): string {
    return this.origin.path
  }

  get bytes(): number {
    return this.origin.bytes
  }

  get compressed(): boolean {
    return this.compression !== null
  }

  /** The file's name without folders and endings: "lambda" for lambda.fa.gz. */
  get stem(): string {
    const plain = basename(this.name).replace(/\.(gz|bgz|zst|xz)$/i, '')
    return plain.replace(/(?<=.)\.[^.]+$/, '') || plain
  }

  /** The content in pieces of up to about 1 MB. A piece is only valid until the next one is asked for. */
  async *content(watch: SourceWatch = {}): AsyncGenerator<Buffer> {
    const { compression, name, bytes } = this
    if (!compression) {
      for await (const piece of this.raw(watch, true)) yield this.crEnds ? withLineFeeds(piece) : piece
      return
    }
    for await (const piece of decompressed({ name, bytes, compression }, this.raw(watch, false), watch.folder)) {
      throwIfCancelled(watch.signal, `Importing ${name}`)
      yield this.crEnds ? withLineFeeds(piece) : piece
    }
  }

  /** At least `wanted` bytes of content from the start, fewer only when the content is shorter. `keep`: the next look needs no reading. */
  async head(wanted: number, keep = false): Promise<{ bytes: Buffer; whole: boolean }> {
    const seen = this.kept
    this.kept = null
    if (seen && (seen.whole || seen.bytes.length >= wanted))
      return { bytes: seen.bytes.subarray(0, wanted), whole: seen.whole && seen.bytes.length <= wanted }
    const pieces: Buffer[] = []
    let length = 0
    let whole = true
    const { compressed, origin } = this
    for await (const piece of this.content()) {
      pieces.push(Buffer.from(piece))
      length += piece.length
      // the end shows only at the next read, which would be wasted on a long file
      if (length > wanted || (length === wanted && (compressed || length < origin.bytes))) {
        whole = false
        break
      }
    }
    const head = { bytes: Buffer.concat(pieces).subarray(0, wanted), whole }
    if (keep) this.kept = head
    return head
  }

  /** Reads the file once for its digest, where it was read here and there instead of from its start. */
  async digest(watch: SourceWatch): Promise<void> {
    const pieces = this.raw(watch, true)
    while (!(await pieces.next()).done) continue
  }

  private async *raw(watch: SourceWatch, reuse: boolean): AsyncGenerator<Buffer> {
    const digest = createHash('sha256')
    let read = 0
    for await (const piece of this.origin.read(reuse, watch.signal)) {
      throwIfCancelled(watch.signal, `Importing ${this.name}`)
      digest.update(piece)
      read += piece.length
      watch.onRead?.(Math.min(read, this.bytes))
      yield piece
    }
    this.sha256 = digest.digest('hex')
  }
}

function withLineFeeds(piece: Buffer): Buffer {
  for (let at = piece.indexOf(0x0d); at >= 0; at = piece.indexOf(0x0d, at + 1)) piece[at] = 0x0a
  return piece
}
