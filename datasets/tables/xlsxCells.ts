import { throwIfCancelled } from '../errors.ts'
import type { ImportJob } from '../importing/job.ts'
import { listZip } from '../importing/zipArchive.ts'
import { count, type Source } from '../importing/source.ts'
import { namesOf } from '../timeseries/dialect.ts'
import { SAMPLE_ROWS, type Cell, type CellBatch, type CellColumn, type CellTable } from './cellTable.ts'
import { RowBatch } from './rowBatch.ts'
import { attribute, damaged, readWorkbook, textIn, unescape, type Workbook } from './xlsxParts.ts'

const DAY_MS = 86_400_000
/** A row with 16,384 columns of long texts fits in; more is no sheet. */
const LONGEST_ROW = 32 * 1_048_576
const BATCH_ROWS = 1024

interface SheetRow {
  /** As Excel counts. */
  number: number
  cells: Cell[]
  /** Which cells show a date; their values are milliseconds then. */
  dates: boolean[]
}

/** The first sheet of an Excel workbook (.xlsx) as a table; its first row that holds nothing but words gives the names. */
export async function xlsxCells(source: Source): Promise<CellTable & { others: string[] }> {
  const book = await readWorkbook(source.name, await listZip(source))
  const head: SheetRow[] = []
  for await (const row of rowsOf(source, book)) {
    head.push(row)
    if (head.length > SAMPLE_ROWS) break
  }
  const width = Math.max(0, ...head.map(({ cells }) => cells.length))
  const titled = head.length > 1 && head[0].cells.every((cell) => typeof cell === 'string' || cell === null || cell === undefined)
  const body = titled ? head.slice(1) : head
  const names = titled
    ? namesOf(
        head[0].cells.map((cell) => String(cell ?? '')),
        width,
      )
    : Array.from({ length: width }, (_, c) => `column ${c + 1}`)
  return {
    format: `Excel, sheet "${book.sheet.name}"`,
    others: book.others,
    columns: names.map((name, c) => ({ name, kind: kindOf(body, c) })),
    sample: body.slice(0, SAMPLE_ROWS).map(({ cells }) => names.map((_, c) => cells[c])),
    rows: null,
    batches: (job, wanted) => batches(job, source, book, titled, wanted),
  }
}

function kindOf(rows: readonly SheetRow[], column: number): CellColumn['kind'] {
  const filled = rows.filter(({ cells }) => cells[column] !== null && cells[column] !== undefined)
  const share = (fits: (row: SheetRow) => boolean): number => filled.filter(fits).length / Math.max(1, filled.length)
  if (filled.length > 0 && share(({ dates }) => dates[column]) > 0.5) return 'time'
  return filled.length === 0 || share(({ cells }) => typeof cells[column] === 'number' || typeof cells[column] === 'boolean') > 0.5
    ? 'number'
    : 'text'
}

async function* batches(
  job: ImportJob,
  source: Source,
  book: Workbook,
  titled: boolean,
  wanted: readonly number[],
): AsyncGenerator<CellBatch> {
  for (const name of book.others)
    job.report.add('note', 'xlsx/sheet', { file: source.name }, `Sheet "${name}" of ${source.name} was left out: the first sheet is read.`)
  const batch = new RowBatch(wanted)
  let first = titled
  for await (const { number, cells } of rowsOf(source, book, job.signal)) {
    if (first) {
      first = false
      continue
    }
    batch.push(cells, number)
    if (batch.rows === BATCH_ROWS) yield batch.take()
  }
  if (batch.rows > 0) yield batch.take()
  job.at(source, 1)
}

/** Rows with something in them, streamed out of the sheet's XML. */
async function* rowsOf(source: Source, book: Workbook, signal?: AbortSignal): AsyncGenerator<SheetRow> {
  const decoder = new TextDecoder()
  let rest = ''
  let last = 0
  for await (const piece of book.sheet.member.read(true, signal)) {
    throwIfCancelled(signal, `Importing ${source.name}`)
    rest += decoder.decode(piece, { stream: true })
    let from = 0
    for (const found of rest.matchAll(/<(?:\w+:)?row\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:\w+:)?row>)/g)) {
      from = found.index + found[0].length
      last = Number(attribute(found[1], 'r') ?? last + 1)
      const row = readRow(found[2] ?? '', book, last)
      if (row.cells.some((cell) => cell !== null && cell !== undefined)) yield row
    }
    rest = rest.slice(from)
    if (rest.length > LONGEST_ROW) throw damaged(source.name, `row ${count(last + 1)} is longer than ${count(LONGEST_ROW)} bytes`)
  }
  if (!/<\/(?:\w+:)?worksheet>\s*$/.test(rest)) throw damaged(source.name, `its sheet ends after row ${count(last)}, without an end mark`)
}

function readRow(xml: string, { strings, dates, from1904 }: Workbook, number: number): SheetRow {
  const row: SheetRow = { number, cells: [], dates: [] }
  let column = -1
  for (const [, tag, inside] of xml.matchAll(/<(?:\w+:)?c\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:\w+:)?c>)/g)) {
    const place = attribute(tag, 'r')
    column = place ? columnOf(place) : column + 1
    const type = attribute(tag, 't') ?? 'n'
    const value = inside === undefined ? undefined : /<(?:\w+:)?v(?:\s[^>]*)?>([\s\S]*?)<\/(?:\w+:)?v>/.exec(inside)?.[1]
    const date = type === 'n' && dates[Number(attribute(tag, 's') ?? 0)] === true
    row.dates[column] = date
    if (type === 'inlineStr') row.cells[column] = textIn(inside ?? '')
    else if (value === undefined || type === 'e') row.cells[column] = null
    else if (type === 's') row.cells[column] = strings[Number(value)] ?? null
    else if (type === 'b') row.cells[column] = value === '1'
    else if (type === 'str') row.cells[column] = unescape(value)
    else if (type === 'd') row.cells[column] = Date.parse(value)
    else row.cells[column] = date ? fromSerial(Number(value), from1904) : Number(value)
  }
  return row
}

/** "BC12" → 54 */
function columnOf(place: string): number {
  let column = 0
  for (let i = 0; i < place.length && place.charCodeAt(i) >= 65; i++) column = column * 26 + place.charCodeAt(i) - 64
  return column - 1
}

/** Days since 1900 (with the day that never was, 29 February 1900) or 1904 → milliseconds since 1970, to the nearest one. */
function fromSerial(days: number, from1904: boolean): number {
  if (from1904) return Math.round((days - 24_107) * DAY_MS)
  return Math.round((days - (days < 60 ? 25_568 : 25_569)) * DAY_MS)
}
