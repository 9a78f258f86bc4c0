import { StrandError } from '../errors.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { count, plural } from '../importing/source.ts'
import { splitLine, type Dialect } from './dialect.ts'
import { lastNumber, parseNumber, unsigned, withoutSeparators } from './numberParser.ts'
import type { RowRouter } from './seriesRouter.ts'
import type { RecordTags } from './series.ts'
import { TableLines } from './tableLines.ts'
import { TableTimes } from './tableTimes.ts'
import { parseTime } from './timeParser.ts'

const BATCH_BYTES = 262_144

/** Special places in `role`; channels count from 0. */
const OUT = -1
const TIME = -2
const TAG = -3

export interface TableInput {
  file: string
  /** The file's name without endings: the record's, where no column names records. */
  stem: string
  dialect: Dialect
  report: ReportBuilder
  policy: 'mask' | 'previous' | 'linear' | 'split' | 'stop'
  /** The router puts the rows in order of time, and tells of it. */
  sorted?: boolean
}

/** Streaming reader of one table: fed bytes in any pieces, it gives rows of float32 (NaN where missing) and their times to a router. */
export class TableParser {
  rows = 0
  private readonly input: TableInput
  private readonly router: RowRouter
  private readonly lines: TableLines
  private readonly times: TableTimes
  private readonly delimiter: number
  private readonly decimal: number
  private readonly separators: Uint8Array | null
  /** Column → channel, or one of the special places. */
  private readonly role: Int32Array
  private readonly batch: Float32Array
  private readonly stamps: Float64Array
  private readonly capacity: number
  private filled = 0
  private time = NaN
  private record: string | null = null
  private readonly tags: { [K in 'id' | 'label' | 'group']: string | null } = { id: null, label: null, group: null }
  private readonly tagOf = new Map<number, 'id' | 'label' | 'group'>()
  private kept: { label: string | null; group: string | null } = { label: null, group: null }
  private changing = false
  private toSkip: number
  private blank = { line: 0, told: false }

  constructor(input: TableInput, router: RowRouter) {
    const { dialect } = input
    this.input = input
    this.router = router
    this.lines = new TableLines(input.file, (bytes, start, end, quoted) => this.readLine(bytes, start, end, quoted))
    this.times = new TableTimes(input)
    this.delimiter = dialect.delimiter.charCodeAt(0)
    this.decimal = dialect.decimal.charCodeAt(0)
    this.separators =
      dialect.thousands === 'none' ? null : Buffer.from(dialect.thousands === ' ' ? ' \u00a0\u202f' : dialect.thousands, 'utf8')
    this.toSkip = (dialect.header ? 1 : 0) + (dialect.units ? 1 : 0)
    this.role = new Int32Array(dialect.columns.length).fill(OUT)
    dialect.channels.forEach((column, channel) => (this.role[column] = channel))
    if (dialect.timeColumn >= 0) this.role[dialect.timeColumn] = TIME
    dialect.roles.forEach((role, column) => {
      if (role !== 'id' && role !== 'label' && role !== 'group') return
      this.role[column] = TAG
      this.tagOf.set(column, role)
    })
    const channels = dialect.channels.length
    this.capacity = dialect.rows === 'series' ? 1 : Math.max(1, Math.floor(BATCH_BYTES / (4 * channels)))
    this.batch = new Float32Array(this.capacity * channels)
    this.stamps = new Float64Array(this.capacity)
  }

  push(piece: Buffer): void {
    this.lines.push(piece)
  }

  end(): void {
    this.lines.end()
    this.flush()
    this.router.end()
    if (!this.input.sorted) this.times.summarise()
    if (this.changing)
      this.input.report.add(
        'note',
        'table/label-changes',
        { file: this.input.file },
        `The label or group changes within a record of ${this.input.file}; each record has the one of its first row.`,
      )
  }

