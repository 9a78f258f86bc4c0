/**
 * Four bases in a byte, for datasets of DNA: a quarter of the disk, of what an import writes, and of what random windows wait for.
 *
 *   byte 0   uint16  cells in the chunk
 *   byte 2   uint16  runs of other letters (N, IUPAC); RAW where there are too many: the cells then follow as they are
 *   byte 4           two bits a base, A 0, C 1, T 2, G 3, the first base lowest
 *   then             each run: uint16 its first cell, uint16 its length, uint16 its letter; in order
 *
 * All little-endian. The idea is that of UCSC's 2bit format, here for each chunk by itself.
 */
const HEADER = 4
const RUN = 6
const RAW = 0xffff
const LETTERS = 'ACTG'

/** Room that packing needs for so many cells. */
export const packedRoom = (cells: number): number => HEADER + cells

/** Byte of four codes → the four letters as they lie in memory, read as a little-endian int32. */
export const FOUR_LETTERS = Int32Array.from({ length: 256 }, (_, code) => {
  let letters = 0
  for (let i = 0; i < 4; i++) letters |= LETTERS.charCodeAt((code >> (2 * i)) & 3) << (8 * i)
  return letters
})

/** Bits 1 and 2 of A, C, G and T in ASCII, of either case, tell them apart; the product gathers those of four letters in its top byte. */
export const fourCodes = (letters: number): number => Math.imul((letters >>> 1) & 0x03030303, 0x01041040) >>> 24

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Of a chunk, the words with other letters. */
const oddWords = new Uint16Array(16_384)

/**
 * Upper-case letters → packed, into the first bytes of `into`, which has `packedRoom` for them. Answers how many. At most 65,535 cells, and their
 * memory begins at a whole word (of a slice of an own buffer it does).
 */
export function packBases(cells: Uint8Array, into: Uint8Array): number {
  const n = cells.length
  const words = new Int32Array(cells.buffer, cells.byteOffset, n >> 2)
  // most chunks end with this loop, so it holds nothing else
  let different = 0
  for (let w = 0; w < words.length; w++) {
    const letters = words[w]
    const code = fourCodes(letters)
    into[HEADER + w] = code
    different |= FOUR_LETTERS[code] ^ letters
  }
  const others = new OtherLetters(cells, into)
  const odd = different === 0 ? 0 : listOdd(words, into)
  for (let k = 0; k < odd; k++) if (!others.add(4 * oddWords[k], 4 * oddWords[k] + 4)) return keepRaw(cells, into)
  if (n % 4 > 0) {
    let last = 0
    for (let i = 4 * words.length; i < n; i++) last |= cells[i] << (8 * (i % 4))
    into[HEADER + words.length] = fourCodes(last)
    if (!others.add(4 * words.length, n)) return keepRaw(cells, into)
  }
  return others.end()
}

function listOdd(words: Int32Array, packed: Uint8Array): number {
  let odd = 0
  for (let w = 0; w < words.length; w++) if (FOUR_LETTERS[packed[HEADER + w]] !== words[w]) oddWords[odd++] = w
  return odd
}

/** The runs of letters that are none of the four, written behind the codes. */
class OtherLetters {
  private readonly cells: Uint8Array
  private readonly into: DataView
  private at: number
  private runs = 0
  private letter = 0
  private start = 0
  private stop = 0

  constructor(cells: Uint8Array, into: Uint8Array) {
    this.cells = cells
    this.into = viewOf(into)
    this.at = HEADER + Math.ceil(cells.length / 4)
  }

  /** Looks at cells [from, to). False when packing gains nothing. */
  add(from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      const letter = this.cells[i]
      if (LETTERS.charCodeAt((letter >> 1) & 3) === letter) continue
      if (letter === this.letter && i === this.stop) {
        this.stop++
        continue
      }
      this.close()
      this.letter = letter
      this.start = i
      this.stop = i + 1
      if (this.at + RUN > packedRoom(this.cells.length)) return false
    }
    return true
  }

  private close(): void {
    if (this.stop === this.start) return
    this.into.setUint16(this.at, this.start, true)
    this.into.setUint16(this.at + 2, this.stop - this.start, true)
    this.into.setUint16(this.at + 4, this.letter, true)
    this.at += RUN
    this.runs++
  }

  /** Answers where the packed bytes end. */
  end(): number {
    this.close()
    this.into.setUint16(0, this.cells.length, true)
    this.into.setUint16(2, this.runs, true)
    return this.at
  }
}

function keepRaw(cells: Uint8Array, into: Uint8Array): number {
  const view = viewOf(into)
  view.setUint16(0, cells.length, true)
  view.setUint16(2, RAW, true)
  into.set(cells, HEADER)
  return packedRoom(cells.length)
}

/** Cells [from, to) of a packed chunk, as letters, into `into` from `at` on. */
export function unpackBases(packed: Uint8Array, from: number, to: number, into: Uint8Array, at = 0): void {
  const view = viewOf(packed)
  const runs = view.getUint16(2, true)
  if (runs === RAW) {
    into.set(packed.subarray(HEADER + from, HEADER + to), at)
    return
  }
  const out = viewOf(into)
  let i = from
  let o = at
  for (; i < to && i % 4 !== 0; i++, o++) into[o] = letterAt(packed, i)
  for (; i + 4 <= to; i += 4, o += 4) out.setInt32(o, FOUR_LETTERS[packed[HEADER + (i >> 2)]], true)
  for (; i < to; i++, o++) into[o] = letterAt(packed, i)
  const table = HEADER + Math.ceil(view.getUint16(0, true) / 4)
  for (let run = firstRun(view, table, runs, from); run < runs; run++) {
    const start = view.getUint16(table + RUN * run, true)
    if (start >= to) return
    const stop = start + view.getUint16(table + RUN * run + 2, true)
    into.fill(packed[table + RUN * run + 4], at + Math.max(from, start) - from, at + Math.min(to, stop) - from)
  }
}

const letterAt = (packed: Uint8Array, i: number): number => LETTERS.charCodeAt((packed[HEADER + (i >> 2)] >> (2 * (i & 3))) & 3)

/** The first of the runs that does not end before `from`. */
function firstRun(view: DataView, table: number, runs: number, from: number): number {
  let low = 0
  for (let high = runs; low < high;) {
    const middle = (low + high) >>> 1
    const stop = view.getUint16(table + RUN * middle, true) + view.getUint16(table + RUN * middle + 2, true)
    if (stop <= from) low = middle + 1
    else high = middle
  }
  return low
}

/** Cells of a packed chunk. */
export const cellsOf = (packed: Uint8Array): number => packed[0] | (packed[1] << 8)
