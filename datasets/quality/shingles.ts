/** Multiplier of the rolling hash; odd, so that it has an inverse modulo 2³². */
const BASE = 0x2c1b3c6d
const INVERSE = inverse(BASE)

/** Newton's iteration doubles the bits that are right. */
function inverse(odd: number): number {
  let x = odd
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x))
  return x
}

/** The finaliser of MurmurHash3: every bit of the answer depends on every bit of x. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

export interface ShingleSpec {
  /** Symbols of a shingle. */
  k: number
  /** One shingle in so many is kept, the same ones wherever they occur (FracMinHash: Irber et al. 2022). */
  every: number
  /** Symbols are bases 0–3 (4 for any other): a shingle and its reverse complement are one, and those with N or fewer than 3 bases are passed over. */
  dna: boolean
}

/**
 * Calls `take` with the hash of every kept shingle of `symbols`, in order. A shingle in which less than half of the steps change the symbol (silence, a flat line,
 * blanks) says nothing and is passed over. Rolling: the work does not grow with k.
 */
export function eachShingle(symbols: ArrayLike<number>, { k, every, dna }: ShingleSpec, take: (hash: number) => void): void {
  const limit = Math.floor(4_294_967_296 / every)
  let top = 1
  for (let i = 1; i < k; i++) top = Math.imul(top, BASE)
  const seen = [-k, -k, -k, -k, -k]
  let forward = 0
  let backward = 0
  let changes = 0
  const fewest = k / 2
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]
    const leaving = i >= k ? symbols[i - k] : -1
    // a symbol is counted from 1, so that leading zeros count too
    if (leaving >= 0) forward = (forward - Math.imul(leaving + 1, top)) | 0
    forward = (Math.imul(forward, BASE) + symbol + 1) | 0
    if (i > 0 && symbols[i - 1] !== symbol) changes++
    if (leaving >= 0 && symbols[i - k + 1] !== leaving) changes--
    if (dna) {
      if (leaving >= 0) backward = (backward - (4 - Math.min(3, leaving))) | 0
      backward = i >= k ? Math.imul(backward, INVERSE) : backward
      backward = (backward + Math.imul(4 - Math.min(3, symbol), i >= k ? top : power(i))) | 0
      seen[symbol] = i
      if (i < k - 1 || seen[4] > i - k) continue
      const distinct = +(seen[0] > i - k) + +(seen[1] > i - k) + +(seen[2] > i - k) + +(seen[3] > i - k)
      if (distinct < 3) continue
      const hash = Math.min(mix(forward), mix(backward))
      if (hash < limit) take(hash)
    } else {
      if (i < k - 1 || changes < fewest) continue
      const hash = mix(forward)
      if (hash < limit) take(hash)
    }
  }
}

const powers: number[] = [1]
/** BASEⁱ modulo 2³², kept. */
function power(i: number): number {
  while (powers.length <= i) powers.push(Math.imul(powers[powers.length - 1], BASE))
  return powers[i]
}

/** Which record a shingle was first seen in, and (for folds) a second one on another side. Open addressing, 8 or 12 bytes a slot. */
export class ShingleTable {
  private readonly keys: Int32Array
  private readonly first: Int32Array
  private readonly second: Int32Array | null
  private readonly shift: number
  private filled = 0

  /** `most`: shingles it must hold at least. */
  constructor(most: number, twoSides: boolean) {
    const bits = Math.max(10, Math.ceil(Math.log2(Math.max(1, most) * 1.6)))
    this.shift = 32 - bits
    this.keys = new Int32Array(2 ** bits)
    this.first = new Int32Array(2 ** bits).fill(-1)
    this.second = twoSides ? new Int32Array(2 ** bits).fill(-1) : null
  }

  private slot(hash: number): number {
    const mask = this.keys.length - 1
    let slot = Math.imul(hash, 0x9e3779b1) >>> this.shift
    while (this.first[slot] >= 0 && this.keys[slot] !== (hash | 0)) slot = (slot + 1) & mask
    return slot
  }

  /** `otherSide(owner)`: whether the owner there lies on another side than this one. */
  add(hash: number, owner: number, otherSide: (owner: number) => boolean): void {
    const slot = this.slot(hash)
    if (this.first[slot] < 0) {
      // full enough: what is left out can only hide a likeness, never make one up
      if (this.filled >= this.keys.length * 0.8) return
      this.filled++
      this.keys[slot] = hash | 0
      this.first[slot] = owner
    } else if (this.second && this.second[slot] < 0 && otherSide(this.first[slot])) this.second[slot] = owner
  }

  /** An owner on another side, or −1. */
  find(hash: number, otherSide: (owner: number) => boolean): number {
    const slot = this.slot(hash)
    const owner = this.first[slot]
    if (owner >= 0 && otherSide(owner)) return owner
    const second = this.second && owner >= 0 ? this.second[slot] : -1
    return second >= 0 && otherSide(second) ? second : -1
  }
}
