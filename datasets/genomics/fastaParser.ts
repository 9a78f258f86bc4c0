import { StrandError } from '../errors.ts'
import { uniqueName, type Names } from '../importing/job.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { count } from '../importing/source.ts'
import { AMBIGUOUS } from './nucleotideCodec.ts'

/** Byte → what it stores; 0 for anything that needs a look: line ends, '>', blanks, letters that are no nucleotide. */
const STORED = new Uint8Array(256)
for (const letter of `ACGTN${AMBIGUOUS}`) {
  STORED[letter.charCodeAt(0)] = letter.charCodeAt(0)
  STORED[letter.toLowerCase().charCodeAt(0)] = letter.charCodeAt(0)
}
STORED[0x55] = STORED[0x75] = 0x54 // U → T
STORED[0x58] = STORED[0x78] = 0x4e // X, the mask of old programs → N

const NEWLINE = 0x0a
const RETURN = 0x0d
const GREATER = 0x3e
const SEMICOLON = 0x3b
const PROTEIN = /[EFILPQZJO*]/i
const HEADER_BYTES = 65_536

/** Where the parser puts what it reads. */
export interface FastaSink {
  beginRecord(name: string): void
  append(bases: Uint8Array): void
  endRecord(): void
  discardRecord(): void
}

/**
 * Streaming FASTA: fed bytes in any pieces (a record may be one line of 250 million), it writes upper-case bases to the sink.
 * Lower case (soft mask), U and X are read as A C G T N; blanks and digits inside a sequence are left out; each is reported once a file.
 */
export class FastaParser {
  /** How often each byte was read inside a sequence, over all files. */
  readonly counts = new Float64Array(256)
  private readonly file: string
  private readonly stem: string
  private readonly sink: FastaSink
  private readonly report: ReportBuilder
  private readonly names: Names
  private readonly histogram = new Uint32Array(256)
  private out = Buffer.allocUnsafe(1 << 20)
  private line = 1
  private offset = 0
  private atLineStart = true
  private state: 'outside' | 'header' | 'comment' | 'sequence' | 'skipping' = 'outside'
  private afterComment: 'outside' | 'sequence' = 'outside'
  private header: number[] = []
  private recordLine = 0
  private recordName = ''
  private recordBases = 0
  private renamedFrom = ''
  private records = 0
  private dropped = { count: 0, line: 0 }

  constructor(file: string, stem: string, sink: FastaSink, report: ReportBuilder, names: Names) {
    this.file = file
    this.stem = stem
    this.sink = sink
    this.report = report
    this.names = names
  }

  push(piece: Buffer): void {
    let i = 0
    while (i < piece.length) {
      if (this.state === 'header') i = this.readHeader(piece, i)
      else if (this.state === 'comment' || this.state === 'skipping') i = this.skipLine(piece, i)
      else if (this.atLineStart && piece[i] === GREATER) i = this.startHeader(i)
      else if (this.atLineStart && piece[i] === SEMICOLON) this.startComment()
      else i = this.readSequence(piece, i)
    }
    this.offset += piece.length
  }

  /** Bases of a record were read, and its end not yet. */
  get inSequence(): boolean {
    return this.state === 'sequence' && this.recordBases > 0
  }

  /** After the last piece. */
  end(): void {
    if (this.state === 'header') this.openRecord()
    this.finishRecord()
    this.settle()
    if (this.dropped.count > 0)
      this.report.add(
        'repaired',
        'fasta/blanks',
        { file: this.file, line: this.dropped.line },
        `Spaces and digits inside sequences were left out (${count(this.dropped.count)}, the first in line ${count(this.dropped.line)}).`,
      )
  }

  private startComment(): void {
    this.afterComment = this.state === 'sequence' ? 'sequence' : 'outside'
    this.state = 'comment'
    this.atLineStart = false
  }

  private startHeader(i: number): number {
    this.finishRecord()
    this.state = 'header'
    this.header = []
    this.recordLine = this.line
    this.atLineStart = false
    return i + 1
  }

  private readHeader(piece: Buffer, from: number): number {
    const newline = piece.indexOf(NEWLINE, from)
    const end = newline < 0 ? piece.length : newline
    for (let i = from; i < end && this.header.length < HEADER_BYTES; i++) this.header.push(piece[i])
    if (newline < 0) return end
    this.nextLine()
    this.openRecord()
    return newline + 1
  }

  private skipLine(piece: Buffer, from: number): number {
    // a record being skipped ends where a line starts with '>'
    if (this.state === 'skipping' && this.atLineStart && piece[from] === GREATER) return this.startHeader(from)
    const newline = piece.indexOf(NEWLINE, from)
    this.atLineStart = false
    if (newline < 0) return piece.length
    this.nextLine()
    if (this.state === 'comment') this.state = this.afterComment
    return newline + 1
  }

  private nextLine(): void {
    this.line++
    this.atLineStart = true
  }

