import type { ColumnRole, TableOptions } from '../../main/contract/importing.ts'
import type { ImportJob } from '../importing/job.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { assignRoles, textOrSequence, type Roles } from '../timeseries/columnRoles.ts'
import { isMissing, isNumber } from '../timeseries/numberWords.ts'

/** A value as the format gives it; times are milliseconds since 1970. */
export type Cell = string | number | bigint | boolean | null | undefined

export interface CellColumn {
  name: string
  /** 'text' may hold numbers all the same; 'words' is declared to hold none. */
  kind: 'number' | 'time' | 'text' | 'words'
}

/** Some rows, column by column. */
export interface CellBatch {
  rows: number
  /** In the order they were asked for. */
  columns: readonly ArrayLike<Cell>[]
  /** Line of the file a row stands in, where the format has lines. */
  line(row: number): number | undefined
}

/** Any file of rows and named columns: Parquet, Arrow, Excel, ARFF, JSON; CSV where it holds texts or sequences. */
export interface CellTable {
  format: string
  columns: readonly CellColumn[]
  /** First rows, at most 200. */
  sample: readonly (readonly Cell[])[]
  /** Columns that hold lists or tables of their own, which are not read. */
  unread?: readonly string[]
  /** Columns that hold chats, already written out as turns: see chatTurns.ts. */
  chats?: readonly string[]
  /** Rows in all, where the format says so. */
  rows: number | null
  /** Every row once, in order. Reads no more than a few megabytes at once. */
  batches(job: ImportJob, wanted: readonly number[]): AsyncGenerator<CellBatch>
}

/** A table with what its columns are for. */
export interface RoledTable extends Roles {
  table: CellTable
  domain: 'timeseries' | 'text' | 'genomics'
  rows: NonNullable<TableOptions['rows']>
  interleaved: boolean
  /** As in a Dialect; `stepMs` is that of this order. */
  order: NonNullable<TableOptions['order']>
  /** Columns that hold a base each: the sequence is their letters in order. */
  letters?: number[]
}

export const SAMPLE_ROWS = 200

/** A cell for people, and for the rules that look at columns. */
export function cellText(cell: Cell, kind: CellColumn['kind']): string {
  if (cell === null || cell === undefined || (typeof cell === 'number' && Number.isNaN(cell))) return ''
  // beyond the year 275,760 a date has no name, and stays a number
  if (kind === 'time' && typeof cell === 'number' && Math.abs(cell) <= 8.64e15)
    return new Date(cell)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.?0*Z$/, '')
  return String(cell)
}

/** NaN for what is missing or no number. */
export function cellNumber(cell: Cell): number {
  if (typeof cell === 'number') return cell
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell)
  if (typeof cell !== 'string' || isMissing(cell)) return NaN
  return Number(cell)
}

/** Roles of a table's columns and the kind of data they make; null where there is nothing to import in it as `wanted`. */
export function roledTable(table: CellTable, options: TableOptions = {}, wanted?: RoledTable['domain'], text?: string): RoledTable | null {
  const samples = table.columns.map(({ name, kind }, c) => {
    const cells = table.sample.map((row) => cellText(row[c], kind))
    return { name, cells, numeric: kind === 'number' || (kind === 'text' && numbersInText(cells)) }
  })
  const chosen: Record<string, ColumnRole> = { ...textOrSequence(samples, text), ...options.roles }
  const texts = wanted === 'text' || wanted === 'genomics' || mostlyWords(samples)
  const found = assignRoles(samples, chosen, texts)
  const domain = wanted ?? domainOf(found.roles, { ...options, roles: chosen })
  if (!found.roles.includes(domain === 'timeseries' ? 'value' : domain === 'text' ? 'text' : 'sequence')) return null
  const id = found.roles.indexOf('id')
  return {
    ...found,
    order: options.order ?? 'file',
    stepMs: options.order === 'time' ? found.sortedStepMs : found.stepMs,
    table,
    domain,
    rows: options.rows ?? 'moments',
    interleaved: id >= 0 && inTurns(table.sample.map((row) => String(row[id]))),
  }
}

/** Most letters of the rows stand in columns of words: texts with a label, not measurements with a remark. */
export function mostlyWords(columns: readonly { cells: readonly string[]; numeric: boolean }[]): boolean {
  let words = 0
  let all = 0
  for (const { cells, numeric } of columns)
    for (const cell of cells) {
      all += cell.length
      if (!numeric) words += cell.length
    }
  return words > 0.7 * all
}

function numbersInText(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => !isMissing(cell))
  return filled.length > 0 && filled.filter((cell) => isNumber(cell, '.')).length > 0.9 * filled.length
}

function domainOf(roles: readonly ColumnRole[], { roles: chosen = {} }: TableOptions): RoledTable['domain'] {
  const picked = Object.values(chosen)
  if (picked.includes('text')) return 'text'
  if (picked.includes('sequence')) return 'genomics'
  if (picked.includes('value')) return 'timeseries'
  return roles.includes('sequence') ? 'genomics' : roles.includes('text') ? 'text' : 'timeseries'
}

/** A value comes back after another one. */
export function inTurns(values: readonly string[]): boolean {
  const over = new Set<string>()
  return values.some((value, i) => {
    if (i > 0 && value !== values[i - 1]) over.add(values[i - 1])
    return over.has(value)
  })
}

/** Nested columns are passed over, and told. */
export function reportUnread(report: ReportBuilder, file: string, { unread = [], format }: CellTable): void {
  for (const name of unread)
    report.add(
      'note',
      'table/nested',
      { file },
      `Column "${name}" of ${file} was left out: it is nested, and Strand reads flat columns of ${format}.`,
    )
}
