import { philox } from '../../kernels/random/philox.ts'

/** A batch depends only on (seed, step, row): nothing to save, nothing to replay. */

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
