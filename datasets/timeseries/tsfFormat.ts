import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { lastNumber, parseNumber } from './numberParser.ts'
import { DAY_MS, type OpenedSeries, type SeriesFile, type SeriesSink } from './series.ts'
import { readTextHeader, type HeaderLines } from './textHeader.ts'

const COLON = 0x3a
const COMMA = 0x2c
const NEWLINE = 0x0a
const POINT = 0x2e
/** Values handed on at once: a series may have many millions, on one line. */
const BATCH = 65_536
/** The attributes of a series; more before its values is no .tsf file. */
const LONGEST_PREFIX = 65_536
const LONGEST_NUMBER = 256

/** The names the Monash archive uses: a fixed step, or so many months. */
const FREQUENCIES: Readonly<Record<string, { ms: number } | { months: number }>> = {
  '4_seconds': { ms: 4000 },
  '10_seconds': { ms: 10_000 },
  seconds: { ms: 1000 },
  secondly: { ms: 1000 },
  minutely: { ms: 60_000 },
  '5_minutes': { ms: 300_000 },
  '10_minutes': { ms: 600_000 },
  '15_minutes': { ms: 900_000 },
  half_hourly: { ms: 1_800_000 },
  hourly: { ms: 3_600_000 },
  daily: { ms: DAY_MS },
  weekly: { ms: 7 * DAY_MS },
  monthly: { months: 1 },
  quarterly: { months: 3 },
  yearly: { months: 12 },
}

interface TsfHeader {
  attributes: { name: string; kind: string }[]
  frequency: { ms: number } | { months: number } | null
  dated: number
  named: number
}

/** The .tsf format of the Monash forecasting archive: a series a line, its attributes and values between colons; times from start and frequency. */
export async function openTsf(file: SeriesFile): Promise<OpenedSeries> {
  const lines = await readTextHeader(file.source, file.detected.encoding)
  const header = readHeader(file.source.name, lines)
  const timed = header.dated >= 0 && header.frequency !== null
  const ms = header.frequency && 'ms' in header.frequency ? header.frequency.ms : null
  return {
    format: 'Monash .tsf',
    channels: ['value'],
    times: timed ? { stepMs: ms, dateOnly: ms === null || ms >= DAY_MS } : null,
    async read(writer) {
      const parser = new TsfParser(file, header, writer, timed, lines.dataLine)
      for await (const piece of utf8Pieces(file.job.read(file.source), file.detected.encoding, false)) parser.push(piece)
      parser.end()
    },
  }
}

function readHeader(file: string, { lines }: HeaderLines): TsfHeader {
  const attributes: TsfHeader['attributes'] = []
  let frequency: TsfHeader['frequency'] = null
  for (const { text, line } of lines) {
    const [tag, ...rest] = text.split(/\s+/)
    if (tag.toLowerCase() === '@attribute') attributes.push({ name: rest[0] ?? '', kind: (rest[1] ?? 'string').toLowerCase() })
    if (tag.toLowerCase() !== '@frequency' || !rest[0]) continue
    frequency = FREQUENCIES[rest[0].toLowerCase()] ?? null
    if (!frequency)
      throw new StrandError(
        'import/lying-header',
        `Line ${line} of ${file} gives the frequency "${rest[0]}", which Strand does not know. Nothing was imported; it knows ${Object.keys(FREQUENCIES).join(', ')}.`,
        { file, line },
      )
  }
  return {
    attributes,
    frequency,
    dated: attributes.findIndex(({ kind }) => kind === 'date'),
    named: attributes.findIndex(({ name, kind }) => kind === 'string' && /name|id/i.test(name)),
  }
}

/** Reads a line's attributes, then streams its values. */
class TsfParser {
  private readonly file: SeriesFile
  private readonly header: TsfHeader
  private readonly writer: SeriesSink
  private readonly timed: boolean
  private readonly dataLine: number
  private line = 1
  private state: 'prefix' | 'values' | 'skip' = 'prefix'
  private prefix: number[] = []
  private fields: string[] = []
  private readonly number = Buffer.alloc(LONGEST_NUMBER)
  private digits = 0
  private readonly values = new Float32Array(BATCH)
  private filled = 0
  private total = 0
  private start = NaN
  private series = 0
  private open = false

