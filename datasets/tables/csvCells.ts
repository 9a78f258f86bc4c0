import type { TextEncoding } from '../../main/contract/importing.ts'
import type { ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { splitLine, type Dialect } from '../timeseries/dialect.ts'
import { TableLines } from '../timeseries/tableLines.ts'
import type { CellBatch } from './cellTable.ts'
import { RowBatch } from './rowBatch.ts'

/** Rows of a CSV with texts or sequences, as cells; quoted fields may run over lines. */
export async function* csvBatches(
  job: ImportJob,
  source: Source,
  encoding: TextEncoding,
  dialect: Dialect,
  wanted: readonly number[],
  pass: { index: number; of: number },
): AsyncGenerator<CellBatch> {
  const batch = new RowBatch(wanted)
  let toSkip = (dialect.header ? 1 : 0) + (dialect.units ? 1 : 0)
  const width = dialect.columns.length
  const lines: TableLines = new TableLines(source.name, (bytes, start, end) => {
    if (lines.line <= dialect.skipLines) return
    const text = bytes.toString('utf8', start, end)
    if (text.trim() === '') return
    if (toSkip > 0) {
      toSkip--
      return
    }
    const cells = splitLine(text, dialect.delimiter)
    if (cells.length !== width && pass.index === 0) {
      const what = `Line ${count(lines.line)} of ${source.name} has ${plural(cells.length, 'field')} where ${count(width)} are expected.`
      const place = { file: source.name, line: lines.line }
      job.report.bad('table/ragged', place, job.report.onProblem === 'stop' ? what : `${what} The row was left out.`)
    }
    if (cells.length !== width) return
    batch.push(cells, lines.line)
  })
  for await (const piece of utf8Pieces(job.read(source, pass), encoding, true)) {
    lines.push(piece)
    if (batch.rows > 0) yield batch.take()
  }
  lines.end()
  if (batch.rows > 0) yield batch.take()
}
