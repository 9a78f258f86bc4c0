import { Readable, type Transform } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import xz from 'xz-decompress'
import { StrandError } from '../errors.ts'
import { assertSpace, count, megabytes } from './fileBytes.ts'
import { ZstdFrames } from './zstdFrames.ts'

export type Compression = 'gzip' | 'Zstandard' | 'xz'

/** gzip cannot pass 1,032:1; real data stays under 100:1. Beyond this, and past the size below, the file is a decompression bomb. */
export const BOMB_RATIO = 500
export const BOMB_BYTES = 256 * 1_048_576
const PIECE_BYTES = 1_048_576

/** Told by the first bytes. */
export function compressionOf(start: Uint8Array): Compression | null {
  const is = (...bytes: number[]): boolean => bytes.every((byte, i) => start[i] === byte)
  if (is(0x1f, 0x8b)) return 'gzip'
  if (is(0x28, 0xb5, 0x2f, 0xfd)) return 'Zstandard'
  return is(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0) ? 'xz' : null
}

export interface Compressed {
  name: string
  /** As it lies on disk. */
  bytes: number
  compression: Compression
}

/**
 * Decompressed content, in pieces that stay valid. `raw` must not reuse its buffers. Refuses bombs, and stops before `folder`'s disk is full.
 * Damage and a cut file are told with the place: 'import/truncated'.
 */
export async function* decompressed(file: Compressed, raw: AsyncIterable<Buffer>, folder?: string): AsyncGenerator<Buffer> {
  let read = 0
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of raw) {
      read += piece.length
      yield piece
    }
  }
  let expanded = 0
  let checked = 0
  try {
    for await (const piece of UNPACK[file.compression](counted())) {
      expanded += piece.length
      assertNoBomb(file.name, expanded, read)
      if (folder && expanded - checked > 64 * 1_048_576) {
        checked = expanded
        assertSpace(folder, 0, file.name)
      }
      yield piece
    }
  } catch (error) {
    throw damaged(file, error as NodeJS.ErrnoException, read)
  }
}

const UNPACK: { readonly [K in Compression]: (raw: AsyncGenerator<Buffer>) => AsyncGenerator<Buffer> } = {
  gzip: (raw) => gunzipped(raw),
  Zstandard: (raw) => unzstd(raw),
  xz: (raw) => unxz(raw),
}

export function assertNoBomb(name: string, expanded: number, read: number): void {
  if (expanded > BOMB_BYTES && expanded / Math.max(1, read) > BOMB_RATIO)
    throw new StrandError(
      'import/too-large',
      `${name} expands more than ${BOMB_RATIO} times when decompressed (${megabytes(expanded)} so far), which real data never does. Nothing was imported; decompress it yourself if you trust it.`,
      { file: name, expanded, read },
    )
}

const gunzipped = (raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> => through(raw, createGunzip({ chunkSize: PIECE_BYTES }))

/** What a decompressor makes of the bytes; left early, both are ended. */
async function* through(raw: AsyncGenerator<Buffer>, unpack: Transform): AsyncGenerator<Buffer> {
  const source = Readable.from(raw, { highWaterMark: 1 })
  source.on('error', (error) => unpack.destroy(error))
  source.pipe(unpack)
  try {
    for await (const piece of unpack) yield piece as Buffer
  } finally {
    source.destroy()
    unpack.destroy()
  }
}

/** A decompressor a frame, fed as far as the frame goes. */
async function* unzstd(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const frames = new ZstdFrames()
  const stretches = (async function* () {
    for await (const piece of raw) yield* frames.push(piece)
  })()
  try {
    for (;;) {
      const first = await stretches.next()
      if (first.done) return
      const frame = async function* (): AsyncGenerator<Buffer> {
        let { value } = first
        for (;;) {
          yield value.bytes
          if (value.ends) return
          const next = await stretches.next()
          if (next.done) return
          value = next.value
        }
      }
      yield* through(frame(), createZstdDecompress({ chunkSize: PIECE_BYTES }))
    }
  } finally {
    // left in the middle, by a look at the first bytes, the file would stay open
    await raw.return(undefined)
  }
}

async function* unxz(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await raw.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await raw.return(undefined)
    },
  })
  // the package is typed for browsers; Node's own web streams are what it uses here
  const reader = new xz.XzReadableStream(stream as never).getReader()
  try {
    for (;;) {
      const { done, value } = (await reader.read()) as { done: boolean; value: Uint8Array }
      if (done) break
      // the package hands out views of its WebAssembly memory
      yield Buffer.from(value)
    }
  } finally {
    // one stream decompresses at a time in this package: left open, it would hold up the next one for ever
    await reader.cancel().catch(() => undefined)
    await raw.return(undefined)
  }
}

function damaged({ name, bytes, compression }: Compressed, error: NodeJS.ErrnoException, read: number): Error {
  if (error instanceof StrandError) return error
  // liblzma says 8 for data that ends too early, 7 for data that makes no sense
  const cut = error.code === 'Z_BUF_ERROR' || (compression === 'xz' && /error code 8\b/.test(error.message))
  if (cut)
    return new StrandError(
      'import/truncated',
      `${name} is cut off: its compressed data ends in the middle at byte ${count(bytes)}. Nothing was imported; copy or download the file again.`,
      { file: name, byte: bytes },
    )
  if (error.code === 'Z_DATA_ERROR' || compression !== 'gzip')
    return new StrandError(
      'import/truncated',
      `The compressed data of ${name} is damaged before byte ${count(read)} (${compression === 'xz' ? 'its blocks make no sense' : error.message}). Nothing was imported; copy or download the file again.`,
      { file: name, byte: read },
    )
  return error
}
