import type { ColumnRole } from '../../main/contract/importing.ts'
import type { Detected } from '../importing/detect.ts'
import type { ImportJob } from '../importing/job.ts'
import type { Source } from '../importing/source.ts'
import { cellText, reportUnread, type CellBatch } from './cellTable.ts'
import { csvBatches } from './csvCells.ts'

/** One row that is a record: its text or sequence, and what belongs to it. */
export interface TextRow {
  /** Of the table, from 1. */
  row: number
  /** Of the file, where it has lines. */
  line: number | undefined
  text: string
  name: string | null
  label: string | null
  group: string | null
}

/** What a table's columns are for, whatever its format. */
export function rolesOf({ dialect, table }: Detected): { names: string[]; roles: readonly ColumnRole[]; why: (string | undefined)[] } {
  if (table) return { names: table.table.columns.map(({ name }) => name), roles: table.roles, why: table.why }
  const leftOut = new Map(dialect!.leftOut.map(({ column, why }) => [column, why]))
  const why = dialect!.columns.map((name) => leftOut.get(name))
  return { names: dialect!.columns, roles: dialect!.roles, why }
}

/** The rows of a table with a column of texts or sequences. `pass`: of how many; only the first one reports. */
export async function* textRows(
  job: ImportJob,
  source: Source,
  detected: Detected,
  pass: { index: number; of: number },
): AsyncGenerator<TextRow> {
  const { roles } = rolesOf(detected)
  const letters = detected.table?.letters
  const text = roles.indexOf(roles.includes('sequence') ? 'sequence' : 'text')
  const wanted = letters ? [...letters] : [text]
  const place = (role: ColumnRole): number => (roles.includes(role) ? wanted.push(roles.indexOf(role)) - 1 : -1)
  const at = { id: place('id'), label: place('label'), group: place('group') }
  let row = 0
  for await (const batch of batchesOf(job, source, detected, wanted, pass)) {
    const tag = (column: number, r: number): string | null =>
      column < 0 ? null : cellText(batch.columns[column][r], 'text').trim() || null
    for (let r = 0; r < batch.rows; r++) {
      row++
      yield {
        row,
        line: batch.line(r),
        text: letters ? letters.map((_, c) => cellText(batch.columns[c][r], 'text')).join('') : cellText(batch.columns[0][r], 'text'),
        name: tag(at.id, r),
        label: tag(at.label, r),
        group: tag(at.group, r),
      }
    }
  }
}

function batchesOf(
  job: ImportJob,
  source: Source,
  detected: Detected,
  wanted: readonly number[],
  pass: { index: number; of: number },
): AsyncGenerator<CellBatch> {
  if (detected.dialect) return csvBatches(job, source, detected.encoding, detected.dialect, wanted, pass)
  // later passes see what the first one has told already
  const silent = pass.index === 0 ? job : { ...job, report: job.report.quiet() }
  return detected.table!.table.batches(
    { ...silent, read: (file) => job.read(file, pass), at: (file, fraction) => job.at(file, fraction, pass) },
    wanted,
  )
}

/** Tells which columns were left out and why; once a file. */
export function reportColumns(job: ImportJob, source: Source, detected: Detected): void {
  const { names, roles, why } = rolesOf(detected)
  if (detected.table) reportUnread(job.report, source.name, detected.table.table)
  const text = names[roles.indexOf('text')]
  if (detected.table?.table.chats?.includes(text))
    job.report.add(
      'note',
      'json/turns',
      { file: source.name },
      `"${text}" of ${source.name} holds chats: each turn was written as a line with its role, such as "user:", and its words below it.`,
    )
  if (detected.table?.letters) return
  roles.forEach((role, c) => {
    if (role === 'ignore')
      job.report.add(
        'note',
        'table/left-out',
        { file: source.name },
        `Column "${names[c]}" of ${source.name} was left out: ${why[c] ?? 'it was not chosen'}.`,
      )
  })
}
