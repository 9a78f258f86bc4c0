import { StrandError } from '../errors.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { count, plural } from '../importing/source.ts'
import { splitLine, type Dialect } from './dialect.ts'
import { lastNumber, parseNumber } from './numberParser.ts'
import { parseTime } from './timeParser.ts'

const NEWLINE = 0x0a
const QUOTE = 0x22
/** 50,000 columns of 20 characters fit many times over; a "line" beyond this is not a table's. */
const LONGEST_LINE = 32 * 1_048_576
const BATCH_BYTES = 262_144
/** A hole longer than this many steps is told, but not filled with missing rows. */
const LONGEST_GAP = 100_000

export interface TableSink {
  append(cells: Uint8Array): void
  appendTimes(times: Float64Array): void
}

/** Streaming reader of one table: fed bytes in any pieces, it writes rows of float32 (NaN where missing) and their times. */
export class TableParser {
  rows = 0
  /** Missing values by channel. */
  readonly missing: Float64Array
  private readonly file: string
  private readonly dialect: Dialect
  private readonly sink: TableSink
  private readonly report: ReportBuilder
  private readonly policy: 'mask' | 'previous' | 'stop'
  private readonly delimiter: number
  private readonly decimal: number
  /** Column → channel, −1 left out, −2 time. */
  private readonly role: Int32Array
  private readonly batch: Float32Array
  private readonly times: Float64Array
  private readonly capacity: number
  /** The row stored last; what 'previous' repeats. NaN before the first. */
  private readonly lastRow: Float32Array
  private filled = 0
  private time = NaN
  private lastTime = NaN
  private line = 0
  private headerSeen = false
  private carry: Buffer[] = []
  private carried = 0
  private inQuotes = false
  private quotedFrom = 0
  private gaps = { count: 0, rows: 0, line: 0 }
  private backwards = { count: 0, line: 0 }
  private blank = { line: 0, told: false }

  constructor(file: string, dialect: Dialect, sink: TableSink, report: ReportBuilder, policy: 'mask' | 'previous' | 'stop') {
    this.file = file
    this.dialect = dialect
    this.sink = sink
    this.report = report
    this.policy = policy
    this.delimiter = dialect.delimiter.charCodeAt(0)
    this.decimal = dialect.decimal.charCodeAt(0)
    this.role = new Int32Array(dialect.columns.length).fill(-1)
    dialect.channels.forEach((column, channel) => (this.role[column] = channel))
    if (dialect.timeColumn >= 0) this.role[dialect.timeColumn] = -2
    const channels = dialect.channels.length
    this.capacity = Math.max(1, Math.floor(BATCH_BYTES / (4 * channels)))
    this.batch = new Float32Array(this.capacity * channels)
    this.times = new Float64Array(this.capacity)
    this.lastRow = new Float32Array(channels).fill(NaN)
    this.missing = new Float64Array(channels)
  }

  push(piece: Buffer): void {
    let start = 0
    let quote = piece.indexOf(QUOTE)
    for (;;) {
      const end = piece.indexOf(NEWLINE, start)
      if (end < 0) break
      let quotes = 0
      while (quote >= 0 && quote < end) {
        quotes++
        quote = piece.indexOf(QUOTE, quote + 1)
      }
      this.line++
      if (quotes & 1) this.toggleQuotes(this.line)
      if (this.inQuotes) this.keep(piece.subarray(start, end + 1))
      else if (this.carried > 0) {
        this.keep(piece.subarray(start, end))
        const whole = Buffer.concat(this.carry)
        this.carry = []
        this.carried = 0
        this.readLine(whole, 0, whole.length, whole.includes(QUOTE))
      } else this.readLine(piece, start, end, quotes > 0)
      start = end + 1
    }
    // quotes in the unfinished rest are counted when its line ends, from the piece that ends it: count them now
    let rest = 0
    for (; quote >= 0; quote = piece.indexOf(QUOTE, quote + 1)) rest++
    if (rest & 1) this.toggleQuotes(this.line + 1)
    if (start < piece.length) this.keep(piece.subarray(start))
  }

  end(): void {
    if (this.carried > 0) {
      if (this.inQuotes) this.unclosed()
      this.line++
      const whole = Buffer.concat(this.carry)
      this.readLine(whole, 0, whole.length, whole.includes(QUOTE))
    }
    this.flush()
    this.summarise()
  }

  private toggleQuotes(line: number): void {
    this.inQuotes = !this.inQuotes
    if (this.inQuotes) this.quotedFrom = line
  }

