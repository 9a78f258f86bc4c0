import { StrandError, throwIfCancelled } from '../errors.ts'
import { count } from './fileBytes.ts'
import { Idle } from './idle.ts'
import { memberName, MOST_MEMBERS, tooMany, type Member, type MemberFault } from './members.ts'
import type { Source } from './source.ts'

const BLOCK = 512
/** A long name or a list of attributes; more is no archive. */
const LONGEST_EXTRA = 1_048_576

interface Header {
  name: string
  size: number
  type: string
}

/** A header block of ustar, GNU, pax or the old format: told by its checksum, which no other file has by chance. */
export function isTar(head: Uint8Array): boolean {
  if (head.length < BLOCK || head[0] === 0) return false
  let sum = 0
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : head[i]
  return octal(Buffer.from(head.subarray(148, 156))) === sum
}

/** Octal digits, or big-endian binary where the first bit is set (sizes of 8 GB and more). */
function octal(field: Buffer): number {
  if (field[0] & 0x80) return field.subarray(1).reduce((value, byte) => value * 256 + byte, field[0] & 0x7f)
  const text = field.toString('latin1').replace(/\0.*$/s, '').trim()
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : NaN
}

function readHeader(block: Buffer): Header {
  const text = (from: number, length: number): string => block.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  const prefix = block.toString('latin1', 257, 262) === 'ustar' && block[262] === 0 ? text(345, 155) : ''
  return {
    name: (prefix ? `${prefix}/` : '') + text(0, 100),
    size: octal(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] || 0x30),
  }
}

type Event = { header: Header; at: number } | { data: Buffer }

/** Headers of entries and the pieces of their data, in order; long names (GNU, pax) applied. */
async function* walk(content: AsyncIterable<Buffer>, file: string): AsyncGenerator<Event> {
  let held = Buffer.alloc(0)
  let left = 0
  let padding = 0
  let extra: { type: string; parts: Buffer[] } | null = null
  let named: { name?: string; size?: number } = {}
  let at = 0
  for await (const piece of content) {
    let bytes = held.length > 0 ? Buffer.concat([held, piece]) : piece
    held = Buffer.alloc(0)
    while (bytes.length > 0) {
      if (left > 0) {
        const part = bytes.subarray(0, left)
        left -= part.length
        bytes = bytes.subarray(part.length)
        if (extra) extra.parts.push(Buffer.from(part))
        else yield { data: part }
        if (left === 0 && extra) {
          named = { ...named, ...longName(extra.type, Buffer.concat(extra.parts)) }
          extra = null
        }
      } else if (padding > 0) {
        const part = Math.min(padding, bytes.length)
        padding -= part
        bytes = bytes.subarray(part)
      } else if (bytes.length < BLOCK) {
        held = Buffer.from(bytes)
        break
      } else {
        const block = bytes.subarray(0, BLOCK)
        bytes = bytes.subarray(BLOCK)
        at += BLOCK
        if (block[0] === 0) return
        if (!isTar(block)) throw damaged(file, at - BLOCK)
        const header = readHeader(block)
        if (!Number.isFinite(header.size)) throw damaged(file, at - BLOCK)
        if ('LKxg'.includes(header.type)) {
          if (header.size > LONGEST_EXTRA) throw damaged(file, at - BLOCK)
          extra = { type: header.type, parts: [] }
          left = header.size
        } else {
          if (named.size !== undefined) header.size = named.size
          if (named.name !== undefined) header.name = named.name
          named = {}
          left = '0\x007'.includes(header.type) ? header.size : 0
          yield { header, at }
        }
        padding = (BLOCK - (header.size % BLOCK)) % BLOCK
        at += header.size + padding
      }
    }
  }
  if (left > 0 || padding > 0 || held.length > 0)
    throw new StrandError(
      'import/truncated',
      `${file} is cut off in the middle of an entry. Nothing was imported; copy or download the archive again.`,
      { file },
    )
}

function longName(type: string, bytes: Buffer): { name?: string; size?: number } {
  if (type === 'L') return { name: bytes.toString('utf8').replace(/\0.*$/s, '') }
  if (type !== 'x') return {}
  const text = bytes.toString('utf8')
  const path = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)
  const size = /(?:^|\n)\d+ size=(\d+)\n/.exec(text)
  return { ...(path ? { name: path[1] } : {}), ...(size ? { size: Number(size[1]) } : {}) }
}

const damaged = (file: string, at: number): StrandError =>
  new StrandError(
    'import/truncated',
    `${file} is damaged: its entry at byte ${count(at + 1)} has no valid header. Nothing was imported; copy or download the archive again.`,
    { file, byte: at + 1 },
  )

/**
 * Members of a tar, plain or compressed, in its order. A compressed tar can only be read from its start, so members share one walk:
 * asked for in order, each pass over all of them reads the archive once.
 */
export async function listTar(archive: Source, limit = MOST_MEMBERS): Promise<(Member | MemberFault)[]> {
  const members: (Member | MemberFault)[] = []
  const walker = new TarWalker(archive)
  let index = -1
  let waiting: Member | null = null
  for await (const event of walk(archive.content(), archive.name)) {
    if (!('header' in event)) {
      if (waiting) waiting.start = Buffer.from(event.data.subarray(0, 6))
      waiting = null
      continue
    }
    index++
    waiting = null
    const { header } = event
    if (header.type === '5' || header.name.endsWith('/')) continue
    const { name, fault } = memberName(archive.name, header.name)
    if (fault) members.push({ name, fault })
    else if (header.type === '1' || header.type === '2')
      members.push({ name, fault: `${name} is a link, which may point outside the archive`, harmless: true })
    else if ('0\x007'.includes(header.type)) {
      const own = index
      waiting = {
        name,
        path: `${archive.path}/${header.name}`,
        bytes: header.size,
        read: (reuse, signal) => walker.read(own, name, reuse, signal),
      }
      members.push(waiting)
    } else members.push({ name, fault: `${name} is no plain file`, harmless: true })
    if (members.length >= limit) {
      if (limit === MOST_MEMBERS) throw tooMany(archive.name)
      break
    }
  }
  return members
}

class TarWalker {
  private readonly archive: Source
  private walk: AsyncGenerator<Event> | null = null
  /** The entry whose header was read last, and whether its data was begun. */
  private index = -1
  private begun = false
  private readonly idle = new Idle(() => {
    void this.walk?.return(undefined)
    this.walk = null
  })

  constructor(archive: Source) {
    this.archive = archive
  }

  async *read(index: number, name: string, reuse: boolean, signal?: AbortSignal): AsyncGenerator<Buffer> {
    this.idle.begin()
    try {
      yield* this.walkTo(index, name, reuse, signal)
    } finally {
      this.idle.end()
    }
  }

  private async *walkTo(index: number, name: string, reuse: boolean, signal?: AbortSignal): AsyncGenerator<Buffer> {
    if (!this.walk || index < this.index || (index === this.index && this.begun)) {
      await this.walk?.return(undefined)
      this.walk = walk(this.archive.content({ signal }), this.archive.name)
      this.index = -1
    }
    while (this.index < index) await this.next()
    this.begun = true
    for (;;) {
      const event = await this.next()
      throwIfCancelled(signal, `Importing ${name}`)
      if (!event || 'header' in event) return
      yield reuse ? event.data : Buffer.from(event.data)
    }
  }

  private async next(): Promise<Event | null> {
    const { done, value } = await this.walk!.next()
    if (done) {
      // past the last entry: whatever comes next starts over
      this.index = Infinity
      return null
    }
    if ('header' in value) {
      this.index++
      this.begun = false
    }
    return value
  }
}
