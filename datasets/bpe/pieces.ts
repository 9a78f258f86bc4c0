import { BASE_ID } from '../genomics/nucleotideCodec.ts'
import { LONGEST_PIECE } from './mergePiece.ts'

/**
 * Where text is cut before pairs are joined: the pattern of GPT-2 (Radford et al. 2019), so that no token crosses from word to word.
 * DNA has no words; it is cut into blocks, so that a token never depends on bases far away, and N stands alone.
 */
export const TEXT_PIECES = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu
export const DNA_BLOCK = 512

/** What is done with one piece: `bytes[from, to)` are UTF-8 bytes, or bases 0 to 4. */
export type TakePiece = (bytes: Uint8Array, from: number, to: number) => void

/** Cuts a stretch of cells that comes in parts. After the last part, call `end`. */
export interface PieceCutter {
  push(cells: Uint8Array): void
  end(): void
}

export const pieceCutter = (of: 'text' | 'dna', take: TakePiece): PieceCutter => (of === 'dna' ? new DnaCutter(take) : new TextCutter(take))

class DnaCutter implements PieceCutter {
  private readonly take: TakePiece
  private readonly block = new Uint8Array(DNA_BLOCK)
  private filled = 0

  constructor(take: TakePiece) {
    this.take = take
  }

  push(cells: Uint8Array): void {
    for (let i = 0; i < cells.length; i++) {
      const base = BASE_ID[cells[i]]
      if (base > 3) this.end()
      this.block[this.filled++] = base
      if (base > 3 || this.filled === DNA_BLOCK) this.end()
    }
  }

  end(): void {
    if (this.filled > 0) this.take(this.block, 0, this.filled)
    this.filled = 0
  }
}

class TextCutter implements PieceCutter {
  private readonly take: TakePiece
  private held = new Uint8Array(0)

  constructor(take: TakePiece) {
    this.take = take
  }

  push(cells: Uint8Array): void {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, cells]) : cells
    const safe = lastSafeCut(bytes)
    this.cut(bytes.subarray(0, safe))
    this.held = Uint8Array.from(bytes.subarray(safe))
  }

  end(): void {
    this.cut(this.held)
    this.held = new Uint8Array(0)
  }

  private cut(bytes: Uint8Array): void {
    // a stretch may begin or end inside a character, which only splits by position do: such bytes stand alone
    let from = 0
    while (from < bytes.length && from < 3 && (bytes[from] & 0xc0) === 0x80) this.take(bytes, from, ++from)
    const to = bytes.length - openCharacter(bytes)
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.max(0, to - from)).toString('utf8')
    let at = from
    for (const [piece] of text.matchAll(TEXT_PIECES)) {
      const length = Buffer.byteLength(piece)
      this.take(bytes, at, at + length)
      at += length
    }
    for (at = Math.max(from, to); at < bytes.length; at++) this.take(bytes, at, at + 1)
  }
}

/** Bytes at the end that begin a character and do not finish it. */
function openCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]
    if ((byte & 0xc0) === 0x80) continue
    return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1) > back ? back : 0
  }
  return 0
}

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

/**
 * The last place where what follows cannot change what was cut before: a blank after something else. A longer stretch without one is cut
 * all the same, between two characters.
 */
function lastSafeCut(bytes: Uint8Array): number {
  for (let i = bytes.length - 1; i > 0; i--) if (isBlank(bytes[i]) && bytes[i - 1] < 0x80 && !isBlank(bytes[i - 1])) return i
  return bytes.length < LONGEST_PIECE / 2 ? 0 : bytes.length - openCharacter(bytes)
}
