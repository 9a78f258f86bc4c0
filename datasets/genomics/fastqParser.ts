import { count } from '../importing/source.ts'
import { PlainBases } from './plainBases.ts'
import { QualityStatistics } from './qualityStatistics.ts'
import { ReadTrimmer } from './readTrimmer.ts'
import { STORED_READS, whyNotStored } from './sequenceLetters.ts'
import { controlCharacter, firstWord, LineText, RecordWriter, type ParserInput, type SequenceParser } from './sequenceRecords.ts'

const TAB = 0x09
const NEWLINE = 0x0a
const RETURN = 0x0d
const BLANK = 0x20
const PLUS = 0x2b
const AT = 0x40

/**
 * Streaming FASTQ (Cock et al. 2010, "The Sanger FASTQ file format"): four-line records, and records whose sequence and qualities are wrapped.
 * A quality line may start with "@" or "+", so qualities are told by their number: a sequence on one line has its qualities on one line,
 * a wrapped one as many as it has bases. Qualities are checked, and not stored. A bad record leaves the reader in step with the next one.
 */
export class FastqParser implements SequenceParser {
  private readonly input: ParserInput
  private readonly record: RecordWriter
  private readonly text = new LineText()
  private readonly plain = new PlainBases()
  private readonly statistics = new QualityStatistics()
  private state: 'between' | 'header' | 'sequence' | 'plus' | 'quality' | 'lost' = 'between'
  private line = 1
  private offset = 0
  private atLineStart = true
  private headers = 0
  private headerLine = 0
  /** Of the open record; `letters` counts those that are no nucleotide as well, for the qualities to match. */
  private letters = 0
  private sequenceLines = 0
  private qualities = 0
  private fault: { kind: string; line: number; message: string } | null = null
  /** Lines were passed over to find this record, so what follows may be the middle of one: its faults are part of the one told already. */
  private doubtful = false
  private dropped = { count: 0, line: 0 }
  private readonly trimmer: ReadTrimmer | null

  constructor(input: ParserInput) {
    this.input = input
    this.record = new RecordWriter(input)
    this.trimmer = input.trim ? new ReadTrimmer(input.trim, this.record) : null
  }

  get counts(): Float64Array {
    return this.record.counts
  }

  /** What the characters seen say about the scale. */
  get offsetSeen(): 33 | 64 {
    return this.statistics.scale.offset
  }

  /** Mean quality of all bases read, trimmed ones included; null before the first. */
  get meanQuality(): number | null {
    return this.statistics.mean(this.input.trim?.offset)
  }

  get pending(): { name: string; length: null } | null {
    return this.record.open && this.record.bases > 0 ? { name: this.record.name, length: null } : null
  }

  push(piece: Buffer): void {
    this.plain.begin(piece)
    let i = 0
    while (i < piece.length) {
      if (this.state === 'sequence') i = this.readSequence(piece, i)
      else if (this.state === 'quality') i = this.readQuality(piece, i)
      else if (this.state === 'header' || this.state === 'plus') i = this.readText(piece, i)
      else i = this.findRecord(piece, i)
    }
    this.offset += piece.length
  }

  end(): void {
    if (this.state === 'header') this.openRecord(firstWord(this.text.rest()))
    else if (this.state === 'plus') this.checkPlus(firstWord(this.text.rest()))
    if (this.record.open) {
      const whole = this.state === 'quality' && this.qualities >= this.letters
      if (!whole) this.fault = { kind: 'fastq/cut', line: this.record.line, message: this.cutOff() }
      this.finishRecord()
    }
    const { file, report } = this.input
    if (this.dropped.count > 0) {
      const message = `Spaces inside sequences and qualities were left out (${count(this.dropped.count)}, the first in line ${count(this.dropped.line)}).`
      report.add('repaired', 'fastq/blanks', { file, line: this.dropped.line }, message)
    }
    const mean = this.meanQuality
    if (mean !== null) {
      const message = `The qualities of ${file} (${this.statistics.scale.name}, mean ${mean.toFixed(1)}) were checked; Strand stores the sequences without them.`
      report.add('note', 'fastq/quality', { file }, message)
    }
    this.trimmer?.tell(report, file)
  }

  private cutOff(): string {
    const { file } = this.input
    const { name, line } = this.record
    const lacks =
      this.state === 'sequence'
        ? 'before its "+" line'
        : `after ${count(this.qualities)} of ${count(this.letters)} ${this.letters === 1 ? 'quality' : 'qualities'}`
    return `${file} is cut off: it ends in record "${name}" of line ${count(line)}, ${lacks}.`
  }

  private nextLine(): void {
    this.line++
    this.atLineStart = true
  }

