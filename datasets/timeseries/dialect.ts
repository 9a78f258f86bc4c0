import { parseTimeText, sniffTimeOrder, type TimeOrder } from './timeParser.ts'

/** How a table is written, read from its first rows. */
export interface Dialect {
  /** ' ' stands for any run of blanks. */
  delimiter: ',' | ';' | '\t' | '|' | ' '
  decimal: '.' | ','
  /** Lines before the header or first row: comments, blanks. */
  skipLines: number
  header: boolean
  /** Every column's name, "column 1"… where there is no header. */
  columns: string[]
  /** Column of the time stamps, or −1. */
  timeColumn: number
  timeOrder: TimeOrder | null
  /** Milliseconds between rows where nearly all of the first rows agree, else null. */
  stepMs: number | null
  /** Columns that become channels. */
  channels: number[]
  /** Columns that do not, and why. */
  leftOut: { column: string; why: string }[]
  reason: string
}

/** Characters of rows looked at, beyond the first three rows. */
const LOOKED_AT = 500_000

const DELIMITERS = [',', ';', '\t', '|', ' '] as const
const NAMES: { readonly [K in Dialect['delimiter']]: string } = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'blanks',
}
const MISSING = /^(|na|n\/a|nan|null|none|nil|-|\?|\.|#n\/a|missing)$/i
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const NUMBER_COMMA = /^[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?$/

export const isMissing = (cell: string): boolean => MISSING.test(cell.trim())

export function isNumber(cell: string, decimal: '.' | ','): boolean {
  return (decimal === '.' ? NUMBER : NUMBER_COMMA).test(cell.trim())
}

/** One logical line → its cells, quotes taken off. */
export function splitLine(line: string, delimiter: Dialect['delimiter']): string[] {
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

/** null when the text is no table of numbers. `forced`: the user says it is one, so a single row will do. */
export function sniffDialect(text: string, whole: boolean, forced: boolean): Dialect | null {
  const lines = text.split(/\r?\n/)
  if (!whole && lines.length > 1) lines.pop()
  let skipLines = 0
  while (skipLines < lines.length && (lines[skipLines].trim() === '' || lines[skipLines].startsWith('#'))) skipLines++
  const rows = logicalLines(lines.slice(skipLines, skipLines + 401))
    .slice(0, 201)
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, 1 << 20))
  if (rows.length < (forced ? 1 : 2)) return null
  // very wide rows: a few tell as much, and each delimiter splits them all
  const few = Math.max(3, Math.floor(LOOKED_AT / (rows[0].length + 1)))
  rows.splice(few)
  let best: { dialect: Dialect; score: number } | null = null
  for (const delimiter of DELIMITERS) {
    const candidate = tryDelimiter(rows, delimiter, skipLines)
    if (candidate && (!best || candidate.score > best.score)) best = candidate
  }
  return best?.dialect ?? null
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

function tryDelimiter(lines: string[], delimiter: Dialect['delimiter'], skipLines: number): { dialect: Dialect; score: number } | null {
  const table = lines.map((line) => splitLine(line, delimiter))
  const widths = new Map<number, number>()
  for (const row of table) widths.set(row.length, (widths.get(row.length) ?? 0) + 1)
  const [width, agreeing] = [...widths].reduce((a, b) => (b[1] > a[1] ? b : a))
  const consistency = agreeing / table.length
  if (consistency < (delimiter === ' ' ? 0.95 : 0.6)) return null
  const body = table.slice(1).filter((row) => row.length === width)
  const sample = body.length > 0 ? body : table
  const decimal = delimiter !== ',' && usesDecimalComma(sample) ? ',' : '.'
  const numeric = Array.from({ length: width }, (_, c) => columnIsNumeric(sample, c, decimal))
  if (!numeric.some(Boolean)) return null
  const first = table[0]
  const header = body.length > 0 && first.some((cell, c) => numeric[c] && !isNumber(cell, decimal) && !isMissing(cell))
  const rows = header ? body : table.filter((row) => row.length === width)
  const columns = header ? namesOf(first, width) : Array.from({ length: width }, (_, c) => `column ${c + 1}`)
  const time = findTime(rows, columns, numeric)
  const leftOut: Dialect['leftOut'] = []
  const channels: number[] = []
  for (let c = 0; c < width; c++) {
    if (c === time.column) continue
    if (!numeric[c]) leftOut.push({ column: columns[c], why: 'it holds words, not numbers' })
    else if (isRunningIndex(rows, c, columns[c])) leftOut.push({ column: columns[c], why: 'it only counts the rows' })
    else channels.push(c)
  }
  if (channels.length === 0) return null
  if (mostlyWords(rows, numeric, time.column)) return null
  // prose with a few commas has some column that is half numbers by chance; a table is mostly numbers
  const share = numeric.filter((is, c) => is || c === time.column).length / width
  if (share < (delimiter === ' ' ? 1 : 0.2)) return null
  const what = `${channels.length} ${channels.length === 1 ? 'column' : 'columns'} of numbers${width > 1 ? `, separated by ${NAMES[delimiter]}` : ''}`
  return {
    score: consistency * share + Math.min(width, 100) / 1000,
    dialect: {
      ...{ delimiter, decimal, skipLines, header, columns, channels, leftOut },
      timeColumn: time.column,
      timeOrder: time.order,
      stepMs: time.stepMs,
      reason: `Its first rows hold ${what}${time.column >= 0 ? `, with times in "${columns[time.column]}"` : ''}.`,
    },
  }
}

/** A name each, made different where the file repeats one. */
function namesOf(first: string[], width: number): string[] {
  const used = new Set<string>()
  return Array.from({ length: width }, (_, c) => {
    const wanted = (first[c] ?? '').trim() || `column ${c + 1}`
    let name = wanted
    for (let i = 2; used.has(name); i++) name = `${wanted} (${i})`
    used.add(name)
    return name
  })
}

function usesDecimalComma(rows: string[][]): boolean {
  const cells = rows.slice(0, 50).flat()
  return cells.some((cell) => /^\s*[+-]?\d+,\d+\s*$/.test(cell)) && !cells.some((cell) => /^\s*[+-]?\d+\.\d+\s*$/.test(cell))
}

function columnIsNumeric(rows: string[][], column: number, decimal: '.' | ','): boolean {
  let numbers = 0
  let filled = 0
  for (const row of rows) {
    if (isMissing(row[column])) continue
    filled++
    if (isNumber(row[column], decimal) || /^[+-]?inf(inity)?$/i.test(row[column].trim())) numbers++
  }
  return filled === 0 ? rows.length > 2 : numbers > filled / 2
}

/** Texts with a label, reviews with a score: a table, but not of numbers. */
function mostlyWords(rows: string[][], numeric: boolean[], timeColumn: number): boolean {
  let words = 0
  let all = 0
  for (const row of rows)
    row.forEach((cell, c) => {
      all += cell.length
      if (!numeric[c] && c !== timeColumn) words += cell.length
    })
  return words > 0.7 * all
}

function findTime(
  rows: string[][],
  columns: string[],
  numeric: boolean[],
): { column: number; order: TimeOrder | null; stepMs: number | null } {
  for (let c = 0; c < columns.length && c < 100; c++) {
    const samples = rows.map((row) => row[c].trim()).filter((cell) => cell !== '')
    const order = numeric[c] && c > 0 ? null : sniffTimeOrder(samples, columns[c])
    if (order) return { column: c, order, stepMs: commonStep(samples.map((sample) => parseTimeText(sample, order))) }
  }
  return { column: -1, order: null, stepMs: null }
}

/** The step that at least 4 in 5 of the first rows keep, so that a hole stands out; months and years differ in length and have none. */
function commonStep(times: number[]): number | null {
  const steps = new Map<number, number>()
  for (let i = 1; i < times.length; i++) {
    const step = times[i] - times[i - 1]
    steps.set(step, (steps.get(step) ?? 0) + 1)
  }
  for (const [step, n] of steps) if (step > 0 && times.length > 2 && n >= 0.8 * (times.length - 1)) return step
  return null
}

function isRunningIndex(rows: string[][], column: number, name: string): boolean {
  if (column !== 0 || rows.length < 3 || !/^(index|id|no\.?|row|unnamed: 0|column 1|)$/i.test(name)) return false
  return rows.every((row, i) => /^\d+$/.test(row[0]) && (i === 0 || Number(row[0]) === Number(rows[i - 1][0]) + 1))
}