  private openRecord(): void {
    const text = Buffer.from(this.header).toString('utf8').trim()
    const wanted = text.split(/\s/, 1)[0] || `record ${this.records + 1}`
    const { name, renamed } = uniqueName(this.names, wanted)
    this.begin(name, renamed ? wanted : '')
  }

  private begin(name: string, renamedFrom: string): void {
    this.state = 'sequence'
    this.recordName = name
    this.renamedFrom = renamedFrom
    this.recordBases = 0
    this.records++
    this.sink.beginRecord(name)
  }

  private readSequence(piece: Buffer, from: number): number {
    if (this.out.length < piece.length) this.out = Buffer.allocUnsafe(piece.length)
    const { out, histogram } = this
    let filled = 0
    let i = from
    let stop = false
    while (i < piece.length && !stop) {
      const byte = piece[i]
      const stored = STORED[byte]
      if (stored !== 0) {
        if (this.state === 'outside') this.openHeaderless()
        // the hot loop: everything up to the end of the line
        do {
          const b = piece[i]
          const s = STORED[b]
          if (s === 0) break
          histogram[b]++
          out[filled++] = s
        } while (++i < piece.length)
        this.atLineStart = false
      } else if (byte === NEWLINE) {
        this.nextLine()
        i++
        const next = piece[i]
        stop = next === GREATER || next === SEMICOLON
      } else if (this.atLineStart && (byte === GREATER || byte === SEMICOLON)) {
        stop = true
      } else if (byte === RETURN) {
        i++
      } else if (byte === 0x20 || byte === 0x09 || (byte >= 0x30 && byte <= 0x39 && this.state === 'sequence')) {
        if (this.dropped.count++ === 0) this.dropped.line = this.line
        this.atLineStart = false
        i++
      } else {
        this.flush(out.subarray(0, filled))
        this.reject(byte, this.offset + i + 1)
        return i
      }
    }
    this.flush(out.subarray(0, filled))
    return i
  }

  private flush(bases: Buffer): void {
    if (bases.length === 0) return
    this.sink.append(bases)
    this.recordBases += bases.length
  }

  /** Bases before any '>': the sequence is named after the file. */
  private openHeaderless(): void {
    this.recordLine = this.line
    const { name } = uniqueName(this.names, this.stem)
    this.report.add(
      'repaired',
      'fasta/no-header',
      { file: this.file, line: this.line },
      `Line ${count(this.line)} of ${this.file} starts a sequence without a header line (">name"); it was named "${name}" after the file.`,
    )
    this.begin(name, '')
  }

  private reject(byte: number, at: number): void {
    const place = { file: this.file, line: this.line, byte: at }
    if (byte < 0x20 || byte === 0x7f)
      throw new StrandError(
        'import/bad-record',
        `${this.file} holds a control character (value ${byte}) at byte ${count(at)}, line ${count(this.line)}: it is not a text file of sequences. Nothing was imported.`,
        place,
      )
    const shown = byte < 0x80 ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16)}`
    const why = PROTEIN.test(String.fromCharCode(byte))
      ? `${shown}, which is no nucleotide letter; it looks like protein, and Strand reads DNA and RNA here`
      : byte === 0x2d || byte === 0x2e
        ? `${shown}, a gap of an alignment; Strand reads unaligned sequences`
        : `${shown}, which is no nucleotide letter`
    const record = this.state === 'sequence' ? ` (record "${this.recordName}")` : ''
    const left = this.report.onProblem === 'skip' ? ' The record was left out.' : ''
    this.report.bad('fasta/letter', place, `Line ${count(this.line)} of ${this.file}${record} holds ${why}.${left}`)
    if (this.state === 'sequence') this.sink.discardRecord()
    this.histogram.fill(0)
    this.state = 'skipping'
  }

  private finishRecord(): void {
    if (this.state !== 'sequence') return
    if (this.recordBases === 0) {
      this.sink.discardRecord()
      this.report.add(
        'skipped',
        'fasta/empty',
        { file: this.file, line: this.recordLine },
        `Record "${this.renamedFrom || this.recordName}" at line ${count(this.recordLine)} of ${this.file} has no bases; it was left out.`,
      )
    } else {
      this.sink.endRecord()
      this.report.accept()
      if (this.renamedFrom)
        this.report.add(
          'repaired',
          'fasta/duplicate',
          { file: this.file, line: this.recordLine },
          `The name "${this.renamedFrom}" at line ${count(this.recordLine)} of ${this.file} was used before; this record is now "${this.recordName}".`,
        )
    }
    this.state = 'outside'
    this.settle()
  }

  /** The 32-bit counters of the hot loop, moved on before they can overflow (a record has fewer than 2³² letters of a kind). */
  private settle(): void {
    for (let b = 0; b < 256; b++) this.counts[b] += this.histogram[b]
    this.histogram.fill(0)
  }
}
