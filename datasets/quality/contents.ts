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
  /** Content → the one unit that has it, or all of them. */
  private readonly owners = new Map<number, number | number[]>()

  constructor(units: Units, dna: boolean) {
    this.units = units
    this.dna = dna
  }

  add(i: number, bytes: Uint8Array): void {
    const own = key(bytes)
    const owners = this.owners.get(own)
    if (owners === undefined) this.owners.set(own, i)
    else if (typeof owners === 'number') this.owners.set(own, [owners, i])
    else owners.push(i)
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
    const owners = this.owners.get(content)
    if (owners === undefined) return -1
    const all = typeof owners === 'number' ? [owners] : owners
    return all.find((owner) => owner !== i && this.units.isTrainingOf(i, owner)) ?? -1
  }

  repeated(): LeakageReport['repeated'] {
    const repeated = { contents: 0, records: 0, conflicts: 0 }
    for (const owners of this.owners.values()) {
      if (typeof owners === 'number') continue
      repeated.contents++
      repeated.records += owners.length
      const labels = new Set(owners.map((owner) => this.units.label[owner]).filter((label) => !Number.isNaN(label)))
      if (labels.size > 1) repeated.conflicts++
    }
    return repeated
  }
}
