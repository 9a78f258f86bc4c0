import { hash } from 'node:crypto'
import type { LeakageReport } from '../../main/contract/dataset.ts'
import type { Units } from './units.ts'

const COMPLEMENT = complements()

function complements(): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, i) => i)
  ;[...'ACGTRYSWKMBDHVN'].forEach((base, i) => (table[base.charCodeAt(0)] = 'TGCAYRSWMKVHDBN'.charCodeAt(i)))
  return table
}

/** 48 bits: among a million records one false pair in some 500 datasets. */
const key = (bytes: Uint8Array): number => hash('sha1', bytes, 'buffer').readUIntBE(0, 6)

/** Whole records by what they hold. */
export class Contents {
  private readonly units: Units
  private readonly dna: boolean
  /** Open addressing: content (-1 where free) → the units seen first and last with it; `before`: of a unit the one before it, or -1. */
  private readonly keys: Float64Array
  private readonly first: Int32Array
  private readonly last: Int32Array
  private readonly before: Int32Array

  constructor(units: Units, dna: boolean) {
    this.units = units
    this.dna = dna
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, 1.5 * units.count)))
    this.keys = new Float64Array(size).fill(-1)
    this.first = new Int32Array(size)
    this.last = new Int32Array(size)
    this.before = new Int32Array(units.count)
  }

  private slot(content: number): number {
    const mask = this.keys.length - 1
    // the low bits of a digest are as good as any
    let slot = (content % 4_294_967_296) & mask
    while (this.keys[slot] !== -1 && this.keys[slot] !== content) slot = (slot + 1) & mask
    return slot
  }

  add(i: number, bytes: Uint8Array): void {
    const own = key(bytes)
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

  /** A training unit with the same content, or (DNA) with that of the other strand. */
  twin(i: number, bytes: Uint8Array): { owner: number; kind: 'duplicate' | 'reverse-complement' } | null {
    const same = this.find(key(bytes), i)
    if (same >= 0) return { owner: same, kind: 'duplicate' }
    if (!this.dna) return null
    const opposite = this.find(key(bytes.toReversed().map((byte) => COMPLEMENT[byte])), i)
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
