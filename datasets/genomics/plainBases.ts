import { fourCodes, FOUR_LETTERS, viewOf } from '../store/store.ts'

/** Byte of four codes → how many of each of the four letters, a byte each. */
const COUNTS = Int32Array.from({ length: 256 }, (_, code) => {
  let counts = 0
  for (let i = 0; i < 4; i++) counts += 1 << (8 * ((code >> (2 * i)) & 3))
  return counts
})
/** Letters until a count could leave its byte. */
const MOST = 252
const CASE = 0x20202020

/**
 * The bases of a piece of a file, on their way to the sink. Nearly all of a genome is A, C, G and T in one case for a long stretch: these go four at
 * a time. The parser puts every other letter into `out` itself.
 */
export class PlainBases {
  out = Buffer.allocUnsafe(1 << 16)
  private into = viewOf(this.out)
  private from = this.into

  /** Before each piece; `out` then has room for all of it. */
  begin(piece: Buffer): void {
    this.from = viewOf(piece)
    if (this.out.length >= piece.length) return
    this.out = Buffer.allocUnsafe(piece.length)
    this.into = viewOf(this.out)
  }

  /**
   * Copies plain bases from byte `i` of the piece on to `out` from `at` on, in upper case, and counts them as they were, by byte. Answers how many: a
   * multiple of four, up to the first four with anything else among them.
   */
  copy(i: number, at: number, histogram: Uint32Array): number {
    const { from, into } = this
    const start = i
    const end = from.byteLength - 3
    for (let plain = true; plain && i < end;) {
      let upper = 0
      let lower = 0
      for (const stop = Math.min(end, i + MOST); i < stop; i += 4, at += 4) {
        const letters = from.getInt32(i, true)
        const code = fourCodes(letters)
        const found = FOUR_LETTERS[code]
        if (found === letters) upper += COUNTS[code]
        else if ((found | CASE) === letters) lower += COUNTS[code]
        else {
          plain = false
          break
        }
        into.setInt32(at, found, true)
      }
      if (upper !== 0) tally(upper, 0, histogram)
      if (lower !== 0) tally(lower, 0x20, histogram)
    }
    return i - start
  }
}

/** Adds counts in the order of the codes: A, C, T, G. */
function tally(counts: number, letterCase: number, histogram: Uint32Array): void {
  histogram[0x41 | letterCase] += counts & 0xff
  histogram[0x43 | letterCase] += (counts >>> 8) & 0xff
  histogram[0x54 | letterCase] += (counts >>> 16) & 0xff
  histogram[0x47 | letterCase] += counts >>> 24
}
