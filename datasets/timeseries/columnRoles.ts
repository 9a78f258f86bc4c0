import type { ColumnRole } from '../../main/contract/importing.ts'
import { isMissing } from './numberWords.ts'
import { isTimeName, parseTimeText, sniffTimeOrder, type TimeOrder } from './timeParser.ts'

/** A column as its first rows show it. */
export interface ColumnSample {
  name: string
  /** One for each row looked at, in order. */
  cells: readonly string[]
  numeric: boolean
}

export interface Roles {
  roles: ColumnRole[]
  /** Of columns that are not read: why not. */
  why: (string | undefined)[]
  timeOrder: TimeOrder | null
  /** Milliseconds between rows (of one record) where nearly all agree, else null. */
  stepMs: number | null
  /** The same once the rows are in order of time. */
  sortedStepMs: number | null
  /** Nearly every row is older than the one before. */
  newestFirst: boolean
  /** Times name their zone; they are kept in UTC. */
  zoned: boolean
}

const ID_NAME =
  /^(unique_?id|series(_?id|_?name)?|item(_?id)?|id|entity|subject|patient|participant|station|site|sensor|device|ticker|symbol|store|customer|user|machine|unit|run|trial|case|country|city|region)$/i
const LABEL_NAME = /^(label|class|target|category|y|sentiment|species|activity|type|outcome|diagnosis)$/i
const TEXT_NAME =
  /^(text|content|body|document|sentence|review|message|comment|article|abstract|question|tweet|story|summary|messages|conversations?|turns|dialog(ue)?)$/i
/** Nucleotides with IUPAC letters; as short as a codon they are as likely words. */
const SEQUENCE = /^[ACGTUNRYSWKMBDHV]{8,}$/i
const FEW = 64

/**
 * What each column is for, by its content first and its name second; `chosen` overrules by name. `texts`: columns of texts and sequences may be
 * what the table is about.
 */
export function assignRoles(columns: readonly ColumnSample[], chosen: Readonly<Record<string, ColumnRole>>, texts: boolean): Roles {
  const roles: ColumnRole[] = []
  const why: (string | undefined)[] = []
  const wanted = columns.map(({ name }) => chosen[name])
  const time = findTime(columns, wanted)
  const sequence = wanted.includes('sequence') || !texts ? -1 : columns.findIndex((column, c) => !wanted[c] && isSequence(column))
  const text = wanted.includes('text') || !texts ? -1 : findText(columns, wanted)
  const labelled = wanted.includes('label')
  const about = text >= 0 || sequence >= 0 || wanted.includes('text') || wanted.includes('sequence')
  const id = wanted.includes('id') ? wanted.indexOf('id') : about ? findName(columns, wanted) : findId(columns, wanted, time)
  columns.forEach((column, c) => {
    const set = (role: ColumnRole, reason?: string): void => {
      roles[c] = role
      why[c] = reason
    }
    if (wanted[c]) set(wanted[c], wanted[c] === 'ignore' ? 'you chose to leave it out' : undefined)
    else if (c === time.column) set('time')
    else if (c === id) set('id')
    else if (isCounter(column, c)) set('ignore', 'it only counts the rows')
    else if (column.numeric) set('value')
    else if (c === sequence) set('sequence')
    else if (c === text) set('text')
    else if (about && !labelled && !roles.includes('label') && isLabel(column)) set('label')
    else set('ignore', 'it holds words, not numbers')
  })
  // beside a text or a sequence, a number is a score or a class, not a channel
  if (roles.some((role) => role === 'text' || role === 'sequence'))
    columns.forEach((column, c) => {
      if (roles[c] !== 'value' || wanted[c]) return
      const label = !roles.includes('label') && isLabel(column)
      roles[c] = label ? 'label' : 'ignore'
      why[c] = label ? undefined : 'it stands beside the text'
    })
  const zoned =
    time.column >= 0 && columns[time.column].cells.some((cell) => /\d\s*(Z|UTC|[+-]\d{2}:?\d{2})$/i.test(cell.trim()) && cell.includes(':'))
  return { roles, why, timeOrder: time.order, ...stepsOf(columns, time, id), zoned }
}

/** A column said to hold "the text or sequence" is what its cells show. */
export function textOrSequence(columns: readonly ColumnSample[], name: string | undefined): Record<string, ColumnRole> {
  const column = columns.find((one) => one.name === name)
  return column ? { [column.name]: isSequence(column) ? 'sequence' : 'text' } : {}
}

interface FoundTime {
  column: number
  order: TimeOrder | null
}

function findTime(columns: readonly ColumnSample[], wanted: readonly (ColumnRole | undefined)[]): FoundTime {
  const chosen = wanted.indexOf('time')
  if (chosen >= 0) {
    const cells = columns[chosen].cells.filter((cell) => cell.trim() !== '')
    return { column: chosen, order: sniffTimeOrder(cells, columns[chosen].name) ?? sniffTimeOrder(cells, 'time') ?? 'steps' }
  }
  for (let c = 0; c < columns.length && c < 100; c++) {
    if (wanted[c]) continue
    const cells = columns[c].cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
    const order = columns[c].numeric && c > 0 && !isTimeName(columns[c].name) ? null : sniffTimeOrder(cells, columns[c].name)
    if (order) return { column: c, order }
  }
  return { column: -1, order: null }
}