  constructor(file: SeriesFile, header: TsfHeader, writer: SeriesSink, timed: boolean, dataLine: number) {
    this.file = file
    this.header = header
    this.writer = writer
    this.timed = timed
    this.dataLine = dataLine
  }

  push(piece: Buffer): void {
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i]
      if (byte === NEWLINE) this.endLine()
      else if (this.line <= this.dataLine || this.state === 'skip') continue
      else if (this.state === 'prefix') this.takePrefix(byte)
      else if (byte === COMMA) this.endValue()
      else if (this.digits < LONGEST_NUMBER) this.number[this.digits++] = byte
    }
  }

  end(): void {
    this.endLine()
  }

  private takePrefix(byte: number): void {
    if (byte === 0x23 && this.prefix.length === 0 && this.fields.length === 0) {
      this.state = 'skip'
      return
    }
    if (byte !== COLON) {
      this.prefix.push(byte)
      if (this.prefix.length > LONGEST_PREFIX) this.bad('it has no colons between its attributes and its values')
      return
    }
    this.fields.push(Buffer.from(this.prefix).toString('utf8').trim())
    this.prefix = []
    if (this.fields.length === this.header.attributes.length) this.begin()
  }

  private begin(): void {
    const { source } = this.file
    const { dated, named } = this.header
    this.series++
    this.start = this.timed ? startOf(this.fields[dated]) : NaN
    if (this.timed && !Number.isFinite(this.start)) {
      this.bad(`"${this.fields[dated]}" is not a start time such as 1979-01-01 00-00-00`)
      return
    }
    this.state = 'values'
    this.total = 0
    this.writer.begin(this.fields[named] || `${source.stem} ${this.series}`, { file: source.name, line: this.line })
    this.open = true
  }

  private endValue(): void {
    const value = parseNumber(this.number, 0, this.digits, POINT)
    if (lastNumber.fault === 'not a number') {
      this.bad(
        `"${this.number.toString('utf8', 0, Math.min(this.digits, 40)).trim()}" is not a number (value ${count(this.total + this.filled + 1)} of the series)`,
      )
      return
    }
    this.digits = 0
    this.values[this.filled++] = value
    if (this.filled === BATCH) this.flush()
  }

  private endLine(): void {
    if (this.state === 'values') {
      if (this.digits > 0 || this.filled + this.total > 0) this.endValue()
      if (this.open) {
        this.flush()
        this.writer.end()
        this.open = false
      }
    } else if (this.state === 'prefix' && this.line > this.dataLine) {
      const blank = this.fields.length === 0 && this.prefix.every((byte) => byte <= 0x20)
      if (!blank) this.bad(`it has ${count(this.fields.length)} of ${count(this.header.attributes.length)} attributes and no values`)
    }
    this.line++
    this.state = 'prefix'
    this.prefix = []
    this.fields = []
    this.digits = 0
    this.filled = 0
  }

  private flush(): void {
    if (this.filled === 0) return
    const times = this.timed ? Float64Array.from({ length: this.filled }, (_, i) => this.timeOf(this.total + i)) : null
    this.writer.rows(this.values.slice(0, this.filled), times)
    this.total += this.filled
    this.filled = 0
  }

  private timeOf(step: number): number {
    const frequency = this.header.frequency!
    if ('ms' in frequency) return this.start + step * frequency.ms
    const from = new Date(this.start)
    return Date.UTC(
      from.getUTCFullYear(),
      from.getUTCMonth() + step * frequency.months,
      Math.min(from.getUTCDate(), 28),
      from.getUTCHours(),
      from.getUTCMinutes(),
    )
  }

  /** Ends the import, or leaves the rest of the line out. */
  private bad(why: string): void {
    const { job, source } = this.file
    const what = `Line ${count(this.line)} of ${source.name}: ${why}.`
    job.report.bad(
      'tsf/series',
      { file: source.name, line: this.line },
      job.report.onProblem === 'stop' ? what : `${what} The series was left out.`,
    )
    if (this.open) this.writer.discard()
    this.open = false
    this.state = 'skip'
  }
}

/** "1979-01-01 00-00-00", also with colons or the date alone. */
function startOf(text: string): number {
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2})[-:](\d{1,2})(?:[-:](\d{1,2}))?)?$/.exec(text)
  if (!parts) return NaN
  const [, year, month, day, hour = 0, minute = 0, second = 0] = parts.map(Number)
  return Date.UTC(year, month - 1, day, hour || 0, minute || 0, second || 0)
}
