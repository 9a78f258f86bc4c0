import type { TextEncoding } from '../../main/contract/importing.ts'
import type { ImportJob } from '../importing/job.ts'
import { count, type Source } from '../importing/source.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { SAMPLE_ROWS, type Cell, type CellBatch, type CellColumn, type CellTable } from './cellTable.ts'
import { chatText } from './chatTurns.ts'
import { JsonElements } from './jsonElements.ts'

/** Keys inside keys are joined by dots, so deep. */
const DEEPEST = 3
const MOST_COLUMNS = 10_000

/** What a text is, as JSON: lines of objects, a list (or an object around a list), or neither. */
export function sniffJson(text: string): 'JSON lines' | 'JSON' | null {
  const start = text.slice(0, 65_536).trimStart()
  if (!/^[[{]/.test(start)) return null
  const lines = text
    .split('\n', 3)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (asObject(lines[0]) && lines.every((line) => line.startsWith('{'))) return 'JSON lines'
  // a long first line that the head cuts off
  if (start.startsWith('{') && lines.length === 1 && /^\{\s*"(?:[^"\\]|\\.)*"\s*:/.test(start)) return 'JSON lines'
  if (/^\[\s*([{"\][]|-?\d)/.test(start) || /^\{\s*"(?:[^"\\]|\\.)*"\s*:/.test(start)) return 'JSON'
  return null
}

function asObject(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** JSON lines, or the objects of a list, as a table: a key is a column. `head`: the file's beginning, already decoded. */
export function jsonCells(source: Source, format: 'JSON lines' | 'JSON', encoding: TextEncoding, head: string): CellTable {
  const names = new Map<string, CellColumn['kind']>()
  const rows: Map<string, Cell>[] = []
  const chats = new Set<string>()
  const elements = new JsonElements(source.name, format)
  for (const { text } of elements.push(Buffer.from(head, 'utf8'))) {
    if (rows.length >= SAMPLE_ROWS) break
    const value = parse(text)
    if (value === undefined) continue
    const row = flatten(value, (name) => chats.add(name))
    rows.push(row)
    for (const [name, cell] of row) {
      const kind = typeof cell === 'number' ? 'number' : 'text'
      if (names.size < MOST_COLUMNS && (!names.has(name) || (cell !== null && kind === 'text')))
        names.set(name, cell === null ? (names.get(name) ?? 'number') : kind)
    }
  }
  const columns = [...names].map(([name, kind]) => ({ name, kind }))
  const keys = columns.map(({ name }) => name)
  return {
    format,
    columns,
    sample: rows.map((row) => keys.map((key) => row.get(key))),
    rows: null,
    ...(chats.size > 0 ? { chats: [...chats] } : {}),
    batches: (job, wanted) =>
      batches(
        job,
        source,
        format,
        encoding,
        wanted.map((c) => keys[c]),
      ),
  }
}

async function* batches(
  job: ImportJob,
  source: Source,
  format: 'JSON lines' | 'JSON',
  encoding: TextEncoding,
  keys: string[],
): AsyncGenerator<CellBatch> {
  const elements = new JsonElements(source.name, format)
  for await (const piece of utf8Pieces(job.read(source), encoding, true)) yield* batch(elements.push(piece))
  yield* batch(elements.end())

  function* batch(found: Iterable<{ text: string; line: number }>): Generator<CellBatch> {
    const columns: Cell[][] = keys.map(() => [])
    const lines: number[] = []
    for (const { text, line } of found) {
      const value = parse(text)
      if (value === undefined) {
        const what = `Line ${count(line)} of ${source.name} is not valid JSON ("${text.trim().slice(0, 40)}").`
        job.report.bad('json/line', { file: source.name, line }, job.report.onProblem === 'stop' ? what : `${what} It was left out.`)
        continue
      }
      const row = flatten(value)
      keys.forEach((key, c) => columns[c].push(row.get(key)))
      lines.push(line)
    }
    if (lines.length > 0) yield { rows: lines.length, columns, line: (row) => lines[row] }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** {"a": {"b": 1}} → a.b; the turns of a chat become its text, other lists and whatever lies deeper stay as JSON text. A value that is no object has the name "value". */
function flatten(value: unknown, onChat?: (name: string) => void): Map<string, Cell> {
  const row = new Map<string, Cell>()
  const walk = (inner: unknown, path: string, depth: number): void => {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && depth < DEEPEST) {
      for (const [key, next] of Object.entries(inner)) walk(next, path ? `${path}.${key}` : key, depth + 1)
    } else if (typeof inner === 'string' || typeof inner === 'number') row.set(path || 'value', inner)
    else if (typeof inner === 'boolean') row.set(path || 'value', String(inner))
    else if (Array.isArray(inner)) {
      const turns = chatText(inner)
      if (turns !== null) onChat?.(path || 'value')
      row.set(path || 'value', turns ?? JSON.stringify(inner))
    } else row.set(path || 'value', inner === null || inner === undefined ? null : JSON.stringify(inner))
  }
  walk(value, '', 0)
  return row
}
