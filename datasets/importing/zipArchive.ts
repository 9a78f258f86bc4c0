import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { assertNoBomb } from './decompress.ts'
import { count, isSystemError } from './fileBytes.ts'
import { memberName, MOST_MEMBERS, tooMany, type Member, type MemberFault } from './members.ts'

const OPTIONS = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true } as const

/** Members of a ZIP (also ZIP64) from its directory, in its order; folders are left out. At most `limit` of them. */
export async function listZip(path: string, name: string, limit = MOST_MEMBERS): Promise<(Member | MemberFault)[]> {
  const members: (Member | MemberFault)[] = []
  let archive: ZipFile | null = null
  try {
    archive = await openPromise(path, OPTIONS)
    for await (const entry of archive.eachEntry()) {
      if (members.length >= limit) {
        if (limit === MOST_MEMBERS) throw tooMany(name)
        break
      }
      const member = describe(path, name, entry)
      if (member) members.push(member)
    }
    return members
  } catch (error) {
    throw damaged(name, error as Error)
  } finally {
    archive?.close()
  }
}

function describe(path: string, archive: string, entry: Entry): Member | MemberFault | null {
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
    read: (_, signal) => readEntry(path, name, entry, signal),
  }
}

/** UTF-8 where the entry says so or the bytes are, else the old PC code page. */
function entryName(entry: Entry): string {
  const bytes = entry.fileName as unknown as Buffer
  const text = bytes.toString('utf8')
  return (text.includes('\ufffd') ? bytes.toString('latin1') : text).replaceAll('\\', '/')
}

async function* readEntry(path: string, name: string, entry: Entry, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let archive: ZipFile | null = null
  let checksum = 0
  let expanded = 0
  try {
    archive = await openPromise(path, OPTIONS)
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
  } finally {
    archive?.close()
  }
  if (checksum !== entry.crc32)
    throw new StrandError(
      'import/truncated',
      `${name} is damaged: its checksum does not fit the ${count(expanded)} bytes unpacked. Nothing was imported; copy or download the archive again.`,
      { file: name },
    )
}

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
