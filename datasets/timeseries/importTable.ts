import { StrandError } from '../errors.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { CELLS } from '../store/store.ts'
import type { Dialect } from './dialect.ts'
import { fitScaling } from './fitScaling.ts'
import { TableParser } from './tableParser.ts'

/** CSV, TSV and their kin → one dataset, a record for each file; a cell is one row of float32, NaN where a value is missing. */
export async function importTable(job: ImportJob): Promise<Imported> {
  const dialect = job.files[0].detected.dialect!
  const channels = dialect.channels.map((column) => dialect.columns[column])
  const writer = job.write({ domain: 'timeseries', format: 'table', unit: 'rows', cell: 'f32', channels: channels.length })
  const missing = new Float64Array(channels.length)
  for (const { source, detected } of job.files) {
    const own = detected.dialect!
    assertSameColumns(job.files[0].source.name, channels, source.name, own)
    for (const { column, why } of own.leftOut)
      job.report.add(
        'note',
        'table/left-out',
        { file: source.name, line: own.skipLines + 1 },
        `Column "${column}" of ${source.name} was left out: ${why}.`,
      )
    if (!own.header)
      job.report.add(
        'note',
        'table/no-header',
        { file: source.name, line: own.skipLines + 1 },
        `${source.name} has no header line; its columns were numbered.`,
      )
    job.phase(`reading ${source.name}`)
    writer.beginRecord(job.names.take(source.stem).name)
    const parser = new TableParser(source.name, own, writer, job.report, job.options.missing ?? 'mask')
    for await (const piece of utf8Pieces(job.read(source), detected.encoding, false)) parser.push(piece)
    parser.end()
    if (parser.rows === 0) {
      writer.discardRecord()
      job.report.add('skipped', 'table/empty', { file: source.name }, `${source.name} holds no rows of numbers; it was left out.`)
      continue
    }
    parser.missing.forEach((n, channel) => (missing[channel] += n))
    writer.endRecord()
    job.report.accept()
  }
  if (writer.records.length === 0)
    throw new StrandError('import/empty', 'These tables hold no rows of numbers. Choose files with rows below the header.')
  const missed = missing.reduce((sum, n) => sum + n, 0)
  const step = dialect.stepMs
  return {
    format: describe(dialect),
    unit: 'rows',
    layout: dialect.timeColumn >= 0 ? { times: { stepMs: step, dateOnly: dialect.timeOrder === 'year' || (step ?? 0) >= 86_400_000 } } : {},
    codec(plan) {
      job.phase('fitting the scaling on the training rows')
      return fitScaling(writer.records, plan, channels, (start, count) => new Float32Array(writer.readBack(start, count, CELLS).buffer))
    },
    facts: {
      channels: channels.length,
      missing: missed,
      ...(step === null ? {} : { step: describeStep(step) }),
    },
  }
}

function describe({ delimiter, decimal, header }: Dialect): string {
  const base = { ',': 'CSV', ';': 'CSV with semicolons', '\t': 'TSV', '|': 'table with bars', ' ': 'table with blanks' }[delimiter]
  return `${base}${decimal === ',' ? ', decimal comma' : ''}${header ? '' : ', no header'}`
}

export function describeStep(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const)
    if (ms >= size) return `${+(ms / size).toFixed(3)} ${unit}`
  return `${ms} ms`
}

function assertSameColumns(firstFile: string, channels: string[], file: string, dialect: Dialect): void {
  const own = dialect.channels.map((column) => dialect.columns[column])
  if (own.length === channels.length && own.every((name, i) => name === channels[i])) return
  throw new StrandError(
    'import/bad-record',
    `${file} has the columns ${own.slice(0, 5).join(', ')} where ${firstFile} has ${channels.slice(0, 5).join(', ')}. Nothing was imported; import tables with different columns one by one.`,
    { file, line: 1 },
  )
}
