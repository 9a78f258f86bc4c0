import { StrandError } from '../errors.ts'
import { count, plural } from '../importing/source.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { LineFeed, linesOf } from './lineFeed.ts'
import { lastNumber, parseNumber } from './numberParser.ts'
import type { OpenedSeries, SeriesFile, SeriesSink } from './series.ts'
import { readTextHeader, type HeaderLines } from './textHeader.ts'
import { parseTimeText, sniffTimeOrder } from './timeParser.ts'

const COLON = 0x3a
const COMMA = 0x2c
const POINT = 0x2e

interface TsHeader {
  timestamps: boolean
  /** Its time stamps are plain numbers, which are no dates. */
  counted: boolean
  dimensions: number
  label: 'class' | 'number' | null
  classes: string[]
}

/**
 * The .ts format of the UEA archive, aeon and sktime: a case a line, channels between colons, the label last. Cases may differ in length;
 * "?" and "NaN" are missing values.
 */
export async function openTs(file: SeriesFile): Promise<OpenedSeries> {
  const { source, detected } = file
  const header = readHeader(await readTextHeader(source, detected.encoding))
  return {
    format: 'UEA .ts',
    channels: header.dimensions === 1 ? ['value'] : Array.from({ length: header.dimensions }, (_, d) => `dimension ${d + 1}`),
    times: header.timestamps ? { stepMs: null, dateOnly: false, ...(header.counted ? { unnamed: true } : {}) } : null,
    classes: header.label === 'class' && header.classes.length > 0 ? header.classes : undefined,
    read: (writer) => readCases(file, header, writer),
  }
}

