import { compileLine, cutLine } from '../labels/lineLabel.ts'
import type { ImportOptions, ImportPreview, Problem, TableFound } from '../../main/contract/importing.ts'
import { inspectSound } from '../audio/inspectSound.ts'
import type { SoundFormat } from '../audio/sound.ts'
import { StrandError } from '../errors.ts'
import { describeAnnotation } from '../genomics/describeAnnotation.ts'
import { ANNOTATIONS } from '../genomics/importRegions.ts'
import { describeSequences } from '../genomics/describeSequences.ts'
import { cellText, type CellBatch, type RoledTable } from '../tables/cellTable.ts'
import { rolesOf, textRows } from '../tables/tableRows.ts'
import { decodeWhole, ENCODING_NAMES } from '../text/encodings.ts'
import { splitLine, type Dialect } from '../timeseries/dialect.ts'
import { openSeries } from '../timeseries/importSeries.ts'
import { describeTable } from '../timeseries/openTable.ts'
import type { Detected } from './detect.ts'
import type { ImportJob } from './job.ts'
import { Names } from './names.ts'
import { Enough, PreviewSink } from './previewSink.ts'
import { ReportBuilder } from './report.ts'
import { plural, type Source } from './source.ts'

const SHOWN_RECORDS = 8
const SHOWN_ROWS = 8
const EXCERPT = 120

export type Found = Pick<ImportPreview, 'format' | 'records' | 'columns' | 'rows' | 'table'> & {
  firstRecords: (ImportPreview['firstRecords'][number] & { header?: string })[]
  problems?: Problem[]
}

/** How a file would be read, told from its first bytes. */
export async function describeFound(
  source: Source,
  bytes: Buffer,
  whole: boolean,
  detected: Detected,
  options: ImportOptions,
): Promise<Found> {
  const { domain, format } = detected
  if (domain === 'audio') return inspectSound(source, bytes, whole, format as SoundFormat, options)
  const lines = whole || wideText(detected) ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1 || bytes.length)
  const job = previewJob(BINARY.has(format) ? bytes : lines, options)
  const table = detected.dialect || detected.table ? tableOf(detected, bytes) : {}
  if (domain === 'timeseries') return { ...(await series(source, detected, job, whole)), ...table }
  if (detected.dialect || detected.table) return { ...(await records(source, detected, job, whole)), ...table }
  if (ANNOTATIONS.has(format)) return describeAnnotation(source, bytes, whole, detected, options)
  if (domain === 'genomics') return describeSequences(source, bytes, whole, detected, { records: SHOWN_RECORDS, excerpt: EXCERPT }, options)
  return text(source, bytes, whole, detected, options)
}

/** Not cut at the last line end of a look. */
const BINARY = new Set<Detected['format']>(['NPY', 'NPZ', 'EDF', 'BDF', 'Parquet', 'Arrow', 'Excel'])
const wideText = ({ encoding }: Detected): boolean => /^utf-(16|32)/.test(encoding)

/** A job whose files are their first bytes, and whose report is thrown away after a look. */
function previewJob(bytes: Buffer, options: ImportOptions): ImportJob {
  return {
    files: [],
    options: { ...options, missing: options.missing === 'stop' ? 'mask' : options.missing },
    report: new ReportBuilder(options.onProblem === 'fix' ? 'fix' : 'skip'),
    names: new Names(),

    async *read() {
      yield bytes
    },
    write() {
      throw new StrandError('internal', 'A preview writes nothing.')
    },
    phase: () => undefined,
    at: () => undefined,
    folder: '',
  }
}

async function series(source: Source, detected: Detected, job: ImportJob, whole: boolean): Promise<Found> {
  const opened = await openSeries({ source, detected: sampled(detected), job })
  const sink = new PreviewSink(opened.channels.length, SHOWN_RECORDS)
  try {
    await opened.read(sink)
  } catch (error) {
    // a head may end anywhere; only a whole file is judged by its end
    if (!(error instanceof Enough) && (!(error instanceof StrandError) || whole)) throw error
  }
  const sample = readWhole(detected)
  const all = whole && !sample
  const seen = all || sink.records.length > 1
  const channels = plural(opened.channels.length, 'channel')
  const columns = detected.dialect || detected.table ? rolesOf(detected) : null
  const column = columns ? columns.roles.indexOf('time') : -1
  const time = opened.times && column >= 0 ? `, times in "${columns!.names[column]}"` : ''
  return {
    format: `${opened.format}, ${channels}${time}${lettersOf(detected)}`,
    records: all ? sink.count : sink.count > 1 ? null : 1,
    firstRecords: sink.records.map(({ name, rows, excerpt }, i) => ({
      name,
      // the last one may go on behind what was looked at
      length:
        seen && (all || i < sink.records.length - 1) ? rows : sample && sink.count === 1 ? (detected.table!.table.rows ?? null) : null,
      excerpt,
    })),
    columns: opened.channels,
    problems: job.report.build().problems,
  }
}

