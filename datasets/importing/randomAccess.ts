import { StrandError } from '../errors.ts'
import { openFile } from './fileBytes.ts'
import { megabytes, type Source } from './source.ts'

/** A compressed file must be held whole to be read here and there. */
const HELD_BYTES = 128 * 1_048_576

/** Bytes of a file at any place, for formats with their directory at the end. */
export interface RandomAccess {
  byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
  close(): Promise<void>
}

export async function randomAccess(source: Source): Promise<RandomAccess> {
  if (!source.compressed && source.origin.plain) {
    const handle = await openFile(source.path)
    const byteLength = source.bytes
    return {
      byteLength,
      async slice(start, end = byteLength) {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start))
        let filled = 0
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
          if (bytesRead === 0) break
          filled += bytesRead
        }
        return filled === bytes.length ? bytes.buffer : bytes.buffer.slice(0, filled)
      },
      close: () => handle.close(),
    }
  }
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of source.content()) {
    length += piece.length
    if (length > HELD_BYTES)
      throw new StrandError(
        'import/too-large',
        `${source.name} is compressed or in an archive, and larger than ${megabytes(HELD_BYTES)} unpacked; its format needs to be read here and there. Unpack it, then drop it again.`,
        { file: source.name },
      )
    pieces.push(Buffer.from(piece))
  }
  const whole = Buffer.concat(pieces)
  return {
    byteLength: whole.length,

    slice: async (start, end = whole.length) => Uint8Array.prototype.slice.call(whole, start, end).buffer as ArrayBuffer,
    close: async () => undefined,
  }
}
