/**
 * Counter-based random numbers: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", §3.3).
 * A number depends only on its key and counter, so a batch depends only on (seed, step, row): nothing to save, nothing to replay.
 */

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** High 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function mulhi(a: number, b: number): number {
  const al = a & 0xffff
  const ah = a >>> 16
  const bl = b & 0xffff
  const bh = b >>> 16
  const mid = ah * bl + ((al * bl) >>> 16)
  const low = (mid & 0xffff) + al * bh
  return (ah * bh + Math.floor(mid / 65536) + Math.floor(low / 65536)) >>> 0
}

/** Four unsigned 32-bit numbers into `out`. */
export function philox(key0: number, key1: number, c0: number, c1: number, c2: number, c3: number, out: Uint32Array): void {
  let k0 = key0 >>> 0
  let k1 = key1 >>> 0
  for (let round = 0; round < 10; round++) {
    const hi0 = mulhi(M0, c0 >>> 0)
    const lo0 = Math.imul(M0, c0) >>> 0
    const hi1 = mulhi(M1, c2 >>> 0)
    const lo1 = Math.imul(M1, c2) >>> 0
    c0 = (hi1 ^ c1 ^ k0) >>> 0
    c2 = (hi0 ^ c3 ^ k1) >>> 0
    c1 = lo1
    c3 = lo0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

const scratch = new Uint32Array(4)

/** A whole number in [0, limit), limit ≤ 2^53, from (seed, a, b, c). Bias below limit / 2^53. */
export function randomBelow(seed: number, a: number, b: number, c: number, limit: number): number {
  philox(seed >>> 0, Math.floor(seed / 4_294_967_296) >>> 0, a, b, c, 0, scratch)
  return Math.floor(((scratch[0] * 2_097_152 + (scratch[1] >>> 11)) / 9_007_199_254_740_992) * limit)
}

/** A fair coin, independent of `randomBelow` for the same counters. */
export function randomBit(seed: number, a: number, b: number, c: number): 0 | 1 {
  philox(seed >>> 0, Math.floor(seed / 4_294_967_296) >>> 0, a, b, c, 1, scratch)
  return (scratch[0] & 1) as 0 | 1
}
