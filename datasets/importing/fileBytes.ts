import { statfsSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { StrandError } from '../errors.ts'

const READ_BYTES = 1_048_576
/** Enough to see a header and some hundred rows, little enough to read at once. */
export const HEAD_BYTES = 262_144
/** Kept free on the project's disk whatever an import would like. */
const SPARE_BYTES = 128 * 1_048_576

/** The bytes of a file in order, up to 1 MB a piece. With `reuse` a piece is only valid until the next one is asked for. */
export async function* fileBytes(path: string, bytes: number, reuse: boolean): AsyncGenerator<Buffer> {
  const handle = await openFile(path)
  // one byte more than a small file, so that its end shows at the second read
  const size = Math.min(READ_BYTES, bytes + 1)
  let buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)]
  try {
    // one read ahead: the disk works while the caller parses
    let next = handle.read(buffers[0], 0, size, null)
    for (let turn = 0; ; turn ^= 1) {
      const { bytesRead } = await next
      if (bytesRead === 0) break
      const piece = buffers[turn].subarray(0, bytesRead)
      if (!reuse) buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)]
      next = handle.read(buffers[turn ^ 1], 0, size, null)
      // a caller that stops early leaves this promise behind; its failure then concerns nobody
      next.catch(() => undefined)
      yield piece
    }
  } catch (error) {
    throw fileError(error as NodeJS.ErrnoException, path)
  } finally {
    await handle.close()
  }
}

export async function openFile(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw fileError(error, path)
  })
}

export function fileError(error: NodeJS.ErrnoException, path: string): Error {
  if (error.code === 'ENOENT') return new StrandError('not-found', `There is no file at ${path}. Check the path.`, { path })
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new StrandError('bad-input', `Strand may not read ${path}. Change its permissions, then try again.`, { path })
  return error
}

/** A fault of the disk or the system (ENOSPC, EIO), not of the data. */
export const isSystemError = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)
}

/** Bytes free on the disk of a folder, for us. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
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

export const count = (n: number): string => n.toLocaleString('en-US')

/** The word that agrees with a number: `agree(rows, 'was', 'were')`. */
export const agree = (n: number, one: string, many: string): string => (n === 1 ? one : many)

/** "1 row", "2,000 rows" */
export const plural = (n: number, thing: string): string => `${count(n)} ${thing}${n === 1 ? '' : 's'}`

export function megabytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