/** Rows of several series in one table: times start again where this column's value changes, or its name says so. */
function findId(columns: readonly ColumnSample[], wanted: readonly (ColumnRole | undefined)[], time: FoundTime): number {
  if (time.column < 0) return -1
  const times = columns[time.column].cells.map((cell) => parseTimeText(cell, time.order!))
  // one series from the newest row to the oldest starts nowhere again
  const newestFirst = times.every((ms, i) => i === 0 || ms < times[i - 1])
  const repeats = !newestFirst && times.some((ms, i) => i > 0 && ms <= times[i - 1])
  return columns.findIndex((column, c) => {
    if (wanted[c] || c === time.column) return false
    const values = new Set(column.cells)
    if (values.size === column.cells.length || column.cells.some(isMissing)) return false
    if (!repeats) return ID_NAME.test(column.name) && values.size <= column.cells.length / 3 && (!column.numeric || values.size === 1)
    if (column.numeric && !ID_NAME.test(column.name)) return false
    const runs = (sign: 1 | -1): boolean => {
      const last = new Map<string, number>()
      return column.cells.every((cell, i) => {
        const goesOn = sign * times[i] > (last.get(cell) ?? -Infinity)
        last.set(cell, sign * times[i])
        return goesOn
      })
    }
    return runs(1) || runs(-1)
  })
}

/** A name for each row that is a text or a sequence. */
function findName(columns: readonly ColumnSample[], wanted: readonly (ColumnRole | undefined)[]): number {
  return columns.findIndex(
    ({ name, cells }, c) =>
      !wanted[c] &&
      /^(id|name|key|accession|title|file(name)?|uuid|.+_id)$/i.test(name) &&
      new Set(cells).size === cells.length &&
      cells.every((cell) => cell.length <= 120),
  )
}

function isSequence({ cells, numeric }: ColumnSample): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  return !numeric && filled.length > 0 && filled.every((cell) => SEQUENCE.test(cell)) && filled.some((cell) => cell.length >= 12)
}

/** The column with the longest words, if it reads like text: by name, or several words long. */
function findText(columns: readonly ColumnSample[], wanted: readonly (ColumnRole | undefined)[]): number {
  let best = -1
  let longest = 0
  columns.forEach(({ name, cells, numeric }, c) => {
    if (wanted[c] || numeric || cells.length === 0) return
    const letters = cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length
    const worded = cells.filter((cell) => /\S\s+\S/.test(cell)).length / cells.length
    const reads = TEXT_NAME.test(name) ? letters > 0 : letters >= 20 && worded > 0.5
    const weight = letters * (TEXT_NAME.test(name) ? 4 : 1)
    if (reads && weight > longest) {
      best = c
      longest = weight
    }
  })
  return best
}

function isLabel({ name, cells, numeric }: ColumnSample): boolean {
  const values = new Set(cells)
  if (LABEL_NAME.test(name)) return values.size <= Math.max(2, cells.length / 2)
  return !numeric && values.size <= Math.min(FEW, Math.max(1, cells.length / 3))
}

function isCounter({ name, cells }: ColumnSample, column: number): boolean {
  if (column !== 0 || cells.length < 3 || !/^(index|id|no\.?|row|unnamed: 0|column 1|)$/i.test(name)) return false
  return cells.every((cell, i) => /^\d+$/.test(cell) && (i === 0 || Number(cell) === Number(cells[i - 1]) + 1))
}

/** The step that at least 4 in 5 of the first rows keep, so that a hole stands out; months and years differ in length and have none. */
function stepsOf(columns: readonly ColumnSample[], time: FoundTime, id: number): Pick<Roles, 'stepMs' | 'sortedStepMs' | 'newestFirst'> {
  if (time.column < 0) return { stepMs: null, sortedStepMs: null, newestFirst: false }
  const records = new Map<string, number[]>()
  columns[time.column].cells.forEach((cell, i) => {
    if (cell.trim() === '') return
    const key = id < 0 ? '' : columns[id].cells[i]
    const times = records.get(key)
    const ms = parseTimeText(cell, time.order!)
    if (times) times.push(ms)
    else records.set(key, [ms])
  })
  const stepsIn = (lists: Iterable<readonly number[]>): number[] => [...lists].flatMap((list) => list.slice(1).map((ms, i) => ms - list[i]))
  const steps = stepsIn(records.values())
  const sorted = stepsIn([...records.values()].map((list) => [...list].sort((a, b) => a - b)))
  const back = steps.filter((step) => step < 0).length
  return { stepMs: commonStep(steps), sortedStepMs: commonStep(sorted), newestFirst: steps.length > 1 && back >= 0.8 * steps.length }
}

function commonStep(steps: readonly number[]): number | null {
  const counts = new Map<number, number>()
  for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1)
  for (const [step, n] of counts) if (step > 0 && steps.length > 1 && n >= 0.8 * steps.length) return step
  return null
}
