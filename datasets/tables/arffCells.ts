import type { TextEncoding } from '../../main/contract/importing.ts'
import type { ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { LineFeed, linesOf } from '../timeseries/lineFeed.ts'
import { readTextHeader } from '../timeseries/textHeader.ts'
import { readArffHeader, splitArff, type ArffAttribute } from './arffHeader.ts'
import { SAMPLE_ROWS, type Cell, type CellBatch, type CellTable } from './cellTable.ts'

export interface ArffTable extends CellTable {
  attributes: readonly ArffAttribute[]
  dataLine: number
}

const KINDS = { numeric: 'number', nominal: 'text', string: 'words', date: 'text', relational: 'text' } as const

/** An ARFF file as a table. Sparse rows ({3 1.5, 7 x}) are filled up with zeros and first values, as the format defines. */
export async function arffCells(source: Source, encoding: TextEncoding): Promise<ArffTable> {
  const header = await readTextHeader(source, encoding)
  const attributes = readArffHeader(source.name, header)
  const sample: Cell[][] = []
  for (const line of header.after.slice(0, -1).slice(0, 2 * SAMPLE_ROWS)) {
    const row = readRow(line, attributes)
    if (Array.isArray(row) && sample.length < SAMPLE_ROWS) sample.push(row)
  }
  const last = header.after.at(-1)
  if (sample.length === 0 && last) {
    const row = readRow(last, attributes)
    if (Array.isArray(row)) sample.push(row)
  }
  return {
    format: 'ARFF',
    attributes,
    dataLine: header.dataLine,
    columns: attributes.map(({ name, kind }) => ({ name, kind: KINDS[kind] })),
    sample,
    rows: null,
    batches: (job, wanted) => batches(job, source, encoding, attributes, header.dataLine, wanted),
  }
}

async function* batches(
  job: ImportJob,
  source: Source,
  encoding: TextEncoding,
  attributes: readonly ArffAttribute[],
  dataLine: number,
  wanted: readonly number[],
): AsyncGenerator<CellBatch> {
  const feed = new LineFeed(source.name)
  for await (const lines of linesOf(feed, utf8Pieces(job.read(source), encoding, false))) {
    const columns: Cell[][] = wanted.map(() => [])
    const numbers: number[] = []
    for (const line of lines) {
      if (feed.line <= dataLine) continue
      const row = readRow(line.toString('utf8'), attributes)
      if (row === null) continue
      if (typeof row === 'string') {
        const what = `Line ${count(feed.line)} of ${source.name}: ${row}.`
        job.report.bad(
          'arff/row',
          { file: source.name, line: feed.line },
          job.report.onProblem === 'stop' ? what : `${what} The row was left out.`,
        )
        continue
      }
      wanted.forEach((column, c) => columns[c].push(row[column]))
      numbers.push(feed.line)
    }
    if (numbers.length > 0) yield { rows: numbers.length, columns, line: (row) => numbers[row] }
  }
}

/** The cells of a line; null for a comment or a blank line; a text says what is wrong. */
export function readRow(line: string, attributes: readonly ArffAttribute[]): Cell[] | string | null {
  const text = line.trim()
  if (text === '' || text.startsWith('%')) return null
  if (text.startsWith('{')) return readSparse(text, attributes)
  const cells = splitArff(text)
  // an instance's weight may stand behind it
  if (cells.length === attributes.length + 1 && /^\{\s*[\d.]+\s*\}$/.test(cells.at(-1)!)) cells.pop()
  if (cells.length !== attributes.length)
    return `it has ${plural(cells.length, 'value')} where ${plural(attributes.length, 'attribute')} are declared`
  return cells.map((cell) => (cell === '?' ? null : cell))
}

function readSparse(text: string, attributes: readonly ArffAttribute[]): Cell[] | string {
  const row: Cell[] = attributes.map(({ kind, values }) => (kind === 'numeric' ? 0 : (values[0] ?? null)))
  const inside = text.slice(1, text.lastIndexOf('}') < 0 ? undefined : text.lastIndexOf('}'))
  for (const part of splitArff(inside)) {
    if (part === '') continue
    const found = /^(\d+)\s+(.*)$/s.exec(part)
    if (!found || Number(found[1]) >= attributes.length) return `"${part.slice(0, 40)}" is no pair of an attribute's number and a value`
    row[Number(found[1])] = found[2] === '?' ? null : found[2].replace(/^(['"])(.*)\1$/s, '$2')
  }
  return row
}

/** Attributes that each hold one letter: a sequence written a column a base, as the splice-junction set is. */
export function letterColumns(attributes: readonly ArffAttribute[]): number[] {
  const letters = attributes.flatMap(({ kind, values }, i) =>
    kind === 'nominal' && values.length > 1 && values.every((value) => /^[ACGTUNRYSWKMBDHV]$/i.test(value)) ? [i] : [],
  )
  return letters.length >= 10 ? letters : []
}

/** Rows that are whole series: many numbers, numbered names, a class behind them. */
export function rowsAreSeries(attributes: readonly ArffAttribute[]): boolean {
  const numeric = attributes.filter(({ kind }) => kind === 'numeric')
  const numbered = numeric.every(
    ({ name }, i) => i === 0 || Number(/\d+$/.exec(name)?.[0]) === Number(/\d+$/.exec(numeric[i - 1].name)?.[0]) + 1,
  )
  return numeric.length >= 8 && numbered && attributes.length - numeric.length <= 2
}
