/**
 * Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a counter-based generator. The same (key, counter)
 * gives the same numbers whatever ran before, so resuming, threads and order do not change a run.
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

/** Four uint32 into `out`, for a 64-bit key and a 128-bit counter given as uint32 words. */
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

/** A stream of numbers named by (seed, stream): call order within the stream is the only state. */
export class RandomStream {
  #counter = 0
  #left = 0
  readonly #block = new Uint32Array(4)
  readonly #key: [number, number]
  readonly #stream: number
  constructor(seed: number, stream = 0) {
    this.#key = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0]
    this.#stream = stream
  }
  uint32(): number {
    if (this.#left === 0) {
      philox(this.#key[0], this.#key[1], this.#counter++, 0, this.#stream, 0, this.#block)
      this.#left = 4
    }
    return this.#block[--this.#left]
  }
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000
  }
  /** Standard normal (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }
}
