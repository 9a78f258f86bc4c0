import { ilog, type VorbisBits } from './vorbisBits.ts'

const FAST_BITS = 10

/** A Huffman code and, for vectors, the numbers each of its words stands for (Vorbis I, section 3). */
export class VorbisCodebook {
  readonly dimensions: number
  /** `dimensions` numbers for each entry; empty where the book only codes whole numbers. */
  readonly vectors: Float32Array
  /** By the next 10 bits: entry × 64 + length of its word; −1 where the word is longer. */
  private readonly fast = new Int32Array(1 << FAST_BITS).fill(-1)
  /** Two children a node: another node, or −2 − entry, or −1 for none. */
  private readonly tree: number[] = [-1, -1]

  /** Throws a string that says what is wrong. */
  constructor(bits: VorbisBits) {
    if (bits.read(24) !== 0x564342) throw 'a codebook does not begin as one'
    this.dimensions = bits.read(16)
    const entries = bits.read(24)
    if (this.dimensions === 0 || entries * this.dimensions > 1 << 22) throw 'a codebook has an impossible size'
    this.build(readLengths(bits, entries))
    this.vectors = readVectors(bits, entries, this.dimensions)
  }

  /** The next entry; −1 at the end of the packet or for no word of the code. */
  decode(bits: VorbisBits): number {
    const known = this.fast[bits.peek(FAST_BITS)]
    if (known >= 0) {
      bits.skip(known & 63)
      return bits.over ? -1 : known >> 6
    }
    for (let node = 0; ;) {
      const next = this.tree[node + bits.read(1)]
      if (next === -1 || bits.over) return -1
      if (next < -1) return -2 - next
      node = next
    }
  }

  private build(lengths: Uint8Array): void {
    // the lowest free word of each length: entry 4 of section 3.2.1
    const free = new Float64Array(33)
    let used = 0
    lengths.forEach((length, entry) => {
      if (length === 0) return
      const word = used++ === 0 ? 0 : takeWord(free, length)
      if (used === 1) for (let i = 1; i <= length; i++) free[i] = 2 ** (32 - i)
      this.insert(word, length, entry)
    })
    if (used === 1) {
      // a book of one entry: either bit is its word
      const entry = lengths.findIndex((length) => length > 0)
      this.insert(2 ** 31, lengths[entry], entry)
    }
  }

  /** `word` has its first bit at the top of 32. */
  private insert(word: number, length: number, entry: number): void {
    let node = 0
    let reversed = 0
    for (let i = 0; i < length; i++) {
      const bit = Math.floor(word / 2 ** (31 - i)) & 1
      reversed += bit * 2 ** i
      if (i === length - 1) this.tree[node + bit] = -2 - entry
      else {
        if (this.tree[node + bit] < 0) {
          this.tree[node + bit] = this.tree.length
          this.tree.push(-1, -1)
        }
        node = this.tree[node + bit]
      }
    }
    if (length <= FAST_BITS) for (let i = reversed; i < 1 << FAST_BITS; i += 1 << length) this.fast[i] = (entry << 6) | length
  }
}

/** The lowest word of this length that no word so far begins; splits the longest shorter free word when there is none. */
function takeWord(free: Float64Array, length: number): number {
  let from = length
  while (from > 0 && free[from] === 0) from--
  if (from === 0) throw 'a codebook has more words than fit'
  const word = free[from]
  free[from] = 0
  for (let i = length; i > from; i--) free[i] = word + 2 ** (32 - i)
  return word
}

function readLengths(bits: VorbisBits, entries: number): Uint8Array {
  const lengths = new Uint8Array(entries)
  if (bits.read(1) === 0) {
    const sparse = bits.read(1) === 1
    for (let i = 0; i < entries; i++) if (!sparse || bits.read(1) === 1) lengths[i] = bits.read(5) + 1
    return lengths
  }
  let length = bits.read(5) + 1
  for (let i = 0; i < entries; length++) {
    const run = bits.read(ilog(entries - i))
    if (length > 32 || i + run > entries) throw 'the word lengths of a codebook do not fit it'
    lengths.fill(length, i, i + run)
    i += run
  }
  return lengths
}

function readVectors(bits: VorbisBits, entries: number, dimensions: number): Float32Array {
  const kind = bits.read(4)
  if (kind === 0) return new Float32Array(0)
  if (kind > 2) throw 'a codebook is of a reserved kind'
  const least = readFloat(bits)
  const step = readFloat(bits)
  const width = bits.read(4) + 1
  const sums = bits.read(1) === 1
  const values = kind === 1 ? wholeRoot(entries, dimensions) : entries * dimensions
  const multiples = Uint32Array.from({ length: values }, () => bits.read(width))
  const vectors = new Float32Array(entries * dimensions)
  for (let entry = 0; entry < entries; entry++) {
    let before = 0
    for (let j = 0, divisor = 1; j < dimensions; j++, divisor *= values) {
      const multiple = kind === 1 ? multiples[Math.floor(entry / divisor) % values] : multiples[entry * dimensions + j]
      const value = multiple * step + least + before
      vectors[entry * dimensions + j] = value
      if (sums) before = value
    }
  }
  return vectors
}

/** A float of Vorbis: 21 bits of mantissa, 10 of exponent, a sign. */
function readFloat(bits: VorbisBits): number {
  const word = bits.read(32)
  const mantissa = word % 2 ** 21
  return (word >= 2 ** 31 ? -mantissa : mantissa) * 2 ** ((Math.floor(word / 2 ** 21) % 1024) - 788)
}

/** The largest whole number whose `power` is not above n. */
function wholeRoot(n: number, power: number): number {
  let root = Math.floor(n ** (1 / power))
  while ((root + 1) ** power <= n) root++
  while (root ** power > n) root--
  return root
}
