import { createHash } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { StrandError, throwIfCancelled } from '../errors.ts'

const READ_BYTES = 1_048_576

/** gzip cannot pass 1,032:1; real data stays under 100:1. Beyond this, and past the size below, the file is a decompression bomb. */
const BOMB_RATIO = 500
const BOMB_BYTES = 256 * 1_048_576
/** Kept free on the project's disk whatever an import would like. */
const SPARE_BYTES = 128 * 1_048_576

export interface SourceWatch {
  signal?: AbortSignal
  /** Called with the raw bytes read so far, of this file. */
  onRead?: (bytes: number) => void
  /** The folder whose disk must not fill up. */
  folder?: string
}

/** Bytes free on the disk of a folder, for us. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/**
 * One file to read from the start, once or several times, decompressed on the way when it is gzip (told by its first bytes).
 * After a full pass `sha256` holds the digest of the file as it lies on disk.
 */
export class Source {
  readonly path: string
  /** The file's name, for sentences. */
  readonly name: string
  readonly bytes: number
  readonly compressed: boolean
  sha256 = ''

  private constructor(path: string, bytes: number, compressed: boolean) {
    this.path = path
    this.name = basename(path)
    this.bytes = bytes
    this.compressed = compressed
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
      const magic = Buffer.alloc(2)
      await handle.read(magic, 0, 2, 0)
      return new Source(path, info.size, magic[0] === 0x1f && magic[1] === 0x8b)
    } finally {
      await handle.close()
    }
  }

  /** The file's name without folders and endings: "lambda" for lambda.fa.gz. */
  get stem(): string {
    const plain = this.name.replace(/\.(gz|bgz)$/i, '')
    return plain.replace(/(?<=.)\.[^.]+$/, '') || plain
  }

  /** The content in pieces of up to about 1 MB. A piece is only valid until the next one is asked for. */
  async *content(watch: SourceWatch = {}): AsyncGenerator<Buffer> {
    if (this.compressed) yield* this.gunzipped(watch)
    else yield* this.raw(watch, true)
  }

  /** At least `wanted` bytes of content from the start, fewer only when the content is shorter. */
  async head(wanted: number): Promise<{ bytes: Buffer; whole: boolean }> {
    const pieces: Buffer[] = []
    let length = 0
    let whole = true
    for await (const piece of this.content()) {
      pieces.push(Buffer.from(piece))
      length += piece.length
      if (length >= wanted) {
        whole = false
        break
      }
    }
    const bytes = Buffer.concat(pieces)
    return { bytes: bytes.subarray(0, wanted), whole: whole || (!this.compressed && bytes.length === this.bytes && length <= wanted) }
  }

  private async *raw(watch: SourceWatch, reuse: boolean): AsyncGenerator<Buffer> {
    const handle = await openFile(this.path)
    const digest = createHash('sha256')
    // one byte more than a small file, so that its end shows at the second read
    const size = Math.min(READ_BYTES, this.bytes + 1)
    let buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)]
    let read = 0
    try {
      // one read ahead: the disk works while the caller parses
      let next = handle.read(buffers[0], 0, size, null)
      for (let turn = 0; ; turn ^= 1) {
        const { bytesRead } = await next
        throwIfCancelled(watch.signal, `Importing ${this.name}`)
        if (bytesRead === 0) break
        const piece = buffers[turn].subarray(0, bytesRead)
        if (!reuse) buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)]
        next = handle.read(buffers[turn ^ 1], 0, size, null)
        // a caller that stops early leaves this promise behind; its failure then concerns nobody
        next.catch(() => undefined)
        digest.update(piece)
        read += bytesRead
        watch.onRead?.(read)
        yield piece
      }
      this.sha256 = digest.digest('hex')
    } catch (error) {
      throw fileError(error as NodeJS.ErrnoException, this.path)
    } finally {
      await handle.close()
    }
  }

  private async *gunzipped(watch: SourceWatch): AsyncGenerator<Buffer> {
    const gunzip = createGunzip({ chunkSize: READ_BYTES })
    let read = 0
    const raw = Readable.from(
      this.raw(
        {
          ...watch,
          onRead: (bytes) => {
            read = bytes
            watch.onRead?.(bytes)
          },
        },
        false,
      ),
      { highWaterMark: 1 },
    )
    raw.on('error', (error) => gunzip.destroy(error))
    raw.pipe(gunzip)
    let expanded = 0
    let checked = 0
    try {
      for await (const piece of gunzip) {
        expanded += (piece as Buffer).length
        throwIfCancelled(watch.signal, `Importing ${this.name}`)
        if (expanded > BOMB_BYTES && expanded / Math.max(1, read) > BOMB_RATIO)
          throw new StrandError(
            'import/too-large',
            `${this.name} expands more than ${BOMB_RATIO} times when decompressed (${megabytes(expanded)} so far), which real data never does. Nothing was imported; decompress it yourself if you trust it.`,
            { file: this.name, expanded, read },
          )
        if (watch.folder && expanded - checked > 64 * 1_048_576) {
          checked = expanded
          assertSpace(watch.folder, 0, this.name)
        }
        yield piece as Buffer
      }
    } catch (error) {
      throw this.gzipError(error as NodeJS.ErrnoException, read)
    } finally {
      raw.destroy()
      gunzip.destroy()
    }
  }

  private gzipError(error: NodeJS.ErrnoException, read: number): Error {
    const facts = { file: this.name, byte: read }
    if (error.code === 'Z_BUF_ERROR')
      return new StrandError(
        'import/truncated',
        `${this.name} is cut off: its compressed data ends in the middle at byte ${count(this.bytes)}. Nothing was imported; copy or download the file again.`,
        { file: this.name, byte: this.bytes },
      )
    if (error.code === 'Z_DATA_ERROR')
      return new StrandError(
        'import/truncated',
        `The compressed data of ${this.name} is damaged before byte ${count(read)} (${error.message}). Nothing was imported; copy or download the file again.`,
        facts,
      )
    return error
  }
}

/** Throws 'disk-full' before the disk is. */
export function assertSpace(folder: string, needed: number, file: string): void {
  const free = freeBytes(folder)
  if (free < needed + SPARE_BYTES)
    throw new StrandError(
      'disk-full',
      `The project's disk has ${megabytes(free)} free and importing ${file} needs ${megabytes(needed + SPARE_BYTES)}. Free some space, then try again.`,
      { file, free, needed: needed + SPARE_BYTES },
    )
}

async function openFile(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw fileError(error, path)
  })
}

function fileError(error: NodeJS.ErrnoException, path: string): Error {
  if (error.code === 'ENOENT') return new StrandError('not-found', `There is no file at ${path}. Check the path.`, { path })
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new StrandError('bad-input', `Strand may not read ${path}. Change its permissions, then try again.`, { path })
  return error
}

export const count = (n: number): string => n.toLocaleString('en-US')

/** "1 row", "2,000 rows" */
export const plural = (n: number, thing: string): string => `${count(n)} ${thing}${n === 1 ? '' : 's'}`

export function megabytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
