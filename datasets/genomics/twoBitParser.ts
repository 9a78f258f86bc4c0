import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import { RecordWriter, type ParserInput, type SequenceParser } from './sequenceRecords.ts'

const SIGNATURE = 0x1a412743
const MOST_SEQUENCES = 10_000_000
/** Blocks of N or of soft mask in one sequence. */
const MOST_BLOCKS = 20_000_000
const LETTERS = Buffer.from('TCAG')
const N = 0x4e

/** Byte → its four bases, first in the high bits. */
const FOUR = Uint8Array.from({ length: 1024 }, (_, i) => LETTERS[((i >> 2) >> (6 - 2 * (i & 3))) & 3])

/**
 * Streaming .2bit (the UCSC browser's packed genomes): header, index, then each sequence with its blocks of N and of soft mask. Either byte
 * order; sequences lie in the order of the index, as every writer puts them. Soft mask is read as upper case.
 */
export class TwoBitParser implements SequenceParser {
  private readonly input: ParserInput
  private readonly record: RecordWriter
  private held: Buffer = Buffer.alloc(0)
  /** Place in the file of held[0]. */
  private heldStart = 0
  private little = true
  private names: { name: string; offset: number }[] | null = null
  private expected = 0
  /** Of the sequence being read: its bases still to come, and its blocks of N. */
  private left = 0
  private position = 0
  private blocks: { starts: Float64Array; sizes: Float64Array; next: number } | null = null
  private index = 0
  masked = 0

  constructor(input: ParserInput) {
    this.input = input
    this.record = new RecordWriter(input)
  }

  get counts(): Float64Array {
    return this.record.counts
  }

  get pending(): { name: string; length: number | null } | null {
    return this.record.open ? { name: this.record.name, length: this.position + this.left } : null
  }

  push(piece: Buffer): void {
    this.held = this.held.length > 0 ? Buffer.concat([this.held, piece]) : Buffer.from(piece)
    let used = 0
    for (let step = this.step(used); step > 0; step = this.step(used)) used += step
    this.heldStart += used
    this.held = this.held.subarray(used)
  }

  end(): void {
    const { file } = this.input
    const all = this.names
    if (all === null || this.record.open || this.index < this.expected)
      throw new StrandError(
        'import/truncated',
        `${file} is cut off at byte ${count(this.heldStart + this.held.length)}: ${all === null ? 'its list of sequences is not whole' : `sequence ${count(this.index + 1)} of ${count(this.expected)} is not whole`}. Nothing was imported; copy or download the file again.`,
        { file, byte: this.heldStart + this.held.length },
      )
    if (this.masked > 0)
      this.input.report.add('note', 'sequence/lower', { file }, `Soft-masked bases were read as upper case: ${count(this.masked)}.`)
  }

  private u32(at: number): number {
    return this.little ? this.held.readUInt32LE(at) : this.held.readUInt32BE(at)
  }

  /** Reads one thing from `at` on; answers its bytes, 0 when it is not whole yet or all is read. */
  private step(at: number): number {
    if (this.names === null) return this.readIndex(at)
    if (this.record.open) return this.readBases(at)
    return this.index < this.expected ? this.readSequence(at) : this.held.length - at
  }

  private readIndex(at: number): number {
    if (this.held.length < at + 16) return 0
    this.little = this.held.readUInt32LE(at) === SIGNATURE
    const version = this.u32(at + 4)
    this.expected = this.u32(at + 8)
    if (version !== 0) throw this.lying(5, `it is of version ${count(version)}, and only 0 has 32-bit places`)
    if (this.expected > MOST_SEQUENCES) throw this.lying(9, `it claims ${count(this.expected)} sequences`)
    const names: { name: string; offset: number }[] = []
    let from = at + 16
    while (names.length < this.expected) {
      if (from + 1 > this.held.length) return 0
      const size = this.held[from]
      if (from + 5 + size > this.held.length) return 0
      names.push({ name: this.held.toString('utf8', from + 1, from + 1 + size), offset: this.u32(from + 1 + size) })
      from += 5 + size
    }
    this.names = names
    return from - at
  }

  private readSequence(at: number): number {
    const { name, offset } = this.names![this.index]
    const gap = offset - (this.heldStart + at)
    if (gap < 0) throw this.lying(17, `sequence "${name}" is said to lie at byte ${count(offset + 1)}, inside what came before`)
    if (gap > 0) return Math.min(gap, this.held.length - at)
    if (this.held.length < at + 8) return 0
    const size = this.u32(at)
    const nBlocks = this.u32(at + 4)
    if (nBlocks > Math.min(MOST_BLOCKS, size)) throw this.lying(offset + 5, `sequence "${name}" claims ${count(nBlocks)} blocks of N`)
    const maskAt = at + 8 + 8 * nBlocks
    if (this.held.length < maskAt + 4) return 0
    const masks = this.u32(maskAt)
    if (masks > Math.min(MOST_BLOCKS, size)) throw this.lying(maskAt + 1, `sequence "${name}" claims ${count(masks)} masked blocks`)
    const end = maskAt + 4 + 8 * masks + 4
    if (this.held.length < end) return 0
    const numbers = (from: number, n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => this.u32(from + 4 * i))
    const [starts, sizes] = [numbers(at + 8, nBlocks), numbers(at + 8 + 4 * nBlocks, nBlocks)]
    for (let i = 0; i < nBlocks; i++)
      if (starts[i] + sizes[i] > size || (i > 0 && starts[i] < starts[i - 1] + sizes[i - 1]))
        throw this.lying(offset + 9 + 4 * i, `the blocks of N of sequence "${name}" overlap or reach beyond its ${count(size)} bases`)
    numbers(maskAt + 4 + 4 * masks, masks).forEach((n) => (this.masked += n))
    this.record.begin(name, this.index + 1)
    this.blocks = { starts, sizes, next: 0 }
    this.left = size
    this.position = 0
    if (size === 0) this.finish()
    return end - at
  }

  private readBases(at: number): number {
    const bytes = Math.min(this.held.length - at, Math.ceil(this.left / 4))
    if (bytes === 0) return 0
    const n = Math.min(this.left, 4 * bytes)
    const out = Buffer.allocUnsafe(4 * bytes)
    for (let i = 0; i < bytes; i++) {
      const four = 4 * this.held[at + i]
      for (let k = 0; k < 4; k++) out[4 * i + k] = FOUR[four + k]
    }
    const { starts, sizes } = this.blocks!
    while (this.blocks!.next < starts.length) {
      const i = this.blocks!.next
      const [from, to] = [starts[i] - this.position, starts[i] + sizes[i] - this.position]
      if (from >= n) break
      out.fill(N, Math.max(0, from), Math.min(n, to))
      if (to > n) break
      this.blocks!.next++
    }
    const kept = out.subarray(0, n)
    for (let i = 0; i < n; i++) this.record.histogram[kept[i]]++
    this.record.append(kept)
    this.position += n
    this.left -= n
    if (this.left === 0) this.finish()
    return bytes
  }

  private finish(): void {
    this.record.keep()
    this.index++
  }

  private lying(byte: number, what: string): StrandError {
    const { file } = this.input
    return new StrandError(
      'import/lying-header',
      `${file} contradicts itself at byte ${count(byte)}: ${what}. Nothing was imported; download the file again, or convert it to FASTA with twoBitToFa.`,
      { file, byte },
    )
  }
}

/** Told by its first four bytes, in either order. */
export const isTwoBit = (bytes: Buffer): boolean =>
  bytes.length >= 4 && (bytes.readUInt32LE(0) === SIGNATURE || bytes.readUInt32BE(0) === SIGNATURE)
