import { count } from '../importing/source.ts'
import { STORED, whyNotStored } from './sequenceLetters.ts'
import { controlCharacter, LineText, RecordWriter, type ParserInput, type SequenceParser } from './sequenceRecords.ts'

const NEWLINE = 0x0a
const BLANK = 0x20
const SLASH = 0x2f

/** What tells the two flat formats of the sequence archives apart; the rest is alike. */
interface Dialect {
  /** A record's first line. */
  start: RegExp
  /** Its name, in the first line; '' or undefined where it is not given. */
  name: RegExp
  /** Its length and unit, in the first line. */
  length: RegExp
  /** A name for records without one. */
  accession: RegExp
  /** The line before the sequence, and what it is called in a sentence. */
  sequence: RegExp
  sequenceWord: string
  /** A record that is a list of other records, without a sequence of its own. */
  parts: RegExp
  partsWord: string
  /** First bytes of all of these lines; others are passed over unread. */
  starters: string
}

/** The GenBank flat file release notes, section 3.4. Names may hold blanks: plasmid editors write them. */
const GENBANK: Dialect = {
  start: /^LOCUS(?:\s|$)/,
  name: /^LOCUS\s+(?!\d+\s+(?:bp|aa|rc)\b)(\S.*?)(?:\s+\d+\s+(?:bp|aa|rc)\b.*|\s{2,}.*)?$/i,
  length: /\s(\d+)\s+(bp|aa|rc)\b/i,
  accession: /^ACCESSION\s+(\S+)/,
  sequence: /^ORIGIN(?:\s|$)/,
  sequenceWord: 'ORIGIN',
  parts: /^CONTIG\s/,
  partsWord: 'CONTIG',
  starters: 'LAOC/',
}

/** The EMBL user manual, section 3.4; before 2006 the ID line had no semicolon after the name. */
const EMBL: Dialect = {
  start: /^ID(?:\s|$)/,
  name: /^ID\s+(?!XXX\b|standard\b)([^;\s]+)/,
  length: /\s(\d+)\s+(BP|AA)\b/i,
  accession: /^AC\s+([^;\s]+)/,
  sequence: /^SQ(?:\s|$)/,
  sequenceWord: 'SQ',
  parts: /^CO\s/,
  partsWord: 'CO',
  starters: 'IASC/',
}

/**
 * Streaming GenBank or EMBL flat files: of each record its name and its sequence. Annotations are passed over.
 * Blanks and the numbers beside the sequence belong to the format; bases are lower case by custom.
 */
export class FlatFileParser implements SequenceParser {
  private readonly input: ParserInput
  private readonly dialect: Dialect
  private readonly starters: Set<number>
  private readonly record: RecordWriter
  private readonly text = new LineText()
  private out = Buffer.allocUnsafe(1 << 16)
  private state: 'outside' | 'annotation' | 'sequence' | 'skipping' = 'outside'
  /** How the rest of the current line is read; 'start' before its first byte. */
  private mode: 'start' | 'collect' | 'pass' | 'bases' = 'start'
  private line = 1
  private offset = 0
  private startLine = 0
  private name = ''
  private records = 0
  private stated: number | null = null
  private hasParts = false
  private strays = { count: 0, line: 0 }

  constructor(input: ParserInput, format: 'GenBank' | 'EMBL') {
    this.input = input
    this.dialect = format === 'GenBank' ? GENBANK : EMBL
    // a feature table's lines begin with blanks, or with FT
    this.starters = new Set(Buffer.from(this.dialect.starters + (input.features ? ' F' : '')))
    this.record = new RecordWriter(input)
  }

  get counts(): Float64Array {
    return this.record.counts
  }

  get pending(): { name: string; length: number | null } | null {
    return this.state === 'annotation' || this.state === 'sequence' ? { name: this.recordName(), length: this.stated } : null
  }

  push(piece: Buffer): void {
    let i = 0
    while (i < piece.length) {
      if (this.mode === 'start') this.mode = this.modeOf(piece[i])
      i = this.mode === 'bases' ? this.readBases(piece, i) : this.readLine(piece, i)
    }
    this.offset += piece.length
  }

  end(): void {
    if (this.mode === 'collect') this.look(this.text.rest())
    this.endUnfinished()
    if (this.strays.count === 0) return
    const { file, report } = this.input
    const lines = this.strays.count === 1 ? '1 line was' : `${count(this.strays.count)} lines were`
    const message = `${lines} outside of any record of ${file} and left out, the first is line ${count(this.strays.line)}.`
    report.add('note', 'flat/outside', { file, line: this.strays.line }, message)
  }

  private modeOf(first: number): 'collect' | 'pass' | 'bases' {
    if (this.state === 'outside') return 'collect'
    // a line of bases never starts with "/", nor with the first letter of LOCUS or ID
    if (this.state === 'sequence') return first === SLASH || first === this.dialect.starters.charCodeAt(0) ? 'collect' : 'bases'
    return this.starters.has(first) ? 'collect' : 'pass'
  }

  private readLine(piece: Buffer, from: number): number {
    const newline = piece.indexOf(NEWLINE, from)
    if (this.mode === 'collect') {
      const text = this.text.take(piece, from, newline)
      if (text !== null) this.look(text)
    }
    if (newline < 0) return piece.length
    this.nextLine()
    return newline + 1
  }

