import type { ColumnRole, TableOptions } from '../../main/contract/importing.ts'
import { inTurns, mostlyWords } from '../tables/cellTable.ts'
import { assignRoles, textOrSequence } from './columnRoles.ts'
import { isMissing, isNumber, sniffNumberWriting, type Decimal, type Thousands } from './numberWords.ts'
import { countingTitles, namesShifted, preambleLines, separatorLine, yearsAcross } from './tableHead.ts'
import { sniffTimeOrder, type TimeOrder } from './timeParser.ts'

export type Delimiter = NonNullable<TableOptions['delimiter']>

/** How a table is written, read from its first rows, with the user's choices in it. */
export interface Dialect {
  /** ' ' stands for any run of blanks. */
  delimiter: Delimiter
  decimal: Decimal
  thousands: Thousands
  /** Lines before the header or first row: comments, blanks, what a logger writes above its table. */
  skipLines: number
  /** Such lines that are neither blank nor comments. */
  preamble: number
  header: boolean
  /** A row of units follows the header. */
  units: boolean
  rows: NonNullable<TableOptions['rows']>
  /** Every column's name, "column 1"… where there is no header. */
  columns: string[]
  roles: ColumnRole[]
  /** Column of the time stamps, or −1. */
  timeColumn: number
  timeOrder: TimeOrder | null
  /** Milliseconds between rows where nearly all of the first rows agree, else null. */
  stepMs: number | null
  /** The rows of a record are put in order of time; else they stay in the file's. `stepMs` is that of the chosen order. */
  order: NonNullable<TableOptions['order']>
  /** The file's rows run from the newest to the oldest. */
  newestFirst: boolean
  /** Times name their zone; they are kept in UTC. */
  zoned: boolean
  /** Rows of different records come in turns. */
  interleaved: boolean
  /** Columns that become channels. */
  channels: number[]
  /** Columns that do not, and why. */
  leftOut: { column: string; why: string }[]
  /** What the columns make: a series; texts or sequences, a record for each row. */
  domain: 'timeseries' | 'text' | 'genomics'
  reason: string
}

/** Characters of rows looked at, beyond the first three rows. */
const LOOKED_AT = 500_000

const DELIMITERS = [',', ';', '\t', '|', ' '] as const
const NAMES: { readonly [K in Delimiter]: string } = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars', ' ': 'blanks' }

export interface Sniffing {
  /** The text is the whole file. */
  whole: boolean
  /** The user says it is a table, so a single row will do. */
  forced: boolean
  /** What to find in it; without, whatever it holds. */
  domain?: Dialect['domain']
  options?: TableOptions
  /** The column that holds the text or sequence, by name. */
  text?: string
}

/** One logical line → its cells, quotes taken off. */
export function splitLine(line: string, delimiter: Delimiter): string[] {
  if (delimiter === ' ') return line.trim().split(/\s+/)
  if (!line.includes('"')) return line.split(delimiter)
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (line[i + 1] === '"') cell += line[++i]
      else quoted = false
    } else if (letter === '"') quoted = true
    else if (letter === delimiter) {
      cells.push(cell)
      cell = ''
    } else cell += letter
  }
  cells.push(cell)
  return cells
}

/** null when the text is no table. */
export function sniffDialect(text: string, sniffing: Sniffing): Dialect | null {
  const { whole, options = {} } = sniffing
  const lines = text.split(/\r?\n/)
  if (!whole && lines.length > 1) lines.pop()
  const start = firstLine(lines, 0)
  const separator = start < lines.length ? separatorLine(lines[start]) : null
  const given = options.delimiter ?? separator
  const head = separator === null ? start : firstLine(lines, start + 1)
  let best: { dialect: Dialect; score: number } | null = null
  for (const delimiter of given ? [given] : DELIMITERS) {
    const above = preambleLines(lines.slice(head, head + 401), delimiter)
    const candidate = tryDelimiter(sampleRows(lines, head + above), delimiter, head + above, sniffing)
    if (!candidate) continue
    candidate.dialect.preamble = lines.slice(head, head + above).filter((line) => line.trim() !== '' && !line.startsWith('#')).length
    if (!best || candidate.score > best.score) best = candidate
  }
  return best?.dialect ?? null
}

/** The first line from `from` on that is neither blank nor a comment. */
function firstLine(lines: readonly string[], from: number): number {
  let at = from
  while (at < lines.length && (lines[at].trim() === '' || lines[at].startsWith('#'))) at++
  return at
}

