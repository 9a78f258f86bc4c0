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

/** A number in [0, 1), independent of the ones above for the same counters. */
export function randomShare(seed: number, a: number, b: number, c: number): number {
  philox(seed >>> 0, Math.floor(seed / 4_294_967_296) >>> 0, a, b, c, 2, scratch)
  return scratch[0] / 4_294_967_296
}

/** Adds normal noise (Box and Muller 1958) of this deviation to the first `n` values; value i depends on (seed, a, b, i) alone. */
export function addNoise(values: Float32Array, n: number, deviation: number, seed: number, a: number, b: number): void {
  for (let i = 0; i < n; i += 4) {
    philox(seed >>> 0, Math.floor(seed / 4_294_967_296) >>> 0, a, b, i / 4, 3, scratch)
    for (let k = 0; k < 4 && i + k < n; k += 2) {
      // never the logarithm of 0
      const radius = deviation * Math.sqrt(-2 * Math.log((scratch[k] + 1) / 4_294_967_297))
      const angle = (2 * Math.PI * scratch[k + 1]) / 4_294_967_296
      values[i + k] += radius * Math.cos(angle)
      if (i + k + 1 < n) values[i + k + 1] += radius * Math.sin(angle)
    }
  }
}
