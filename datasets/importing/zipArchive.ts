import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { crc32, inflateRawSync } from 'node:zlib'
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { assertNoBomb } from './decompress.ts'
import { count, isSystemError, openFile } from './fileBytes.ts'
import { Idle } from './idle.ts'
import { memberName, MOST_MEMBERS, tooMany, type Member, type MemberFault } from './members.ts'
import type { Source } from './source.ts'
import { unpackedFile } from './unpackedFile.ts'

/** Read whole up to this size. */
const SMALL = 1_048_576
const PIECE = 262_144

const OPTIONS = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true } as const

/** The archive's bytes for its package; the handle is closed by who opened it. */
class FileReader extends RandomAccessReader {
  private readonly handle: FileHandle

  constructor(handle: FileHandle) {
    super()
    this.handle = handle
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(piecesOf(this.handle, start, end), { objectMode: false })
  }
}

async function* piecesOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(PIECE, end - at)), 0, null, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

/**
 * One open archive for all reads of its members: finding the directory of a ZIP takes longer than reading a small file in it. One that lies
 * compressed, or in another archive, is unpacked into a nameless file for as long as it is read.
 */
class SharedZip {
  private readonly source: Source
  private handle: Promise<FileHandle> | null = null
  private opened: Promise<ZipFile> | null = null
  private readonly idle = new Idle(() => this.close())

  constructor(source: Source) {
    this.source = source
  }

  /** The archive itself, for its directory. */
  async directory<T>(act: (archive: ZipFile) => Promise<T>): Promise<T> {
    this.idle.begin()
    try {
      return await act(await this.open())
    } finally {
      this.idle.end()
    }
  }

  private close(): void {
    // what failed to open has told its reader
    this.opened?.then((archive) => archive.close()).catch(() => undefined)
    this.handle?.then((handle) => handle.close()).catch(() => undefined)
    this.opened = null
    this.handle = null
  }

  private file(): Promise<FileHandle> {
    const { compressed, origin, path } = this.source
    return (this.handle ??= !compressed && origin.plain ? openFile(path) : unpackedFile(this.source))
  }

  private open(): Promise<ZipFile> {
    return (this.opened ??= this.file().then(async (handle) => {
      const { size } = await handle.stat()
      return fromRandomAccessReaderPromise(new FileReader(handle), size, OPTIONS)
    }))
  }

  private async slice(start: number, bytes: number): Promise<Buffer> {
    const handle = await this.file()
    const buffer = Buffer.alloc(bytes)
    const { bytesRead } = await handle.read(buffer, 0, bytes, start)
    return buffer.subarray(0, bytesRead)
  }

  /** Whole and at once: for thousands of small files, streams cost more than the bytes in them. */
  private async readSmall(name: string, entry: Entry): Promise<Buffer> {
    const at = entry.relativeOffsetOfLocalHeader
    const local = await this.slice(at, 30)
    if (local.length < 30 || local.readUInt32LE(0) !== 0x04034b50)
      throw damaged(name, new Error('its entry has no header where the directory says'))
    // the name and the extra fields stand between header and data
    const start = at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    const packed = await this.slice(start, entry.compressedSize)
    let content = packed
    try {
      if (entry.compressionMethod === 8) content = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) })
    } catch (error) {
      throw damaged(name, error as Error)
    }
    if (crc32(content) !== entry.crc32) throw wrongSum(name, content.length)
    return content
  }

  async *read(name: string, entry: Entry, signal?: AbortSignal): AsyncGenerator<Buffer> {
    this.idle.begin()
    try {
      const small = entry.uncompressedSize <= SMALL && entry.compressedSize <= SMALL
      if (small) yield await this.readSmall(name, entry)
      else yield* readEntry(await this.open(), name, entry, signal)
    } finally {
      this.idle.end()
    }
  }
}

/** Members of a ZIP (also ZIP64) from its directory, in its order; folders are left out. At most `limit` of them. */
export async function listZip(source: Source, limit = MOST_MEMBERS): Promise<(Member | MemberFault)[]> {
  const { name, path } = source
  const shared = new SharedZip(source)
  try {
    return await shared.directory(async (archive) => {
      const members: (Member | MemberFault)[] = []
      for await (const entry of archive.eachEntry()) {
        if (members.length >= limit) {
          if (limit === MOST_MEMBERS) throw tooMany(name)
          break
        }
        const member = describe(shared, path, name, entry)
        if (member) members.push(member)
      }
      return members
    })
  } catch (error) {
    throw damaged(name, error as Error)
  }
}

function describe(shared: SharedZip, path: string, archive: string, entry: Entry): Member | MemberFault | null {
  const raw = entryName(entry)
  if (raw.endsWith('/')) return null
  const { name, fault } = memberName(archive, raw)
  if (fault) return { name, fault }
  // the upper half holds the Unix mode: 0o120000 is a symbolic link
  const mode = entry.externalFileAttributes >>> 16
  if ((mode & 0o170_000) === 0o120_000) return { name, fault: `${name} is a link, which may point outside the archive`, harmless: true }
  if (entry.isEncrypted()) return { name, fault: `${name} is encrypted with a password` }
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return {
      name,
      fault: `${name} is packed with method ${entry.compressionMethod}, which Strand does not unpack (only "store" and "deflate")`,
    }
  return {
    name,
    path: `${path}/${raw}`,
    bytes: entry.compressedSize,
    read: (_, signal) => shared.read(name, entry, signal),
  }
}

/** UTF-8 where the entry says so or the bytes are, else the old PC code page. */
function entryName(entry: Entry): string {
  const bytes = entry.fileName as unknown as Buffer
  const text = bytes.toString('utf8')
  return (text.includes('\ufffd') ? bytes.toString('latin1') : text).replaceAll('\\', '/')
}

async function* readEntry(archive: ZipFile, name: string, entry: Entry, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let checksum = 0
  let expanded = 0
  try {
    const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry, { minimal: true })
    const stream = await openAt(archive, entry, fileDataStart)
    try {
      for await (const piece of stream) {
        throwIfCancelled(signal, `Importing ${name}`)
        checksum = crc32(piece as Buffer, checksum)
        expanded += (piece as Buffer).length
        assertNoBomb(name, expanded, entry.compressedSize)
        yield piece as Buffer
      }
    } finally {
      stream.destroy()
    }
  } catch (error) {
    throw damaged(name, error as Error)
  }
  if (checksum !== entry.crc32) throw wrongSum(name, expanded)
}

const wrongSum = (name: string, bytes: number): StrandError =>
  new StrandError(
    'import/truncated',
    `${name} is damaged: its checksum does not fit the ${count(bytes)} bytes unpacked. Nothing was imported; copy or download the archive again.`,
    { file: name },
  )

/** The package's own promise for this call asks another function. */
function openAt(archive: ZipFile, entry: Entry, start: number): Promise<Readable> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry
  return new Promise((resolve, reject) =>
    archive.openReadStreamLowLevel(start, compressedSize, 0, compressedSize, compressionMethod === 8, uncompressedSize, (error, stream) =>
      error ? reject(error) : resolve(stream),
    ),
  )
}

function damaged(name: string, error: Error): Error {
  if (error instanceof StrandError) return error
  if (isSystemError(error)) return error
  return new StrandError(
    'import/truncated',
    `${name} is damaged or cut off: ${error.message.replace(/\.$/, '')}. Nothing was imported; copy or download the archive again.`,
    { file: name },
  )
}
