import { count } from '../importing/source.ts'
import { PlainBases } from './plainBases.ts'
import { NUCLEOTIDE_ALPHABET, type Alphabet } from './sequenceLetters.ts'
import { controlCharacter, RecordWriter, type ParserInput, type SequenceParser } from './sequenceRecords.ts'

const NEWLINE = 0x0a
const RETURN = 0x0d
const GREATER = 0x3e
const SEMICOLON = 0x3b
const HEADER_BYTES = 65_536
/** Letters read one by one before four plain ones are looked for again. */
const FEW = 8

/**
 * Streaming FASTA: fed bytes in any pieces (a record may be one line of 250 million), it writes upper-case bases to the sink.
 * Lower case (soft mask), U and X are read as A C G T N; blanks and digits inside a sequence are left out; each is reported once a file.
 */
export class FastaParser implements SequenceParser {
  private readonly input: ParserInput
  private readonly alphabet: Alphabet
  private readonly record: RecordWriter
  private readonly plain = new PlainBases()
  private line = 1
  private offset = 0
  private atLineStart = true
  private state: 'outside' | 'header' | 'comment' | 'sequence' | 'skipping' = 'outside'
  private afterComment: 'outside' | 'sequence' = 'outside'
  private header: number[] = []
  private headerLine = 0
  private records = 0
  private dropped = { count: 0, line: 0 }

  constructor(input: ParserInput) {
    this.input = input
    this.alphabet = input.alphabet ?? NUCLEOTIDE_ALPHABET
    this.record = new RecordWriter(input)
  }

  get counts(): Float64Array {
    return this.record.counts
  }

  get pending(): { name: string; length: null } | null {
    return this.state === 'sequence' && this.record.bases > 0 ? { name: this.record.name, length: null } : null
  }

  push(piece: Buffer): void {
    this.plain.begin(piece)
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

  end(): void {
    if (this.state === 'header') this.openRecord()
    this.finishRecord()
    if (this.dropped.count > 0)
      this.input.report.add(
        'repaired',
        'fasta/blanks',
        { file: this.input.file, line: this.dropped.line },
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
    this.headerLine = this.line
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
    this.begin(text.split(/\s/, 1)[0] || `record ${this.records + 1}`, this.headerLine, text)
  }

  private begin(wanted: string, line: number, header?: string): void {
    this.state = 'sequence'
    this.records++
    this.record.begin(wanted, line, header)
  }

  private readSequence(piece: Buffer, from: number): number {
    const { plain } = this
    const { out } = plain
    const { stored: table } = this.alphabet
    const { histogram } = this.record
    let filled = 0
    let i = from
    let stop = false
    while (i < piece.length && !stop) {
      const byte = piece[i]
      const stored = table[byte]
      if (stored !== 0) {
        if (this.state === 'outside') this.openHeaderless()
        const copied = plain.copy(i, filled, histogram)
        i += copied
        filled += copied
        for (const few = Math.min(piece.length, i + FEW); i < few; i++) {
          const b = piece[i]
          const s = table[b]
          if (s === 0) break
          histogram[b]++
          out[filled++] = s
        }
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
        this.record.append(out.subarray(0, filled))
        this.reject(byte, this.offset + i + 1)
        return i
      }
    }
    this.record.append(out.subarray(0, filled))
    return i
  }

  /** Bases before any '>': the sequence is named after the file. */
  private openHeaderless(): void {
    const { file, stem, report } = this.input
    this.begin(stem, this.line)
    report.add(
      'repaired',
      'fasta/no-header',
      { file, line: this.line },
      `Line ${count(this.line)} of ${file} starts a sequence without a header line (">name"); it was named "${this.record.name}" after the file.`,
    )
  }

  private reject(byte: number, at: number): void {
    const { file, report } = this.input
    if (byte < 0x20 || byte === 0x7f) throw controlCharacter(file, byte, this.line, at)
    const record = this.state === 'sequence' ? ` (record "${this.record.name}")` : ''
    const left = report.onProblem === 'skip' ? ' The record was left out.' : ''
    const message = `Line ${count(this.line)} of ${file}${record} holds ${this.alphabet.whyNot(byte)}.${left}`
    report.bad('fasta/letter', { file, line: this.line, byte: at }, message)
    if (this.state === 'sequence') this.record.drop()
    this.state = 'skipping'
  }

  private finishRecord(): void {
    // also after a comment in the last line
    if (this.record.open) this.record.keep()
    this.state = 'outside'
  }
}
