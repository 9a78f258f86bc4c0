import { parquetMetadataAsync, parquetScan, parquetSchema, type FileMetaData, type RowGroup, type SchemaElement } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { isSystemError } from '../importing/fileBytes.ts'
import type { ImportJob } from '../importing/job.ts'
import { randomAccess, type RandomAccess } from '../importing/randomAccess.ts'
import { count, type Source } from '../importing/source.ts'
import { findPages, pagesAsFile, type ColumnPages } from './parquetPages.ts'
import { SAMPLE_ROWS, type Cell, type CellBatch, type CellColumn, type CellTable } from './cellTable.ts'

/** Held at once, as it is handed on; a row group that holds more is read in stretches, and of each column only the pages they lie in. */
const STRETCH_BYTES = 16 * 1_048_576
/** Of a very wide table, only so many columns are looked at before it is read; a number is a number without a look. */
const LOOKED_AT = 24

/** Times as milliseconds; a count of nanoseconds keeps its fraction. */
const parsers = {
  timestampFromMilliseconds: (millis: bigint) => Number(millis),
  timestampFromMicroseconds: (micros: bigint) => Number(micros) / 1000,
  timestampFromNanoseconds: (nanos: bigint) => Number(nanos / 1000n) / 1000,
  dateFromDays: (days: number) => days * 86_400_000,
}

/** A Parquet file as a table: its row groups one after another, only the columns wanted. Nested columns are told and left out. */
export async function parquetCells(source: Source): Promise<CellTable> {
  const access = await randomAccess(source)
  try {
    const metadata = await readMetadata(source.name, access)
    const { children } = parquetSchema(metadata)
    const flat = children.filter((child) => child.children.length === 0 && child.element.repetition_type !== 'REPEATED')
    const columns = flat.map(({ element }) => ({ name: element.name, kind: kindOf(element) }))
    const rows = Number(metadata.num_rows)
    const shown = Math.min(SAMPLE_ROWS, Number(metadata.row_groups[0]?.num_rows ?? 0n))
    const seen = columns.filter(({ kind }, c) => kind !== 'number' || c < LOOKED_AT).slice(0, 2 * LOOKED_AT)
    const head = shown > 0 ? await readRows(source.name, access, metadata, seen, 0, shown) : []
    const sampleOf = columns.map((column) => (seen.includes(column) ? head[seen.indexOf(column)] : undefined))
    return {
      format: 'Parquet',
      columns,
      unread: children.filter((child) => !flat.includes(child)).map((child) => child.element.name),
      sample: Array.from({ length: shown }, (_, r) => sampleOf.map((column) => column?.[r])),
      rows,
      batches: (job, wanted) =>
        batches(
          job,
          source,
          metadata,
          wanted.map((c) => columns[c]),
        ),
    }
  } finally {
    await access.close()
  }
}

async function readMetadata(file: string, access: RandomAccess): Promise<FileMetaData> {
  const end = Buffer.from(await access.slice(Math.max(0, access.byteLength - 8)))
  if (access.byteLength < 12 || end.toString('latin1', 4) !== 'PAR1')
    throw new StrandError(
      'import/truncated',
      `${file} is cut off: a Parquet file ends with "PAR1" and this one does not. Nothing was imported; copy or download the file again.`,
      { file, byte: access.byteLength },
    )
  const length = end.readUInt32LE(0)
  if (length + 12 > access.byteLength)
    throw new StrandError(
      'import/lying-header',
      `${file} says that its directory takes ${count(length)} bytes, and the whole file has ${count(access.byteLength)}. Nothing was imported; copy or download the file again.`,
      { file, byte: access.byteLength - 7 },
    )
  try {
    return await parquetMetadataAsync(access, { parsers, geoparquet: false })
  } catch (error) {
    throw damaged(file, error as Error)
  }
}

function kindOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): CellColumn['kind'] {
  const name = (typeof logical === 'object' ? logical.type : undefined) ?? ''
  if (type === 'INT96' || /TIMESTAMP|DATE/.test(`${converted ?? ''} ${name}`)) return 'time'
  if (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY')
    return /DECIMAL|FLOAT16/.test(`${converted ?? ''} ${name}`) ? 'number' : 'text'
  return 'number'
}

async function* batches(job: ImportJob, source: Source, metadata: FileMetaData, columns: readonly CellColumn[]): AsyncGenerator<CellBatch> {
  const access = await randomAccess(source)
  const total = Number(metadata.num_rows)
  let first = 0
  try {
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows)
      const bytes = columns.reduce((sum, { name, kind }) => {
        const { meta_data: stored } = group.columns.find(({ meta_data: column }) => column?.path_in_schema[0] === name) ?? {}
        return sum + (kind === 'text' ? 3 * Number(stored?.total_uncompressed_size ?? 0) + 16 * rows : (kind === 'time' ? 8 : 4) * rows)
      }, 0)
      const pages = new Map<string, ColumnPages>()
      const step = Math.max(1, Math.ceil(rows / Math.ceil(Math.max(1, bytes) / STRETCH_BYTES)))
      for (let from = 0; from < rows; from += step) {
        throwIfCancelled(job.signal, `Importing ${source.name}`)
        const to = Math.min(rows, from + step)
        yield {
          rows: to - from,
          columns: await readStretch(source.name, access, metadata, group, columns, pages, from, to),
          line: () => undefined,
        }
        job.at(source, (first + to) / total)
      }
      first += rows
    }
  } finally {
    await access.close()
  }
}

type File = Pick<RandomAccess, 'byteLength' | 'slice'>

/** Rows of a table, one column after another: a decoded column takes many times what is kept of it. */
async function readRows(
  file: string,
  access: File,
  metadata: FileMetaData,
  wanted: readonly CellColumn[],
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<Cell>[]> {
  try {
    const columns: ArrayLike<Cell>[] = []
    for (const column of wanted) columns.push(await readColumn(access, metadata, column, rowStart, rowEnd))
    return columns
  } catch (error) {
    throw damaged(file, error as Error)
  }
}

/** Rows [from, to) of a row group. `pages`: where those of its columns lie, found at the first stretch. */
async function readStretch(
  file: string,
  access: RandomAccess,
  metadata: FileMetaData,
  group: RowGroup,
  wanted: readonly CellColumn[],
  pages: Map<string, ColumnPages>,
  from: number,
  to: number,
): Promise<ArrayLike<Cell>[]> {
  try {
    const columns: ArrayLike<Cell>[] = []
    for (const column of wanted) {
      const { name } = column
      const stored = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data
      if (!stored) throw new Error(`column "${name}" is missing from a row group`)
      const found = pages.get(name) ?? (await findPages(access, group, stored))
      if (!found) throw new Error(`the pages of column "${name}" do not hold all its rows`)
      pages.set(name, found)
      const some = pagesAsFile(access, metadata, group, name, found, from, to)
      columns.push(await readColumn(some.file, some.metadata, column, from - some.firstRow, to - some.firstRow))
    }
    return columns
  } catch (error) {
    throw damaged(file, error as Error)
  }
}

async function readColumn(
  file: File,
  metadata: FileMetaData,
  { name, kind }: CellColumn,
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<Cell>> {
  // a scan keeps what it has decoded, so each column has its own
  const scan = await parquetScan({ file, metadata, columns: [name], compressors, parsers, geoparquet: false, useOffsetIndex: true })
  const decoded = (await scan.readColumn({ column: name, rowStart, rowEnd })) as ArrayLike<Cell>
  if (kind === 'text') return Array.from(decoded)
  return numbers(decoded, kind === 'time' ? new Float64Array(decoded.length) : new Float32Array(decoded.length))
}

function numbers(cells: ArrayLike<Cell>, into: Float32Array | Float64Array): Float32Array | Float64Array {
  for (let i = 0; i < into.length; i++) {
    const cell = cells[i]
    into[i] = typeof cell === 'number' ? cell : cell === null || cell === undefined ? NaN : Number(cell)
  }
  return into
}

function damaged(file: string, error: Error): Error {
  if (error instanceof StrandError || isSystemError(error)) return error
  const why = error.message.replace(/^parquet\s*/i, '').replace(/\.$/, '')
  return new StrandError(
    'import/truncated',
    `${file} is a damaged Parquet file (${why}). Nothing was imported; write or download it again.`,
    { file },
  )
}
