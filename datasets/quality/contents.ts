import type { LeakageReport } from '../../main/contract/dataset.ts'
import type { Units } from './units.ts'

const COMPLEMENT = complements()

function complements(): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, i) => i)
  ;[...'ACGTRYSWKMBDHVN'].forEach((base, i) => (table[base.charCodeAt(0)] = 'TGCAYRSWMKVHDBN'.charCodeAt(i)))
  return table
}

/**
 * 53 bits of two multiply-xor hashes, four bytes at a time, finished as MurmurHash3 does: among a million records one false pair in some 18,000 datasets.
 */
function keyOf(bytes: Uint8Array): number {
  const n = bytes.length
  const whole = n - (n % 4)
  let a = 0x9747b28c
  let b = 0x2545f491
  for (let i = 0; i < whole; i += 4) {
    const word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)
    a = Math.imul(a ^ word, 0xcc9e2d51)
    a = (a << 13) | (a >>> 19)
    b = Math.imul(b ^ word, 0x1b873593)
    b = (b << 17) | (b >>> 15)
  }
  for (let i = whole; i < n; i++) {
    a = Math.imul(a ^ bytes[i], 0xcc9e2d51)
    b = Math.imul(b ^ bytes[i], 0x1b873593)
  }
  a = finished(a ^ n)
  return (finished(b + a) & 0x1fffff) * 4_294_967_296 + a
}

let turned = new Uint8Array(0)

/** The other strand, in the same memory each time. */
function oppositeOf(bytes: Uint8Array): Uint8Array {
  const n = bytes.length
  if (turned.length < n) turned = new Uint8Array(2 * n)
  for (let i = 0, from = n - 1; i < n; i++, from--) turned[i] = COMPLEMENT[bytes[from]]
  return turned.subarray(0, n)
}

function finished(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Whole records by what they hold. */
export class Contents {
  private readonly units: Units
  /** Of each unit: its content, and (DNA, held out) that of its other strand; -1 where it is not known. */
  private readonly own: Float64Array
  private readonly opposite: Float64Array | null
  /** Open addressing: content (-1 where free) → the units seen first and last with it; `before`: of a unit the one before it, or -1. */
  private readonly keys: Float64Array
  private readonly first: Int32Array
  private readonly last: Int32Array
  private readonly before: Int32Array

  constructor(units: Units, dna: boolean) {
    this.units = units
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, 1.25 * units.count)))
    this.own = new Float64Array(units.count).fill(-1)
    this.opposite = dna ? new Float64Array(units.count).fill(-1) : null
    this.keys = new Float64Array(size).fill(-1)
    this.first = new Int32Array(size)
    this.last = new Int32Array(size)
    this.before = new Int32Array(units.count)
  }

  private slot(content: number): number {
    const mask = this.keys.length - 1
    // the low bits of a hash are as good as any
    let slot = (content % 4_294_967_296) & mask
    while (this.keys[slot] !== -1 && this.keys[slot] !== content) slot = (slot + 1) & mask
    return slot
  }

  /** Each whole record once, in order. */
  add(i: number, bytes: Uint8Array): void {
    const own = (this.own[i] = keyOf(bytes))
    if (this.opposite && this.units.isHeldOut(i)) this.opposite[i] = keyOf(oppositeOf(bytes))
    const slot = this.slot(own)
    const fresh = this.keys[slot] === -1
    this.before[i] = fresh ? -1 : this.last[slot]
    if (fresh) this.first[slot] = i
    this.keys[slot] = own
    this.last[slot] = i
  }

  /** The units with one content, last to first. */
  private *owners(slot: number): Generator<number> {
    if (this.keys[slot] === -1) return
    for (let i = this.last[slot]; i >= 0; i = this.before[i]) yield i
  }

  /** Once all are added: a training unit with the same content, or (DNA) with that of the other strand. */
  twin(i: number): { owner: number; kind: 'duplicate' | 'reverse-complement' } | null {
    if (this.own[i] < 0) return null
    const same = this.find(this.own[i], i)
    if (same >= 0) return { owner: same, kind: 'duplicate' }
    const opposite = this.opposite ? this.find(this.opposite[i], i) : -1
    return opposite >= 0 ? { owner: opposite, kind: 'reverse-complement' } : null
  }

  private find(content: number, i: number): number {
    const slot = this.slot(content)
    const trains = (owner: number): boolean => owner !== i && this.units.isTrainingOf(i, owner)
    // the first in file order mostly is one: of a million copies, not each is asked
    if (this.keys[slot] !== -1 && trains(this.first[slot])) return this.first[slot]
    for (const owner of this.owners(slot)) if (trains(owner)) return owner
    return -1
  }

  repeated(): LeakageReport['repeated'] {
    const repeated = { contents: 0, records: 0, conflicts: 0 }
    for (let slot = 0; slot < this.keys.length; slot++) {
      if (this.keys[slot] === -1 || this.before[this.last[slot]] < 0) continue
      const owners = [...this.owners(slot)]
      repeated.contents++
      repeated.records += owners.length
      const labels = new Set(owners.map((owner) => this.units.labelOf(owner)).filter((label) => !Number.isNaN(label)))
      if (labels.size > 1) repeated.conflicts++
    }
    return repeated
  }
}
