import { isUtf8 } from 'node:buffer'
import type { TextEncoding } from '../../main/contract/importing.ts'
import { pieceDecoder } from './encodings.ts'

const UTF8_BOM = [0xef, 0xbb, 0xbf]

/**
 * Content in any of our encodings → UTF-8 without byte order mark. With `clean`, bytes that are no UTF-8 become U+FFFD, "\r\n" becomes "\n",
 * and no piece ends inside a character.
 */
export async function* utf8Pieces(content: AsyncIterable<Buffer>, encoding: TextEncoding, clean: boolean): AsyncGenerator<Buffer> {
  const pieces = encoding === 'utf-8' ? withoutBom(content) : transcoded(content, encoding)
  if (!clean) {
    yield* pieces
    return
  }
  let held = Buffer.alloc(0)
  for await (const piece of pieces) {
    const whole = held.length > 0 ? Buffer.concat([held, piece]) : piece
    const cut = safeEnd(whole)
    held = Buffer.from(whole.subarray(cut))
    if (cut > 0) yield cleaned(whole.subarray(0, cut))
  }
  if (held.length > 0) yield cleaned(held)
}

async function* withoutBom(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true
  for await (const piece of content) {
    const skip = first && UTF8_BOM.every((byte, i) => piece[i] === byte) ? 3 : 0
    first = false
    if (piece.length > skip) yield piece.subarray(skip)
  }
}

async function* transcoded(content: AsyncIterable<Buffer>, encoding: TextEncoding): AsyncGenerator<Buffer> {
  const decoder = pieceDecoder(encoding)
  for await (const piece of content) {
    const text = decoder.decode(piece)
    if (text.length > 0) yield Buffer.from(text, 'utf8')
  }
  const rest = decoder.end()
  if (rest.length > 0) yield Buffer.from(rest, 'utf8')
}

/** Where a piece may end without cutting a character or a "\r\n". */
function safeEnd(bytes: Buffer): number {
  const length = bytes.length
  if (bytes[length - 1] === 0x0d) return length - 1
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]
    if ((byte & 0xc0) === 0x80) continue
    const size = byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1
    return size > back ? length - back : length
  }
  return length
}

function cleaned(piece: Buffer): Buffer {
  const hasReturn = piece.includes(0x0d)
  if (!hasReturn && isUtf8(piece)) return piece
  // decoding replaces broken bytes; a mark inside the text is a character like any other
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(piece)
  return Buffer.from(hasReturn ? text.replaceAll('\r\n', '\n') : text, 'utf8')
}