  private keep(part: Buffer): void {
    this.carry.push(Buffer.from(part))
    this.carried += part.length
    if (this.carried > LONGEST_LINE) {
      if (this.inQuotes) this.unclosed()
      throw new StrandError(
        'import/bad-record',
        `Line ${count(this.line + 1)} of ${this.file} is longer than ${count(LONGEST_LINE)} bytes, so it is not a row of a table. Nothing was imported; check the line ends of the file.`,
        { file: this.file, line: this.line + 1 },
      )
    }
  }

  private unclosed(): never {
    const line = this.quotedFrom
    throw new StrandError(
      'import/bad-record',
      `A quote opened in line ${count(line)} of ${this.file} is never closed. Nothing was imported; correct that line.`,
      {
        file: this.file,
        line,
      },
    )
  }

  private readLine(bytes: Buffer, start: number, end: number, quoted: boolean): void {
    if (end > start && bytes[end - 1] === 0x0d) end--
    if (this.line <= this.dialect.skipLines) return
    if (this.dialect.header && !this.headerSeen) {
      this.headerSeen = true
      return
    }
    if (isBlank(bytes, start, end)) {
      if (!this.blank.told && this.blank.line === 0) this.blank.line = this.line
      return
    }
    if (this.blank.line > 0) this.reportBlank()
    if (quoted) {
      const cells = splitLine(bytes.toString('latin1', start, end), this.dialect.delimiter)
      const unquoted = Buffer.from(
        cells.map((cell) => cell.replaceAll(this.dialect.delimiter, '_').replaceAll('\n', ' ')).join(this.dialect.delimiter),
        'latin1',
      )
      this.readRow(unquoted, 0, unquoted.length)
    } else this.readRow(bytes, start, end)
  }

  private readRow(bytes: Buffer, start: number, end: number): void {
    const { role, delimiter, dialect } = this
    const blanks = delimiter === 0x20
    const width = role.length
    const channels = dialect.channels.length
    const base = this.filled * channels
    let column = 0
    let from = start
    if (blanks) while (from < end && bytes[from] <= 0x20) from++
    for (let i = from; i <= end; i++) {
      if (i < end && bytes[i] !== delimiter && !(blanks && bytes[i] === 0x09)) continue
      if (column < width) {
        const channel = role[column]
        if (channel >= 0) {
          const value = parseNumber(bytes, from, i, this.decimal)
          this.batch[base + channel] = value
          if (value !== value) this.fault(bytes, from, i, channel, base)
        } else if (channel === -2) this.time = parseTime(bytes, from, i, dialect.timeOrder!)
      }
      column++
      if (blanks) while (i + 1 < end && bytes[i + 1] <= 0x20) i++
      from = i + 1
      if (blanks && from >= end) break
    }
    if (column !== width) this.ragged(column)
    else if (this.keepTime(base)) this.endRow()
  }

  /** A value that is no number: missing by the file's own word, or wrong. */
  private fault(bytes: Buffer, from: number, to: number, channel: number, base: number): void {
    const name = this.dialect.columns[this.dialect.channels[channel]]
    const place = { file: this.file, line: this.line }
    if (lastNumber.fault === 'not a number') {
      const shown = bytes.toString('latin1', from, Math.min(to, from + 40)).trim()
      const what = `Line ${count(this.line)} of ${this.file}, column "${name}": "${shown}" is not a number.`
      this.report.bad('table/not-a-number', place, this.report.onProblem === 'skip' ? `${what} The value is kept as missing.` : what)
    } else if (lastNumber.fault === 'infinite')
      this.report.add(
        'repaired',
        'table/infinite',
        place,
        `Line ${count(this.line)} of ${this.file}, column "${name}": an infinite value is kept as missing.`,
      )
    this.miss(channel, base)
  }

  private miss(channel: number, base: number): void {
    if (this.policy === 'stop') {
      const name = this.dialect.columns[this.dialect.channels[channel]]
      throw new StrandError(
        'import/bad-record',
        `Line ${count(this.line)} of ${this.file} has no value in column "${name}", and you chose to stop at missing values. Nothing was imported.`,
        { file: this.file, line: this.line },
      )
    }
    this.missing[channel]++
    this.batch[base + channel] = this.policy === 'previous' ? this.lastRow[channel] : NaN
  }

  private ragged(columns: number): void {
    const expected = this.role.length
    const what = `Line ${count(this.line)} of ${this.file} has ${plural(columns, 'field')} where ${count(expected)} are expected.`
    this.report.bad(
      'table/ragged',
      { file: this.file, line: this.line },
      this.report.onProblem === 'skip' ? `${what} The row was left out.` : what,
    )
  }

