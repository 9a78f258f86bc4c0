/**
 * Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a counter-based generator. The same (key, counter)
 * gives the same numbers whatever ran before, so resuming, threads and order do not change a run.
 */
const M0 = 0xd2511f53
const M1 = 0xcd9e8d57

function mulHi(a: number, b: number): number {
  const [ah, al, bh, bl] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff]
  const mid = al * bh + ((al * bl) >>> 16)
  const mid2 = ah * bl + (mid & 0xffff)
  return (ah * bh + Math.floor(mid / 0x10000) + Math.floor(mid2 / 0x10000)) >>> 0
}

/** Four uint32 for a 64-bit key and a 128-bit counter, both as uint32 words. */
export function philox(
  key: readonly [number, number],
  counter: readonly [number, number, number, number],
): [number, number, number, number] {
  let [k0, k1] = [key[0] >>> 0, key[1] >>> 0]
  let [c0, c1, c2, c3] = counter.map((c) => c >>> 0)
  for (let round = 0; round < 10; round++) {
    const [hi0, lo0] = [mulHi(M0, c0), Math.imul(M0, c0) >>> 0]
    const [hi1, lo1] = [mulHi(M1, c2), Math.imul(M1, c2) >>> 0]
    ;[c0, c1, c2, c3] = [(hi1 ^ c1 ^ k0) >>> 0, lo1, (hi0 ^ c3 ^ k1) >>> 0, lo0]
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  return [c0, c1, c2, c3]
}

/** A stream of numbers named by (seed, stream): call order within the stream is the only state. */
export class RandomStream {
  #counter = 0
  #left: number[] = []
  readonly #key: [number, number]
  readonly #stream: number
  constructor(seed: number, stream = 0) {
    this.#key = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0]
    this.#stream = stream
  }
  uint32(): number {
    if (!this.#left.length) this.#left = philox(this.#key, [this.#counter++, 0, this.#stream, 0])
    return this.#left.pop()!
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