/** The rows from a line on that the look is taken at. */
function sampleRows(lines: string[], from: number): string[] {
  const rows = logicalLines(lines.slice(from, from + 401))
    .slice(0, 201)
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, 1 << 20))
  // very wide rows: a few tell as much, and each delimiter splits them all
  if (rows.length > 0) rows.splice(Math.max(3, Math.floor(LOOKED_AT / (rows[0].length + 1))))
  return rows
}

/** Joins the lines a quoted field runs over. A quote that is never closed joins nothing: the importer will name its line. */
function logicalLines(lines: string[]): string[] {
  const joined: string[] = []
  let open: string[] = []
  for (const line of lines) {
    const odd = (line.split('"').length & 1) === 0
    if (open.length > 0 || odd) open.push(line)
    else joined.push(line)
    if (open.length > 1 && odd) {
      joined.push(open.join('\n'))
      open = []
    }
  }
  return joined.concat(open)
}

function tryDelimiter(
  lines: string[],
  delimiter: Delimiter,
  skipLines: number,
  { forced, domain: wanted, options = {}, text }: Sniffing,
): { dialect: Dialect; score: number } | null {
  if (lines.length < (forced ? 1 : 2)) return null
  const table = lines.map((line) => splitLine(line, delimiter))
  const widths = new Map<number, number>()
  for (const row of table) widths.set(row.length, (widths.get(row.length) ?? 0) + 1)
  const [width, agreeing] = [...widths].reduce((a, b) => (b[1] > a[1] ? b : a))
  const consistency = agreeing / table.length
  if (!options.delimiter && consistency < (delimiter === ' ' ? 0.95 : 0.6)) return null
  const body = table.slice(1).filter((row) => row.length === width)
  const sample = body.length > 0 ? body : table
  const written = sniffNumberWriting(sample, delimiter)
  const decimal = options.decimal ?? written.decimal
  const thousands = options.thousands ?? (decimal === written.decimal ? written.thousands : 'none')
  const isNumeric = (rows: string[][], c: number): boolean => columnIsNumeric(rows, c, decimal, thousands)
  const numeric = Array.from({ length: width }, (_, c) => isNumeric(sample, c))
  const word = (cell: string): boolean => !isNumber(cell, decimal, thousands) && !isMissing(cell)
  const first = namesShifted(table[0], width, word) ? ['', ...table[0]] : table[0]
  const counted = first.length === width && countingTitles(first, body, numeric)
  const titled =
    counted ||
    (body.length > 0 && (numeric.some(Boolean) ? first.some((cell, c) => numeric[c] && word(cell)) : looksLikeTitles(first, body)))
  const header = options.header ?? titled
  const below = header ? body : table.filter((row) => row.length === width)
  const units = options.units ?? (header && below.length > 2 && isUnitsRow(below[0], numeric, word))
  const rows = units ? below.slice(1) : below
  if (units) for (let c = 0; c < width; c++) numeric[c] = isNumeric(rows, c)
  const columns = header ? namesOf(first, width) : Array.from({ length: width }, (_, c) => `column ${c + 1}`)
  const cells = columns.map((name, c) => ({ name, numeric: numeric[c], cells: rows.map((row) => row[c]) }))
  const times = cells.findIndex((column) => !column.numeric && sniffTimeOrder(column.cells, column.name) !== null)
  const wordy = mostlyWords(cells.filter((_, c) => c !== times))
  const texts = wordy || wanted === 'text' || wanted === 'genomics'
  const open = options.rows === undefined && times < 0
  const cases = open && !header && looksLikeCases(rows, numeric)
  const across = open && counted && yearsAcross(columns.filter((_, c) => numeric[c]))
  const named = across ? cells.find((column) => !column.numeric && new Set(column.cells).size === column.cells.length) : undefined
  const chosen = {
    ...(cases ? { [columns[0]]: 'label' as const } : {}),
    ...(named ? { [named.name]: 'id' as const } : {}),
    ...textOrSequence(cells, text),
    ...options.roles,
  }
  const { roles, why, timeOrder, zoned, newestFirst, ...steps } = assignRoles(cells, chosen, texts)
  const timeColumn = roles.indexOf('time')
  const domain = wanted ?? domainOf(roles, rows, { ...options, roles: chosen })
  // texts are told from prose with a few commas by their titles, and by every row having all its cells
  if (domain !== 'timeseries' && !(roles.includes('text') || roles.includes('sequence'))) return null
  if (domain === 'text' && !options.roles && !wanted && (!header || consistency < 0.98 || rows.length < 2 || width < 2)) return null
  const channels = roles.flatMap((role, c) => (role === 'value' ? [c] : []))
  if (domain === 'timeseries' && channels.length === 0) return null
  // prose with a few commas has some column that is half numbers by chance; a table is mostly numbers
  const share = roles.filter((role, c) => numeric[c] || role !== 'ignore').length / width
  if (domain === 'timeseries' && !options.roles && !forced && wordy) return null
  if (domain === 'timeseries' && share < (delimiter === ' ' && !forced ? 1 : 0.2)) return null
  const kind = cases
    ? 'a class and a whole series in each row'
    : across
      ? 'a whole series in each row, years across'
      : domain === 'timeseries'
        ? `${channels.length} ${channels.length === 1 ? 'column' : 'columns'} of numbers`
        : `a column of ${domain === 'text' ? 'texts' : 'sequences'}`
  const between = width > 1 ? `, separated by ${NAMES[delimiter]}` : ''
  return {
    // columns that were named are the surest sign; one column of decimal commas is as well two of whole numbers, and its first line tells which
    score:
      Object.keys(chosen).filter((name) => columns.includes(name)).length +
      (consistency * share + Math.min(width, 100) / 1000) * (width === 1 && decimal === ',' && lines[0].includes(',') ? 0.5 : 1),
    dialect: {
      ...{ delimiter, decimal, thousands, skipLines, preamble: 0, header, units, columns, roles, channels, domain },
      rows: options.rows ?? (cases || across ? 'series' : 'moments'),
      interleaved: roles.includes('id') && inTurns(rows.map((row) => row[roles.indexOf('id')])),
      leftOut: roles.flatMap((role, c) => (role === 'ignore' ? [{ column: columns[c], why: why[c] ?? 'it was not chosen' }] : [])),
      timeColumn,
      zoned,
      timeOrder,
      newestFirst,
      order: options.order ?? 'file',
      stepMs: options.order === 'time' ? steps.sortedStepMs : steps.stepMs,
      reason: `Its first rows hold ${kind}${between}${timeColumn >= 0 ? `, with times in "${columns[timeColumn]}"` : ''}.`,
    },
  }
}