  /** Checks the row's time against the one before; fills a hole of whole steps with missing rows. False when the row must not be stored. */
  private keepTime(base: number): boolean {
    const { timeColumn, stepMs } = this.dialect
    if (timeColumn < 0) return true
    const place = { file: this.file, line: this.line }
    if (this.time !== this.time) {
      const what = `Line ${count(this.line)} of ${this.file} has no readable time in column "${this.dialect.columns[timeColumn]}".`
      this.report.bad('table/time', place, this.report.onProblem === 'skip' ? `${what} The row was left out.` : what)
      return false
    }
    const ahead = this.time - this.lastTime
    if (ahead <= 0 && this.backwards.count++ === 0) this.backwards.line = this.line
    if (stepMs !== null && ahead > 1.5 * stepMs) {
      const steps = Math.round(ahead / stepMs)
      if (Math.abs(ahead - steps * stepMs) < 0.01 * stepMs) this.fillGap(steps - 1, base)
    }
    this.lastTime = this.time
    return true
  }

  private fillGap(rows: number, base: number): void {
    const first = this.lastTime
    if (this.policy === 'stop' || rows > LONGEST_GAP) {
      const what = `${plural(rows, 'row')} ${rows === 1 ? 'is' : 'are'} missing before line ${count(this.line)} of ${this.file}`
      if (this.policy === 'stop')
        throw new StrandError('import/bad-record', `${what}, and you chose to stop at missing values. Nothing was imported.`, {
          file: this.file,
          line: this.line,
        })
      this.report.add(
        'note',
        'table/long-gap',
        { file: this.file, line: this.line },
        `${what}, too many to keep as missing; the series goes on without them.`,
      )
      return
    }
    if (this.gaps.count++ === 0) this.gaps.line = this.line
    this.gaps.rows += rows
    const channels = this.dialect.channels.length
    const row = this.batch.slice(base, base + channels)
    const { time } = this
    const values = this.policy === 'previous' ? this.lastRow.slice() : new Float32Array(channels).fill(NaN)
    for (let i = 1; i <= rows; i++) {
      this.batch.set(values, this.filled * channels)
      for (let channel = 0; channel < channels; channel++) this.missing[channel]++
      this.time = first + i * this.dialect.stepMs!
      this.endRow()
    }
    this.batch.set(row, this.filled * channels)
    this.time = time
  }

  private endRow(): void {
    if (this.policy === 'previous')
      this.lastRow.set(this.batch.subarray(this.filled * this.lastRow.length, (this.filled + 1) * this.lastRow.length))
    if (this.dialect.timeColumn >= 0) this.times[this.filled] = this.time
    this.rows++
    if (++this.filled === this.capacity) this.flush()
  }

  private flush(): void {
    if (this.filled === 0) return
    const channels = this.dialect.channels.length
    this.sink.append(new Uint8Array(this.batch.buffer, 0, this.filled * channels * 4))
    if (this.dialect.timeColumn >= 0) this.sink.appendTimes(this.times.subarray(0, this.filled))
    this.filled = 0
  }

  private reportBlank(): void {
    this.report.add(
      'note',
      'table/blank',
      { file: this.file, line: this.blank.line },
      `Blank lines inside ${this.file} were passed over, the first at line ${count(this.blank.line)}.`,
    )
    this.blank = { line: 0, told: true }
  }

  private summarise(): void {
    const { file, gaps, backwards } = this
    const fate = this.policy === 'previous' ? 'they repeat the last value' : 'they are kept as missing'
    if (gaps.count > 0)
      this.report.add(
        'note',
        'table/gaps',
        { file, line: gaps.line },
        `${plural(gaps.count, 'gap')} in time, the first before line ${count(gaps.line)} of ${file}: ${plural(gaps.rows, 'row')} ${gaps.rows === 1 ? 'was' : 'were'} added; ${fate}.`,
      )
    if (backwards.count > 0)
      this.report.add(
        'note',
        'table/backwards',
        { file, line: backwards.line },
        `${plural(backwards.count, 'row')} ${backwards.count === 1 ? 'does' : 'do'} not come after the row before in time, the first at line ${count(backwards.line)} of ${file}; the file's order is kept.`,
      )
    this.missing.forEach((n, channel) => {
      const name = this.dialect.columns[this.dialect.channels[channel]]
      if (n > 0)
        this.report.add(
          'note',
          'table/missing',
          { file },
          `Column "${name}" of ${file}: ${count(n)} of ${count(this.rows)} values are missing; ${fate}.`,
        )
    })
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] > 0x20) return false
  return true
}
