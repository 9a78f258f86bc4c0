import { StrandError } from '../errors.ts'
import type { Names } from '../importing/names.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { count } from '../importing/source.ts'
import type { QualityTrim } from './qualityTrim.ts'
import { COUNTED, type Alphabet } from './sequenceLetters.ts'

export interface RecordLabels {
  label?: string | null
  group?: string | null
}

/** Where a parser puts what it reads. */
export interface SequenceSink {
  /** `header`: the whole line, for labels; undefined where the name is all there is. */
  beginRecord(record: { name: string; header?: string } & RecordLabels): void
  append(bases: Uint8Array): void
  endRecord(): void
  discardRecord(): void
}

/** A streaming reader of one file: fed its bytes in any pieces, it writes upper-case bases to a sink. */
export interface SequenceParser {
  /** How often each byte was read as a base, over the records kept. */
  readonly counts: Float64Array
  /** The record whose end was not read yet, with the length the file states for it: what a preview of the first bytes can say. */
  readonly pending: { name: string; length: number | null } | null
  push(piece: Buffer): void
  /** After the last piece. */
  end(): void
}

export interface ParserInput {
  file: string
  /** The file's name without endings, for a sequence that has none. */
  stem: string
  sink: SequenceSink
  report: ReportBuilder
  names: Names
  /** FASTA: which letters a sequence has; DNA where nothing is said. */
  alphabet?: Alphabet
  /** GenBank and EMBL: takes the lines of the feature table, without their first five columns. */
  features?: { line(text: string): void }
  /** FASTQ: what is cut off and left out by its qualities. */
  trim?: QualityTrim
}

/** The open record of a file, on its way to the sink: names are made unique, empty records left out, letters counted for kept records only. */
export class RecordWriter {
  readonly counts = new Float64Array(256)
  /** Of the open record: a parser counts here. A record has fewer than 2³² letters of a kind. */
  readonly histogram = new Uint32Array(256)
  /** Its own name, where another record had the wanted one already. */
  name = ''
  /** As the file has it. */
  wanted = ''
  line = 0
  bases = 0
  open = false
  private readonly input: ParserInput

  constructor(input: ParserInput) {
    this.input = input
  }

  /** `header`: the whole line the record began with, where it says more than the name. */
  begin(wanted: string, line: number, header?: string, labels: RecordLabels = {}): void {
    this.name = this.input.names.take(wanted).name
    this.wanted = wanted
    this.line = line
    this.bases = 0
    this.open = true
    this.input.sink.beginRecord({ ...labels, name: this.name, header })
  }

  append(bases: Uint8Array): void {
    if (bases.length === 0) return
    this.input.sink.append(bases)
    this.bases += bases.length
  }

  keep(): void {
    const { sink, report, file } = this.input
    const place = { file, line: this.line }
    if (this.bases === 0) {
      this.drop()
      const message = `Record "${this.wanted}" at line ${count(this.line)} of ${file} has no bases; it was left out.`
      report.add('skipped', 'sequence/empty', place, message)
      return
    }
    sink.endRecord()
    report.accept()
    for (const byte of COUNTED) {
      this.counts[byte] += this.histogram[byte]
      this.histogram[byte] = 0
    }
    this.open = false
    if (this.name !== this.wanted)
      report.add(
        'repaired',
        'sequence/duplicate',
        place,
        `The name "${this.wanted}" at line ${count(this.line)} of ${file} was used before; this record is now "${this.name}".`,
      )
  }

  drop(): void {
    this.input.sink.discardRecord()
    this.histogram.fill(0)
    this.open = false
  }
}

/** A byte below 32 that ends no line: the file is no text, and no record of it can be trusted. */
export function controlCharacter(file: string, byte: number, line: number, at: number): StrandError {
  return new StrandError(
    'import/bad-record',
    `${file} holds a control character (value ${byte}) at byte ${count(at)}, line ${count(line)}: it is not a text file of sequences. Nothing was imported.`,
    { file, line, byte: at },
  )
}

/** Of a header or an annotation, no more than this is looked at. */
const LINE_BYTES = 65_536

/** One line of text that may come in several pieces. */
export class LineText {
  private parts: Buffer[] = []
  private length = 0

  /** Call with the rest of a line. Answers it whole, without line end; null when it goes on in the next piece. */
  take(piece: Buffer, from: number, newline: number): string | null {
    if (newline >= 0 && this.parts.length === 0) return trimmed(piece.toString('utf8', from, Math.min(newline, from + LINE_BYTES)))
    return this.collect(piece, from, newline)
  }

  /** The same for a line of which only the first word counts: a million names then hold nothing of the lines they stood in. */
  takeWord(piece: Buffer, from: number, newline: number): string | null {
    if (newline < 0 || this.parts.length > 0) {
      const text = this.collect(piece, from, newline)
      return text === null ? null : firstWord(text)
    }
    let end = from
    while (end < newline && piece[end] !== 0x20 && (piece[end] < 0x09 || piece[end] > 0x0d)) end++
    return piece.toString('utf8', from, Math.min(end, from + LINE_BYTES))
  }

  private collect(piece: Buffer, from: number, newline: number): string | null {
    const part = piece.subarray(from, Math.min(newline < 0 ? piece.length : newline, from + LINE_BYTES - this.length))
    // a piece is only valid until the next one
    this.parts.push(Buffer.from(part))
    this.length += part.length
    return newline < 0 ? null : this.rest()
  }

  /** What was taken of a line that the file's end cut off. */
  rest(): string {
    const text = trimmed(Buffer.concat(this.parts).toString('utf8'))
    this.parts = []
    this.length = 0
    return text
  }
}

export function firstWord(text: string): string {
  const blank = text.search(/[\t-\r ]/)
  return blank < 0 ? text : text.slice(0, blank)
}

const trimmed = (text: string): string => text.trimEnd()