  private findRecord(piece: Buffer, from: number): number {
    const byte = piece[from]
    if (this.atLineStart && byte === AT) {
      this.state = 'header'
      this.headerLine = this.line
      return from + 1
    }
    if (byte === NEWLINE) this.nextLine()
    if (byte === NEWLINE || byte === RETURN || byte === BLANK || byte === TAB) return from + 1
    if (this.state === 'between') {
      if (byte < BLANK) throw controlCharacter(this.input.file, byte, this.line, this.offset + from + 1)
      const shown = byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16)}`
      this.tell(
        'fastq/stray',
        this.line,
        `Line ${count(this.line)} of ${this.input.file} should start a record with "@", but holds ${shown}.`,
      )
      this.state = 'lost'
    }
    this.doubtful = true
    const newline = piece.indexOf(NEWLINE, from)
    this.atLineStart = false
    if (newline < 0) return piece.length
    this.nextLine()
    return newline + 1
  }

  private readText(piece: Buffer, from: number): number {
    const newline = piece.indexOf(NEWLINE, from)
    const text = this.text.takeWord(piece, from, newline)
    if (text === null) return piece.length
    if (this.state === 'header') this.openRecord(text)
    else this.checkPlus(text)
    this.nextLine()
    return newline + 1
  }

  private openRecord(name: string): void {
    this.headers++
    this.record.begin(name || `record ${this.headers}`, this.headerLine)
    this.state = 'sequence'
    this.letters = this.sequenceLines = this.qualities = 0
    this.fault = null
  }

  /** The line after the sequence may repeat the name. */
  private checkPlus(named: string): void {
    this.state = 'quality'
    if (named === '' || named === this.record.wanted) return
    this.fault ??= {
      kind: 'fastq/name',
      line: this.line,
      message: `Record "${this.record.wanted}" at line ${count(this.record.line)} of ${this.input.file} is called "${named}" in its "+" line ${count(this.line)}: lines are missing or mixed up.`,
    }
  }

  private readSequence(piece: Buffer, from: number): number {
    if (this.atLineStart && piece[from] === PLUS) {
      this.state = 'plus'
      this.atLineStart = false
      return from + 1
    }
    if (this.atLineStart && piece[from] === AT) {
      const { name, line } = this.record
      this.fault = {
        kind: 'fastq/plus',
        line: this.line,
        message: `Record "${name}" at line ${count(line)} of ${this.input.file} has no "+" line; line ${count(this.line)} starts the next record.`,
      }
      this.finishRecord()
      return from
    }
    const { out } = this.plain
    const { histogram } = this.record
    let filled = this.plain.copy(from, 0, histogram)
    let i = from + filled
    for (; i < piece.length; i++) {
      const byte = piece[i]
      const stored = STORED_READS[byte]
      if (stored !== 0) {
        histogram[byte]++
        out[filled++] = stored
      } else if (byte === NEWLINE) break
      else this.oddLetter(byte, i)
    }
    if (this.trimmer) this.trimmer.holdBases(out.subarray(0, filled), this.letters)
    else this.record.append(out.subarray(0, filled))
    this.letters += filled
    if (i > from) this.atLineStart = false
    if (i === piece.length) return i
    if (!this.atLineStart) this.sequenceLines++
    this.nextLine()
    return i + 1
  }

  private oddLetter(byte: number, i: number): void {
    if (byte === RETURN) return
    if (byte === BLANK || byte === TAB) {
      this.drop()
      return
    }
    const { file } = this.input
    if (byte < BLANK || byte === 0x7f) throw controlCharacter(file, byte, this.line, this.offset + i + 1)
    this.letters++
    this.fault ??= {
      kind: 'fastq/letter',
      line: this.line,
      message: `Line ${count(this.line)} of ${file} (record "${this.record.name}") holds ${whyNotStored(byte)}.`,
    }
  }

  private drop(): void {
    if (this.dropped.count++ === 0) this.dropped.line = this.line
  }

  private readQuality(piece: Buffer, from: number): number {
    const newline = piece.indexOf(NEWLINE, from)
    const end = newline < 0 ? piece.length : newline
    if (this.statistics.take(piece, from, end)) {
      this.trimmer?.holdQualities(piece.subarray(from, end), this.qualities)
      this.qualities += end - from
    } else this.readOddQuality(piece, from, end)
    this.atLineStart = false
    if (newline < 0) return end
    if (this.sequenceLines <= 1 || this.qualities >= this.letters) this.finishRecord()
    this.nextLine()
    return newline + 1
  }

  /** A stretch with a line end, a blank or something worse in it. */
  private readOddQuality(piece: Buffer, from: number, end: number): void {
    for (let i = from; i < end; i++) {
      const byte = piece[i]
      if (byte === RETURN) continue
      if (byte === BLANK || byte === TAB) {
        this.drop()
        continue
      }
      this.trimmer?.holdQualities(piece.subarray(i, i + 1), this.qualities)
      this.qualities++
      if (!this.statistics.take(piece, i, i + 1))
        this.fault ??= {
          kind: 'fastq/quality-letter',
          line: this.line,
          message: `Line ${count(this.line)} of ${this.input.file} (record "${this.record.name}") holds byte 0x${byte.toString(16).padStart(2, '0')}, which is no quality.`,
        }
    }
  }

  private finishRecord(): void {
    const { letters, qualities, record } = this
    this.state = 'between'
    if (this.fault === null && letters !== qualities) {
      // where the next record starts is not certain any more
      this.state = 'lost'
      const bases = `${count(letters)} ${letters === 1 ? 'base' : 'bases'}`
      const message = `Record "${record.name}" at line ${count(record.line)} of ${this.input.file} has ${bases} but ${count(qualities)} ${qualities === 1 ? 'quality' : 'qualities'}.`
      this.fault = { kind: 'fastq/lengths', line: record.line, message }
    }
    if (this.fault === null) {
      if (this.trimmer) this.trimmer.keep(letters)
      else record.keep()
      this.doubtful = false
      return
    }
    record.drop()
    if (!this.doubtful) this.tell(this.fault.kind, this.fault.line, this.fault.message, ' The record was left out.')
  }

  private tell(kind: string, line: number, message: string, whenSkipped = ''): void {
    const { report, file } = this.input
    report.bad(kind, { file, line }, message + (report.onProblem === 'skip' ? whenSkipped : ''))
  }
}