/** Parquet and Arrow are shown by the rows already looked at: their beginning alone cannot be read. */
function sampled(detected: Detected): Detected {
  if (!detected.table || !readWhole(detected)) return detected
  const { table } = detected.table

  const batches = async function* (_: ImportJob, wanted: readonly number[]): AsyncGenerator<CellBatch> {
    yield { rows: table.sample.length, columns: wanted.map((c) => table.sample.map((row) => row[c])), line: () => undefined }
  }
  return { ...detected, table: { ...detected.table, table: { ...table, batches } } }
}

/** The coding of a text, where it is not the usual one. */
const lettersOf = ({ encoding }: Detected): string => (encoding === 'utf-8' ? '' : `, ${ENCODING_NAMES[encoding]}`)

const readWhole = ({ format }: Detected): boolean => format === 'Parquet' || format === 'Arrow' || format === 'Excel'

async function records(source: Source, detected: Detected, job: ImportJob, whole: boolean): Promise<Found> {
  const first: Found['firstRecords'] = []
  let count = 0
  const stored = readWhole(detected)
  const rows = stored ? sampleRows(source, detected) : textRows(job, source, detected, { index: 0, of: 1 })
  try {
    for await (const { row, line, text, name } of rows) {
      count++
      if (first.length < SHOWN_RECORDS)
        first.push({ name: name ?? `${source.stem} ${line ?? row}`, length: [...text].length, excerpt: text.slice(0, EXCERPT) })
    }
  } catch (error) {
    if (!(error instanceof StrandError) || whole) throw error
  }
  const kind = detected.dialect ? describeTable(detected.dialect) : detected.format
  return {
    format: `${kind}, a record for each row${lettersOf(detected)}`,
    records: stored ? (detected.table!.table.rows ?? null) : whole ? count : null,
    firstRecords: first,
    problems: job.report.build().problems,
  }
}

function sampleRows(source: Source, { table }: Detected): { row: number; line: undefined; text: string; name: string | null }[] {
  const { roles, table: cells } = table!
  const text = roles.indexOf(roles.includes('sequence') ? 'sequence' : 'text')
  const id = roles.indexOf('id')
  return cells.sample.map((row, r) => ({
    row: r + 1,
    line: undefined,
    text: cellText(row[text], 'text'),
    name: id < 0 ? `${source.stem} ${r + 1}` : cellText(row[id], 'text'),
  }))
}

/** The table's first rows and every choice as it stands. */
function tableOf(detected: Detected, bytes: Buffer): Pick<Found, 'columns' | 'rows' | 'table'> {
  const { names, roles, why } = rolesOf(detected)
  const columns = names.map((name, c) => ({ name, role: roles[c], ...(why[c] ? { why: why[c] } : {}) }))
  if (detected.dialect) {
    const { delimiter, decimal, thousands, header, units, rows, order, newestFirst } = detected.dialect
    return {
      columns: names,
      rows: firstRows(detected.dialect, decodeWhole(bytes, detected.encoding)),
      table: { delimiter, decimal, thousands, header, units, rows, order, newestFirst, columns },
    }
  }
  const { table, rows, letters, order, newestFirst } = detected.table as RoledTable
  const found: TableFound = {
    delimiter: null,
    decimal: '.',
    thousands: 'none',
    header: true,
    units: false,
    rows,
    order,
    newestFirst,
    columns: letters ? [] : columns,
  }
  return {
    columns: names,
    rows: table.sample.slice(0, SHOWN_ROWS).map((row) => row.map((cell, c) => cellText(cell, table.columns[c].kind).slice(0, EXCERPT))),
    table: found,
  }
}

function firstRows({ skipLines, header, units, delimiter }: Dialect, text: string): string[][] {
  const lines = text.split(/\r?\n/, skipLines + 3 * SHOWN_ROWS).slice(skipLines)
  const rows = lines.filter((line) => line.trim() !== '').slice((header ? 1 : 0) + (units ? 1 : 0))
  return rows.slice(0, SHOWN_ROWS).map((row) => splitLine(row, delimiter).map((cell) => cell.slice(0, EXCERPT)))
}

function text(source: Source, bytes: Buffer, whole: boolean, { encoding }: Detected, { records: by, labels }: ImportOptions): Found {
  const content = decodeWhole(bytes, encoding)
  const format = `text, ${ENCODING_NAMES[encoding]}`
  if (by !== 'lines' && labels?.from !== 'line')
    return {
      format,
      records: 1,
      firstRecords: [{ name: source.stem, length: whole ? [...content].length : null, excerpt: content.slice(0, 2 * EXCERPT) }],
    }
  const pattern = labels?.from === 'line' ? compileLine(labels.pattern) : null
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '')
  return {
    format: `${format}, a record for each line`,
    records: whole ? lines.length : null,
    firstRecords: lines.slice(0, SHOWN_RECORDS).map((line, i) => {
      const { text, label, group } = pattern ? cutLine(line, pattern) : { text: line }
      const found = pattern ? { label: label ?? null, ...(group ? { group } : {}) } : {}
      return { name: `${source.name} line ${i + 1}`, length: [...text].length, excerpt: text.slice(0, EXCERPT), ...found }
    }),
  }
}
