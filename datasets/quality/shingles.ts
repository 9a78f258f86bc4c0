/** Multiplier of the rolling hash of symbols that are no bases. */
const BASE = 0x2c1b3c6d
/** Odd, with well-spread bits: whether a shingle is kept is decided by a product with it. */
const SPREAD = 0x9e3779b1
/** Bases that fit one word, two bits each. */
const CORE = 16

/** The finaliser of MurmurHash3: every bit of the answer depends on every bit of x. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

export interface ShingleSpec {
  /** Symbols of a shingle; of DNA from 17 on an even number. */
  k: number
  /** One shingle in so many is kept, the same ones wherever they occur (FracMinHash: Irber et al. 2022). */
  every: number
}

/** Hashes of 32 bits, in a list that grows. */
export class HashList {
  values = new Uint32Array(4096)
  length = 0

  push(hash: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(2 * this.length)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.length++] = hash
  }
}

/** The signed 32-bit number up to which random ones lie with this probability. */
const boundOf = (probability: number): number => (Math.ceil(2 ** 32 * probability) - 1 - 2 ** 31) | 0

const BASES = new Uint8Array(256).fill(4)
;[...'ACGT'].forEach((base, i) => (BASES[base.charCodeAt(0)] = i))

/**
 * Adds the hash of every kept shingle of DNA (letters), in order. A shingle and its reverse complement are one; those with another letter than
 * A C G T, or with fewer than 3 different bases in their middle, are passed over. The middle, at most 16 bases, rolls in one word for each strand and
 * decides whether the shingle is kept: only then are the bases around it looked at. That is a handful of operations a base.
 */
export function dnaShingles(letters: Uint8Array, { k, every }: ShingleSpec, into: HashList): void {
  // kept when either strand is chosen: 1 − (1 − p)² = 1 / every
  const bound = boundOf(1 - Math.sqrt(1 - 1 / every))
  const core = Math.min(k, CORE)
  const around = (k - core) / 2
  const mask = core === CORE ? -1 : (1 << (2 * core)) - 1
  // the complement of a base enters the other strand at its first place
  const place = 2 * (core - 1)
  const n = letters.length
  let forward = 0
  let backward = 0
  let run = 0
  for (let i = 0; i < n; i++) {
    const base = BASES[letters[i]]
    if (base === 4) {
      run = 0
      continue
    }
    forward = ((forward << 2) | base) & mask
    backward = (backward >>> 2) | ((3 - base) << place)
    run = (run + 1) | 0
    if (Math.imul(forward, SPREAD) > bound && Math.imul(backward, SPREAD) > bound) continue
    if (run < core + around || fewBases(forward, core)) continue
    let [before, after] = [0, 0]
    if (around > 0) {
      before = packed(letters, i - core - around + 1, around)
      after = packed(letters, i + 1, around)
      if (after < 0) continue
    }
    const one = mix(forward ^ Math.imul((before << CORE) | after, SPREAD))
    const other = mix(backward ^ Math.imul((complement(after, around) << CORE) | complement(before, around), SPREAD))
    into.push(one < other ? one : other)
  }
}

/** Bases from `from` on in two bits each; -1 where one is not A C G T, or there are too few. */
function packed(letters: Uint8Array, from: number, n: number): number {
  let all = 0
  for (let i = from; i < from + n; i++) {
    const base = i < letters.length ? BASES[letters[i]] : 4
    if (base === 4) return -1
    all = (all << 2) | base
  }
  return all
}

/** Of packed bases, those of the other strand. */
function complement(bases: number, n: number): number {
  let other = 0
  for (let i = 0; i < n; i++) other = (other << 2) | (3 - ((bases >>> (2 * i)) & 3))
  return other
}

/** Fewer than 3 different bases: a run, or a repeat of two. */
function fewBases(bases: number, n: number): boolean {
  let seen = 0
  for (let i = 0; i < n; i++) seen |= 1 << ((bases >>> (2 * i)) & 3)
  return (seen & 1) + ((seen >> 1) & 1) + ((seen >> 2) & 1) + (seen >> 3) < 3
}

/**
 * Adds the hash of every kept shingle of `symbols`, in order. A shingle in which less than half of the steps change the symbol (silence, a flat line,
 * blanks) says nothing and is passed over. Rolling: the work does not grow with k where few are kept.
 */
export function shingles(symbols: ArrayLike<number>, { k, every }: ShingleSpec, into: HashList): void {
  const bound = boundOf(1 / every)
  let top = 1
  for (let i = 0; i < k; i++) top = Math.imul(top, BASE)
  const n = symbols.length
  let rolling = 0
  // a symbol is counted from 1, so that leading zeros count too
  for (let i = 0; i < k - 1 && i < n; i++) rolling = (Math.imul(rolling, BASE) + symbols[i] + 1) | 0
  let leaving = -1
  for (let i = k - 1; i < n; i++) {
    rolling = (Math.imul(rolling, BASE) + ((symbols[i] + 1 - Math.imul(leaving + 1, top)) | 0)) | 0
    leaving = symbols[i - k + 1]
    if (Math.imul(rolling, SPREAD) <= bound && isVaried(symbols, i - k + 1, k)) into.push(mix(rolling))
  }
}

function isVaried(symbols: ArrayLike<number>, from: number, k: number): boolean {
  let changes = 0
  for (let i = from + 1; i < from + k; i++) if (symbols[i] !== symbols[i - 1]) changes++
  return 2 * changes >= k
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