function domainOf(roles: readonly ColumnRole[], rows: readonly string[][], options: TableOptions): Dialect['domain'] {
  const chosen = Object.values(options.roles ?? {})
  if (chosen.includes('sequence')) return 'genomics'
  if (chosen.includes('text')) return 'text'
  if (chosen.includes('value')) return 'timeseries'
  if (roles.includes('sequence')) return 'genomics'
  return roles.includes('text') && rows.length > 0 ? 'text' : 'timeseries'
}

/** A name each, made different where the file repeats one. */
export function namesOf(first: readonly string[], width: number): string[] {
  const used = new Set<string>()
  return Array.from({ length: width }, (_, c) => {
    const wanted = (first[c] ?? '').trim() || `column ${c + 1}`
    let name = wanted
    for (let i = 2; used.has(name); i++) name = `${wanted} (${i})`
    used.add(name)
    return name
  })
}

/** Without a column of numbers: short, different words that the rows below do not repeat. */
function looksLikeTitles(first: readonly string[], body: readonly string[][]): boolean {
  const titles = first.map((cell) => cell.trim())
  if (titles.length !== body[0].length) return false
  if (titles.some((title) => title === '' || title.length > 40 || title.split(/\s+/).length > 4) || new Set(titles).size < titles.length)
    return false
  return titles.every((title, c) => body.every((row) => row[c].trim() !== title))
}

/** The UCR archive's way: no titles, many numbers in a row, and before them a class, a whole number that comes again and again. */
function looksLikeCases(rows: readonly string[][], numeric: readonly boolean[]): boolean {
  if (numeric.length < 16 || rows.length < 3 || !numeric.every(Boolean)) return false
  const classes = rows.map((row) => row[0].trim())
  const whole = (cell: string): boolean => /^[+-]?\d+(\.0+)?$/.test(cell.trim())
  if (!classes.every(whole) || new Set(classes).size > rows.length / 2) return false
  return rows.some((row) => row.slice(1).some((cell) => !whole(cell) && !isMissing(cell)))
}

/** "[°C]", "m/s", "ppm" where the rows below have numbers. */
function isUnitsRow(row: readonly string[], numeric: readonly boolean[], word: (cell: string) => boolean): boolean {
  const here = row.filter((_, c) => numeric[c])
  const filled = here.filter((cell) => cell.trim() !== '')
  return filled.length > 0 && filled.every((cell) => word(cell) && cell.trim().length <= 24)
}

function columnIsNumeric(rows: string[][], column: number, decimal: Decimal, thousands: Thousands): boolean {
  let numbers = 0
  let filled = 0
  for (const row of rows) {
    if (isMissing(row[column])) continue
    filled++
    if (isNumber(row[column], decimal, thousands) || /^[+-]?inf(inity)?$/i.test(row[column].trim())) numbers++
  }
  return filled === 0 ? rows.length > 2 : numbers > filled / 2
}