  private readLine(bytes: Buffer, start: number, end: number, quoted: boolean): void {
    if (this.lines.line <= this.input.dialect.skipLines) return
    if (isBlank(bytes, start, end)) {
      if (!this.blank.told && this.blank.line === 0 && this.toSkip === 0) this.blank.line = this.lines.line
      return
    }
    if (this.toSkip > 0) {
      this.toSkip--
      return
    }
    if (this.blank.line > 0) this.reportBlank()
    if (!quoted) {
      this.readRow(bytes, start, end)
      return
    }
    const { delimiter, thousands } = this.input.dialect
    // a separator of thousands may be the delimiter, in quotes; elsewhere a quoted delimiter stands in words
    const instead = thousands === delimiter ? '' : '_'
    const cells = splitLine(bytes.toString('latin1', start, end), delimiter)
    const plain = Buffer.from(cells.map((cell) => cell.replaceAll(delimiter, instead).replaceAll('\n', ' ')).join(delimiter), 'latin1')
    this.readRow(plain, 0, plain.length)
  }

  private readRow(bytes: Buffer, start: number, end: number): void {
    const { role, delimiter, decimal, batch, separators } = this
    const blanks = delimiter === 0x20
    const width = role.length
    const base = this.filled * this.input.dialect.channels.length
    let column = 0
    let from = start
    if (blanks) while (from < end && bytes[from] <= 0x20) from++
    for (let i = from; i <= end; i++) {
      if (i < end && bytes[i] !== delimiter && !(blanks && bytes[i] === 0x09)) continue
      if (column < width) {
        const channel = role[column]
        // nearly every cell of nearly every table is a plain number: no call but the parser's
        if (channel >= 0 && separators === null) {
          const value = parseNumber(bytes, from, i, decimal)
          batch[base + channel] = value
          if (value !== value) this.fault(bytes, from, i, channel)
        } else this.readCell(bytes, from, i, column, base)
      }
      column++
      if (blanks) while (i + 1 < end && bytes[i + 1] <= 0x20) i++
      from = i + 1
      if (blanks && from >= end) break
    }
    if (column !== width && !this.ragged(column, base)) return
    this.finishRow(base)
  }

  private readCell(bytes: Buffer, from: number, to: number, column: number, base: number): void {
    const channel = this.role[column]
    if (channel >= 0) {
      const value = this.readGrouped(bytes, from, to)
      this.batch[base + channel] = value
      if (value !== value) this.fault(bytes, from, to, channel)
    } else if (channel === TIME) this.time = parseTime(bytes, from, to, this.input.dialect.timeOrder!)
    else if (channel === TAG) this.tags[this.tagOf.get(column)!] = bytes.toString('utf8', from, to).trim()
  }

  private readGrouped(bytes: Buffer, from: number, to: number): number {
    const number = unsigned(bytes, from, to)
    const plain = number
      ? withoutSeparators(number, 0, number.length, this.separators!)
      : withoutSeparators(bytes, from, to, this.separators!)
    return parseNumber(plain, 0, plain.length, this.decimal)
  }

  private finishRow(base: number): void {
    const { dialect } = this.input
    if (dialect.rows === 'series') {
      this.storeSeries()
      return
    }
    const record = this.tags.id ?? this.input.stem
    if (record !== this.record) this.switchTo(record, base)
    else if (this.tags.label !== this.kept.label || this.tags.group !== this.kept.group) this.changing = true
    if (dialect.timeColumn < 0) this.endRow()
    else {
      const step = this.times.next(this.time, this.lines.line)
      if (step === 'bad') return
      if (step === 'hole') {
        this.flushBefore(base)
        this.router.gap()
      } else if (step > 0) this.fillGap(step, base)
      this.endRow()
    }
  }

  private switchTo(record: string, base: number): void {
    this.flushBefore(base)
    this.router.to(record, this.ownTags(), this.lines.line)
    this.times.of(record)
    this.record = record
    this.kept = { label: this.tags.label, group: this.tags.group }
  }

  private ownTags(): RecordTags {
    const { label, group } = this.tags
    return { ...(label ? { label } : {}), ...(group ? { group } : {}) }
  }