  private nextLine(): void {
    this.line++
    this.mode = 'start'
  }

  private look(text: string): void {
    const { dialect, state } = this
    if (dialect.start.test(text)) {
      this.endUnfinished()
      this.openRecord(text)
    } else if (state === 'outside') {
      if (text.trim() !== '' && this.strays.count++ === 0) this.strays.line = this.line
    } else if (text.startsWith('//')) {
      if (state === 'sequence') this.endSequence()
      else if (state === 'annotation') this.endWithoutSequence()
      this.state = 'outside'
    } else if (state === 'sequence') this.badLetter(text.charCodeAt(0))
    else if (state === 'annotation') {
      if (dialect.sequence.test(text)) {
        this.record.begin(this.recordName(), this.startLine)
        this.state = 'sequence'
      } else if (dialect.parts.test(text)) this.hasParts = true
      else if (this.input.features && /^(?: {5}|FT {3})/.test(text)) this.input.features.line(text.slice(5))
      else if (this.name === '') this.name = dialect.accession.exec(text)?.[1] ?? ''
    }
  }

  private openRecord(text: string): void {
    const { file } = this.input
    const [, length, unit] = this.dialect.length.exec(text) ?? []
    this.records++
    this.state = 'annotation'
    this.startLine = this.line
    this.name = this.dialect.name.exec(text)?.[1] ?? ''
    this.stated = length === undefined ? null : Number(length)
    this.hasParts = false
    if (unit?.toLowerCase() !== 'aa') return
    this.tell('flat/protein', this.line, `${this.at()} of ${file} is a protein (${count(this.stated!)} aa); Strand reads DNA and RNA here.`)
    this.state = 'skipping'
  }

  private recordName(): string {
    return this.name || (this.records === 1 ? this.input.stem : `record ${this.records}`)
  }

  private at(): string {
    return `Record "${this.recordName()}" at line ${count(this.startLine)}`
  }

  private readBases(piece: Buffer, from: number): number {
    if (this.out.length < piece.length) this.out = Buffer.allocUnsafe(piece.length)
    const { out } = this
    const { histogram } = this.record
    let filled = 0
    for (let i = from; i < piece.length; i++) {
      const byte = piece[i]
      const stored = STORED[byte]
      if (stored !== 0) {
        histogram[byte]++
        out[filled++] = stored
      } else if (byte === NEWLINE) {
        this.nextLine()
        // the next line of bases starts with a blank or a digit: no need to leave this loop for it
        const next = piece[i + 1]
        if (next !== BLANK) {
          this.record.append(out.subarray(0, filled))
          return i + 1
        }
        this.mode = 'bases'
      } else if (byte !== BLANK && (byte < 0x30 || byte > 0x39) && (byte < 0x09 || byte > 0x0d)) {
        if (byte < BLANK || byte === 0x7f) throw controlCharacter(this.input.file, byte, this.line, this.offset + i + 1)
        this.badLetter(byte)
        this.mode = 'pass'
        return i
      }
    }
    this.record.append(out.subarray(0, filled))
    return piece.length
  }

  private badLetter(byte: number): void {
    const { name } = this.record
    this.record.drop()
    this.state = 'skipping'
    this.tell('flat/letter', this.line, `Line ${count(this.line)} of ${this.input.file} (record "${name}") holds ${whyNotStored(byte)}.`)
  }

  /** After "//". */
  private endSequence(): void {
    const { file, report } = this.input
    const { bases } = this.record
    if (bases > 0 && this.stated !== null && this.stated !== bases)
      report.add(
        'repaired',
        'flat/length',
        { file, line: this.startLine },
        `${this.at()} of ${file} states ${count(this.stated)} bp, but its sequence has ${count(bases)}; the sequence was read as it is.`,
      )
    this.record.keep()
  }

  private endWithoutSequence(): void {
    const { file, report } = this.input
    const { sequenceWord, partsWord } = this.dialect
    const why = this.hasParts
      ? `only lists the parts it is made of (${partsWord} line); download it with its sequence`
      : `has no sequence (no ${sequenceWord} line)`
    report.add('skipped', 'flat/no-sequence', { file, line: this.startLine }, `${this.at()} of ${file} ${why}. It was left out.`)
  }

  /** At the end of the file, or where another record starts, without "//". */
  private endUnfinished(): void {
    const { file, report } = this.input
    const { bases } = this.record
    if (this.state === 'sequence' && bases > 0 && bases === this.stated) {
      const message = `${this.at()} of ${file} ends without "//"; its sequence has the ${count(bases)} bases it states, so it was kept.`
      report.add('repaired', 'flat/end', { file, line: this.line }, message)
      this.record.keep()
    } else if (this.state === 'sequence') {
      this.record.drop()
      const states = this.stated === null ? '' : `states ${count(this.stated)} bp, but `
      this.tell('flat/cut', this.startLine, `${this.at()} of ${file} is cut off: it ${states}ends after ${count(bases)} without "//".`)
    } else if (this.state === 'annotation')
      this.tell('flat/cut', this.startLine, `${this.at()} of ${file} is cut off: it ends before its sequence, in line ${count(this.line)}.`)
    this.state = 'outside'
  }

  private tell(kind: string, line: number, message: string): void {
    const { report, file } = this.input
    report.bad(kind, { file, line }, report.onProblem === 'skip' ? `${message} The record was left out.` : message)
  }
}
