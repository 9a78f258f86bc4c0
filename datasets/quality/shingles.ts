/** Multiplier of the rolling hash of symbols that are no bases. */
const BASE = 0x2c1b3c6d
/** Odd multipliers with well-spread bits: the high bits of a product decide which shingles are kept. */
const LOW = 0x9e3779b1
const HIGH = 0x85ebca77
const SIGN = 0x80000000
/** Two bits a base, in two words of 32. */
const LONGEST_DNA = 32

/** The finaliser of MurmurHash3: every bit of the answer depends on every bit of x. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

export interface ShingleSpec {
  /** Symbols of a shingle; of DNA at most 32. */
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

/** The bound under which a signed 32-bit number lies with this probability. */
const boundOf = (probability: number): number => Math.ceil(2 ** 32 * probability) - 1 - 2 ** 31

const BASES = new Uint8Array(256).fill(4)
;[...'ACGT'].forEach((base, i) => (BASES[base.charCodeAt(0)] = i))

/**
 * Adds the hash of every kept shingle of DNA (letters), in order. A shingle and its reverse complement are one; those with another letter than
 * A C G T, or with fewer than 3 different bases, are passed over. Both strands roll in two words of 2 bits a base, and a product of each decides
 * whether the shingle is kept: only then is it hashed and looked at.
 */
export function dnaShingles(letters: Uint8Array, { k, every }: ShingleSpec, into: HashList): void {
  if (k > LONGEST_DNA) throw new RangeError(`A shingle of DNA has at most ${LONGEST_DNA} bases; ${k} were asked for.`)
  // kept when either strand is chosen: 1 − (1 − p)² = 1 / every
  const bound = boundOf(1 - Math.sqrt(1 - 1 / every))
  const lowMask = k >= 16 ? -1 : (1 << (2 * k)) - 1
  const highMask = k <= 16 ? 0 : k === 32 ? -1 : (1 << (2 * k - 32)) - 1
  // the complement of a base enters the other strand at its first place
  const [first, inHigh] = k <= 16 ? [2 * (k - 1), 0] : [2 * (k - 17), -1]
  let [low, high, backLow, backHigh, run] = [0, 0, 0, 0, 0]
  for (let i = 0; i < letters.length; i++) {
    const base = BASES[letters[i]]
    if (base === 4) {
      run = 0
      continue
    }
    high = ((high << 2) | (low >>> 30)) & highMask
    low = ((low << 2) | base) & lowMask
    const entering = (3 - base) << first
    backLow = (backLow >>> 2) | (backHigh << 30) | (entering & ~inHigh)
    backHigh = (backHigh >>> 2) | (entering & inHigh)
    if (++run < k) continue
    const forward = Math.imul(low, LOW) + Math.imul(high, HIGH)
    const backward = Math.imul(backLow, LOW) + Math.imul(backHigh, HIGH)
    if ((forward ^ SIGN) > bound && (backward ^ SIGN) > bound) continue
    if (fewBases(low, high, k)) continue
    const one = mix(low ^ Math.imul(mix(high), LOW))
    const other = mix(backLow ^ Math.imul(mix(backHigh), LOW))
    into.push(one < other ? one : other)
  }
}

/** Fewer than 3 different bases in a packed shingle: a run, or a repeat of two. */
function fewBases(low: number, high: number, k: number): boolean {
  let seen = 0
  for (let i = 0; i < k; i++) seen |= 1 << (i < 16 ? (low >>> (2 * i)) & 3 : (high >>> (2 * i - 32)) & 3)
  return (seen & 1) + ((seen >> 1) & 1) + ((seen >> 2) & 1) + (seen >> 3) < 3
}

/**
 * Adds the hash of every kept shingle of `symbols`, in order. A shingle in which less than half of the steps change the symbol (silence, a flat line,
 * blanks) says nothing and is passed over. Rolling: the work does not grow with k where few are kept.
 */
export function shingles(symbols: ArrayLike<number>, { k, every }: ShingleSpec, into: HashList): void {
  const bound = boundOf(1 / every)
  let top = 1
  for (let i = 1; i < k; i++) top = Math.imul(top, BASE)
  let rolling = 0
  for (let i = 0; i < symbols.length; i++) {
    // a symbol is counted from 1, so that leading zeros count too
    if (i >= k) rolling = (rolling - Math.imul(symbols[i - k] + 1, top)) | 0
    rolling = (Math.imul(rolling, BASE) + symbols[i] + 1) | 0
    if (i < k - 1 || (Math.imul(rolling, LOW) ^ SIGN) > bound) continue
    let changes = 0
    for (let j = i - k + 2; j <= i; j++) if (symbols[j] !== symbols[j - 1]) changes++
    if (2 * changes >= k) into.push(mix(rolling))
  }
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
