import type { ReportBuilder } from '../importing/report.ts'
import { count } from '../importing/source.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import type { Dialect } from './dialect.ts'
import { seriesTimes, type OpenedSeries, type SeriesFile } from './series.ts'
import { SeriesRouter } from './seriesRouter.ts'
import { TableParser } from './tableParser.ts'
import { TimeSorter } from './timeSorter.ts'

/** CSV, TSV and their kin: a record for each file, for each value of a column of records, or for each row that is a series. */
export function openTable({ source, detected, job }: SeriesFile): OpenedSeries {
  const dialect = detected.dialect!
  const series = dialect.rows === 'series'
  return {
    format: describeTable(dialect),
    channels: series ? ['value'] : dialect.channels.map((column) => dialect.columns[column]),
    times: dialect.timeColumn >= 0 && !series ? seriesTimes(dialect.timeOrder, dialect.stepMs) : null,
    async read(writer) {
      const place = { file: source.name, line: dialect.skipLines + 1 }
      for (const { column, why } of dialect.leftOut)
        job.report.add('note', 'table/left-out', place, `Column "${column}" of ${source.name} was left out: ${why}.`)
      if (dialect.preamble > 0) reportPreamble(job.report, source.name, dialect.preamble)
      if (!dialect.header) job.report.add('note', 'table/no-header', place, `${source.name} has no header line; its columns were numbered.`)
      if (dialect.zoned) reportZone(job.report, source.name, dialect.columns[dialect.timeColumn])
      if (dialect.units)
        job.report.add('note', 'table/units', place, `The row of units below the header of ${source.name} was passed over.`)
      const { report, options } = job
      const sorted = dialect.order === 'time' && dialect.timeColumn >= 0 && !series
      const input = { file: source.name, stem: source.stem, dialect, report, policy: options.missing ?? 'mask' } as const
      const plain = new SeriesRouter(writer, source.name, dialect.interleaved && !sorted)
      // holes in time show once the rows are in order
      const parser = sorted
        ? new TableParser(
            { ...input, dialect: { ...dialect, stepMs: null }, sorted },
            new TimeSorter(plain, dialect.channels.length, input),
          )
        : new TableParser(input, plain)
      for await (const piece of utf8Pieces(job.read(source), detected.encoding, false)) parser.push(piece)
      parser.end()
      if (parser.rows === 0)
        report.add('skipped', 'table/empty', { file: source.name }, `${source.name} holds no rows of numbers; it was left out.`)
    },
  }
}

/** What stands above a table is not read, and told. */
export function reportPreamble(report: ReportBuilder, file: string, lines: number): void {
  const what = lines === 1 ? 'The line above the table of' : `${count(lines)} lines above the table of`
  report.add('note', 'table/preamble', { file, line: 1 }, `${what} ${file} ${lines === 1 ? 'was' : 'were'} passed over.`)
}

/** A clock that is moved is told. */
export function reportZone(report: ReportBuilder, file: string, column: string): void {
  report.add('note', 'table/zone', { file }, `The times in "${column}" of ${file} name their zone; they are kept in UTC.`)
}

const KINDS = { ',': 'CSV', ';': 'CSV with semicolons', '\t': 'TSV', '|': 'table with bars', ' ': 'table with blanks' } as const

export function describeTable({ delimiter, decimal, thousands, header }: Dialect): string {
  const grouped = thousands === 'none' ? '' : ', grouped thousands'
  return `${KINDS[delimiter]}${decimal === ',' ? ', decimal comma' : ''}${grouped}${header ? '' : ', no header'}`
}