  /** A row that is a whole series: as long as its last known value. */
  private storeSeries(): void {
    this.rows++
    let length = this.batch.length
    while (length > 0 && this.batch[length - 1] !== this.batch[length - 1]) length--
    this.router.to(this.tags.id || `${this.input.stem} ${this.rows}`, this.ownTags(), this.lines.line)
    this.router.rows(this.batch.subarray(0, length), null)
  }

  /** A value that is no number: missing by the file's own word, or wrong. */
  private fault(bytes: Buffer, from: number, to: number, channel: number): void {
    const { file, dialect, report, policy } = this.input
    const name = dialect.columns[dialect.channels[channel]]
    const place = { file, line: this.lines.line }
    const where = `Line ${count(place.line)} of ${file}`
    if (lastNumber.fault === 'not a number') {
      const shown = bytes.toString('utf8', from, Math.min(to, from + 40)).trim()
      const what = `${where}, column "${name}": "${shown}" is not a number.`
      const kept = 'The value is kept as missing.'
      report.bad('table/not-a-number', place, report.onProblem === 'skip' ? `${what} ${kept}` : what, kept)
    } else if (lastNumber.fault === 'infinite')
      report.add('repaired', 'table/infinite', place, `${where}, column "${name}": an infinite value is kept as missing.`)
    if (policy === 'stop')
      throw new StrandError(
        'import/bad-record',
        `${where} has no value in column "${name}", and you chose to stop at missing values. Nothing was imported.`,
        { ...place },
      )
  }

  /** True when the row is kept all the same, its missing cells as missing values. */
  private ragged(columns: number, base: number): boolean {
    const { file, report } = this.input
    const expected = this.role.length
    const what = `Line ${count(this.lines.line)} of ${file} has ${plural(columns, 'field')} where ${count(expected)} are expected.`
    const place = { file, line: this.lines.line }
    const fix = columns < expected ? 'The missing ones are kept as missing values.' : undefined
    if (
      !report.bad(
        'table/ragged',
        place,
        report.onProblem === 'stop' ? what : fix && report.onProblem === 'fix' ? what : `${what} The row was left out.`,
        fix,
      )
    )
      return false
    for (let column = columns; column < expected; column++) if (this.role[column] >= 0) this.batch[base + this.role[column]] = NaN
    return true
  }

  /** Rows for a hole of whole steps, before the row just read. */
  private fillGap(rows: number, base: number): void {
    const channels = this.input.dialect.channels.length
    const row = this.batch.slice(base, base + channels)
    const { time } = this
    for (let i = 1; i <= rows; i++) {
      this.batch.fill(NaN, this.filled * channels, (this.filled + 1) * channels)
      this.time = time - (rows + 1 - i) * this.input.dialect.stepMs!
      this.endRow()
    }
    this.batch.set(row, this.filled * channels)
    this.time = time
  }

  private endRow(): void {
    this.stamps[this.filled] = this.time
    this.rows++
    if (++this.filled === this.capacity) this.flush()
  }

  /** Hands on the rows before the one at `base`, which moves to the front. */
  private flushBefore(base: number): void {
    if (this.filled === 0) return
    const row = this.batch.slice(base, base + this.input.dialect.channels.length)
    this.flush()
    this.batch.set(row)
  }

  private flush(): void {
    if (this.filled === 0) return
    const { dialect } = this.input
    this.router.rows(
      this.batch.subarray(0, this.filled * dialect.channels.length),
      dialect.timeColumn >= 0 ? this.stamps.subarray(0, this.filled) : null,
    )
    this.filled = 0
  }

  private reportBlank(): void {
    const { file, report } = this.input
    const { line } = this.blank
    report.add('note', 'table/blank', { file, line }, `Blank lines inside ${file} were passed over, the first at line ${count(line)}.`)
    this.blank = { line: 0, told: true }
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] > 0x20) return false
  return true
}
