import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm, statfs } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StrandError } from '../core/errors.ts'

/** Left free for SQLite and the system when a file is taken in. */
const SPARE_BYTES = 256 * 1024 * 1024

/** A name that stays inside its folder on every system: no separators, no control characters, no leading dots, at most 120 characters. */
export function safeName(name: string): string {
  const plain = [...name].map((letter) => (letter < ' ' || letter === '\x7f' || '/\\:*?"<>|'.includes(letter) ? '_' : letter)).join('')
  const short = plain
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '')
    .slice(-120)
  return short === '' ? 'file' : short
}

/**
 * Streams the body to `folder`/RANDOM/NAME and answers the path. The file exists whole or not at all:
 * what a broken connection left is removed, and more or fewer bytes than announced are refused.
 */
export async function receiveUpload(request: IncomingMessage, folder: string, name: string): Promise<string> {
  const announced = request.headers['content-length'] === undefined ? null : Number(request.headers['content-length'])
  const own = join(folder, randomBytes(6).toString('hex'))
  await mkdir(own, { recursive: true })
  const { bavail, bsize } = await statfs(own)
  const room = bavail * bsize - SPARE_BYTES
  const path = join(own, safeName(name))
  let received = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length
      done(received > room ? tooLarge(name, received, room) : null, chunk)
    },
  })
  try {
    if (announced !== null && announced > room) throw tooLarge(name, announced, room)
    await pipeline(request, count, createWriteStream(path, { flags: 'wx' }))
    if (announced !== null && received !== announced) {
      throw new StrandError('bad-input', `Only ${received} of ${announced} bytes of ${name} arrived; drop the file again.`, {
        received,
        announced,
      })
    }
    return path
  } catch (error) {
    await rm(own, { recursive: true, force: true })
    throw error
  }
}

function tooLarge(name: string, bytes: number, room: number): StrandError {
  const gb = (value: number): string => (Math.max(0, value) / 1e9).toFixed(1)
  return new StrandError(
    'disk-full',
    `${name} needs ${gb(bytes)} GB and the disk has ${gb(room)} GB to spare; free some space and drop it again.`,
    { bytes, room },
  )
}
