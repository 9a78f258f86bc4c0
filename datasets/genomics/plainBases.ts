import { fourCodes, FOUR_LETTERS } from '../store/store.ts'

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
 * Copies the plain bases (A, C, G, T, four at a time in one case) that `from` holds from byte `i` on to `into` from byte `at` on, in upper case, and
 * counts them as they were in `histogram`, by byte. Answers how many: a multiple of four, up to the first four with anything else among them. Nearly
 * all of a genome is that, and one step for four letters is what makes reading it fast.
 */
export function readPlainBases(from: DataView, i: number, into: DataView, at: number, histogram: Uint32Array): number {
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
    // in the order of the codes: A, C, T, G
    histogram[0x41] += upper & 0xff
    histogram[0x43] += (upper >>> 8) & 0xff
    histogram[0x54] += (upper >>> 16) & 0xff
    histogram[0x47] += upper >>> 24
    if (lower === 0) continue
    histogram[0x61] += lower & 0xff
    histogram[0x63] += (lower >>> 8) & 0xff
    histogram[0x74] += (lower >>> 16) & 0xff
    histogram[0x67] += lower >>> 24
  }
  return i - start
}
