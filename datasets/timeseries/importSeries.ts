import { StrandError } from '../errors.ts'
import type { Detected } from '../importing/detect.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { ENCODING_NAMES } from '../text/encodings.ts'
import { openArff } from './arffFormat.ts'
import { openCells } from './openCells.ts'
import { openEdf } from './edfFormat.ts'
import { openNpy, openNpz } from './npyFormat.ts'
import { openTable } from './openTable.ts'
import { describeStep, type OpenedSeries, type SeriesFile } from './series.ts'
import { SeriesWriter } from './seriesWriter.ts'
import { openTs } from './tsFormat.ts'
import { openTsf } from './tsfFormat.ts'

export type SeriesFormat = Extract<
  Detected['format'],
  'table' | 'Parquet' | 'Arrow' | 'NPY' | 'NPZ' | 'UEA .ts' | 'Monash .tsf' | 'ARFF' | 'EDF' | 'BDF' | 'Excel' | 'JSON' | 'JSON lines'
>

/** What these hold was settled when the file was recognised. */
const openColumns = (file: SeriesFile): OpenedSeries => openCells(file, file.detected.table!)

const OPEN: { readonly [K in SeriesFormat]: (file: SeriesFile) => OpenedSeries | Promise<OpenedSeries> } = {
  table: openTable,
  Parquet: openColumns,
  Arrow: openColumns,
  NPY: openNpy,
  NPZ: openNpz,
  'UEA .ts': openTs,
  'Monash .tsf': openTsf,
  ARFF: openArff,
  EDF: openEdf,
  BDF: openEdf,
  Excel: openColumns,
  JSON: openColumns,
  'JSON lines': openColumns,
}

export const openSeries = async (file: SeriesFile): Promise<OpenedSeries> => OPEN[file.detected.format as SeriesFormat](file)

/** Files of series, of one format or several with the same channels → one dataset; a cell is one row of float32, NaN where a value is missing. */
export async function importSeries(job: ImportJob): Promise<Imported> {
  let writer: SeriesWriter | null = null
  let first: { name: string; opened: OpenedSeries } | null = null
  const formats = new Set<string>()
  for (const { source, detected } of job.files) {
    job.phase(`reading ${source.name}`)
    const opened = await openSeries({ source, detected, job })
    if (!first) {
      first = { name: source.name, opened }
      writer = new SeriesWriter(job, opened.channels, detected.format, opened.times !== null)
      if (opened.classes) writer.writer.declareClasses(opened.classes)
    } else assertSame(first.name, first.opened, source.name, opened)
    formats.add(opened.format)
    if (detected.encoding !== 'utf-8')
      job.report.add('note', 'table/encoding', { file: source.name }, `${source.name} was read as ${ENCODING_NAMES[detected.encoding]}.`)
    await opened.read(writer!)
    writer!.endFile(source.name, opened.times?.stepMs ?? null)
  }
  if (!writer || writer.writer.records.length === 0)
    throw new StrandError('import/empty', 'These tables hold no rows of numbers. Choose files with rows below the header.')
  const { opened } = first!
  const step = opened.times?.stepMs ?? null
  const lengths = new Set(writer.writer.records.map(({ length }) => length))
  return {
    format: [...formats].slice(0, 3).join(' and '),
    unit: 'rows',
    layout: opened.times ? { times: opened.times } : {},
    codec: (plan) => writer.fitScaling(plan),
    facts: {
      channels: opened.channels.length,
      missing: writer.missing,
      ...(step === null ? {} : { step: describeStep(step) }),
      ...(writer.writer.records.length > 1 && lengths.size === 1 ? { 'rows of each': [...lengths][0] } : {}),
    },
  }
}

function assertSame(firstFile: string, first: OpenedSeries, file: string, own: OpenedSeries): void {
  const same = own.channels.length === first.channels.length && own.channels.every((name, i) => name === first.channels[i])
  if (same && (own.times === null) === (first.times === null)) return
  const differ = same
    ? `${file} has ${own.times ? 'a' : 'no'} column of times and ${firstFile} has ${first.times ? 'one' : 'none'}`
    : `${file} has the columns ${own.channels.slice(0, 5).join(', ')} where ${firstFile} has ${first.channels.slice(0, 5).join(', ')}`
  throw new StrandError('import/bad-record', `${differ}. Nothing was imported; import tables with different columns one by one.`, {
    file,
    line: 1,
  })
}