function readHeader({ lines, after }: HeaderLines): TsHeader {
  const tag = (name: string): string[] | null => {
    const found = lines.find(({ text }) => text.toLowerCase().startsWith(`@${name}`))
    return found ? found.text.split(/\s+/).slice(1) : null
  }
  const yes = (name: string): boolean => tag(name)?.[0]?.toLowerCase() === 'true'
  const label = yes('classlabel') ? 'class' : yes('targetlabel') ? 'number' : null
  const timestamps = yes('timestamps')
  const stated = Number(tag('dimensions')?.[0] ?? tag('dimension')?.[0])
  const first = after.find((line) => line.trim() !== '' && !line.startsWith('#'))
  const counted = first ? splitCase(Buffer.from(first)).length - (label ? 1 : 0) : 1
  const dimensions = yes('univariate') ? 1 : Number.isInteger(stated) && stated > 0 ? stated : Math.max(1, counted)
  return {
    timestamps,
    counted: timestamps && isNumber(/\(([^(),]*),/.exec(first ?? '')?.[1]),
    dimensions,
    label,
    classes: label === 'class' ? (tag('classlabel') ?? []).slice(1) : [],
  }
}

/** Fields between colons; those inside parentheses belong to times. */
function splitCase(line: Buffer): { start: number; end: number }[] {
  const fields: { start: number; end: number }[] = []
  let start = 0
  let depth = 0
  for (let i = 0; i < line.length; i++) {
    if (line[i] === 0x28) depth++
    else if (line[i] === 0x29) depth--
    else if (line[i] === COLON && depth === 0) {
      fields.push({ start, end: i })
      start = i + 1
    }
  }
  fields.push({ start, end: line.length })
  return fields
}

async function readCases({ source, detected, job }: SeriesFile, header: TsHeader, writer: SeriesSink): Promise<void> {
  const feed = new LineFeed(source.name)
  const known = new Set(header.classes)
  let inData = false
  let cases = 0
  for await (const lines of linesOf(feed, utf8Pieces(job.read(source), detected.encoding, false)))
    for (const line of lines) {
      if (line.length === 0 || line[0] === 0x23) continue
      if (!inData) {
        inData = /^\s*@data\s*$/i.test(line.toString('latin1', 0, Math.min(line.length, 64)))
        continue
      }
      if (line.toString('latin1', 0, Math.min(line.length, 64)).trim() === '') continue
      cases++
      const place = { file: source.name, line: feed.line }
      const read = readCase(line, header, known)
      if (typeof read === 'string') {
        const what = `Line ${count(feed.line)} of ${source.name}: ${read}.`
        job.report.bad('ts/case', place, job.report.onProblem === 'stop' ? what : `${what} The case was left out.`)
        continue
      }
      const { label } = read
      writer.begin(`${source.stem} ${cases}`, place, { label })
      writer.rows(read.values, read.times)
      writer.end()
    }
  if (!inData) throw noData(source.name)
}

interface Case {
  values: Float32Array
  times: Float64Array | null
  label: string | number | null
}

/** One line, or what is wrong with it. */
function readCase(line: Buffer, { timestamps, dimensions, label: kind }: TsHeader, known: ReadonlySet<string>): Case | string {
  const fields = splitCase(line)
  const expected = dimensions + (kind ? 1 : 0)
  if (fields.length !== expected)
    return `it has ${plural(fields.length, 'part')} between colons where ${count(expected)} are expected (${plural(dimensions, 'dimension')}${kind ? ' and the label' : ''})`
  let label: string | number | null = null
  if (kind) {
    const { start, end } = fields[fields.length - 1]
    const text = line.toString('utf8', start, end).trim()
    if (kind === 'class' && known.size > 0 && !known.has(text) && text !== '?') return `"${text}" is none of the classes the header lists`
    label = text === '?' || text === '' ? null : kind === 'class' ? text : Number(text)
    if (typeof label === 'number' && !Number.isFinite(label)) return `the target "${text}" is not a number`
  }
  let values: Float32Array | null = null
  let times: Float64Array | null = null
  for (let d = 0; d < dimensions; d++) {
    const { start, end } = fields[d]
    const read = timestamps ? readPairs(line.toString('latin1', start, end)) : readNumbers(line, start, end)
    if (typeof read === 'string') return `${read}${dimensions > 1 ? ` in dimension ${d + 1}` : ''}`
    const length = read.values.length
    if (!values) {
      values = new Float32Array(length * dimensions)
      times = read.times
    } else if (length * dimensions !== values.length)
      return `dimension ${d + 1} has ${plural(length, 'value')} where dimension 1 has ${count(values.length / dimensions)}`
    else if (times && read.times!.some((time, i) => time !== times![i])) return `dimension ${d + 1} has other times than dimension 1`
    for (let i = 0; i < length; i++) values[i * dimensions + d] = read.values[i]
  }
  return { values: values!, times, label }
}

type Read = { values: Float32Array; times: Float64Array | null } | string

function readNumbers(line: Buffer, start: number, end: number): Read {
  let n = 1
  for (let i = start; i < end; i++) if (line[i] === COMMA) n++
  const values = new Float32Array(n)
  let from = start
  for (let k = 0; k < n; k++) {
    let to = line.indexOf(COMMA, from)
    if (to < 0 || to > end) to = end
    values[k] = parseNumber(line, from, to, POINT)
    if (lastNumber.fault === 'not a number') return `"${line.toString('utf8', from, Math.min(to, from + 40)).trim()}" is not a number`
    from = to + 1
  }
  // an empty field is a series of no values
  return { values: n === 1 && line.toString('latin1', start, end).trim() === '' ? new Float32Array(0) : values, times: null }
}

/** "(0,1.5),(1,2.5)" or with dates. */
function readPairs(text: string): Read {
  const pairs = [...text.matchAll(/\(([^(),]*),([^(),]*)\)/g)]
  if (text.replace(/\([^()]*\)|[\s,]/g, '') !== '') return 'it is not made of pairs (time,value), as the header says'
  const stamps = pairs.map(([, time]) => time.trim())
  const order = stamps.every(isNumber) ? 'steps' : sniffTimeOrder(stamps, '')
  if (pairs.length > 0 && order === null) return `"${stamps[0]}" is not a time`
  const values = Float32Array.from(pairs, ([, , value]) => (/^(\?|nan|)$/i.test(value.trim()) ? NaN : Number(value)))
  return { values, times: Float64Array.from(stamps, (stamp) => parseTimeText(stamp, order!)) }
}

const isNumber = (text: string | undefined): boolean => text !== undefined && text.trim() !== '' && Number.isFinite(Number(text))

const noData = (file: string): StrandError =>
  new StrandError('import/empty', `${file} has no "@data" line, or nothing below it. Choose a file with cases in it.`, { file })
