import { parquetMetadataAsync, parquetScan, parquetSchema, type FileMetaData, type SchemaElement } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { StrandError } from '../errors.ts'
import { isSystemError } from '../importing/fileBytes.ts'
import { randomAccess, type RandomAccess } from '../importing/randomAccess.ts'
import { count, type Source } from '../importing/source.ts'
import { SAMPLE_ROWS, type Cell, type CellColumn, type CellTable } from './cellTable.ts'

/** Decoded at once; a row group that holds more is read in stretches. */
const STRETCH_BYTES = 32 * 1_048_576

/** Times as milliseconds; a count of nanoseconds keeps its fraction. */
const parsers = {
  timestampFromMilliseconds: (millis: bigint) => Number(millis),
  timestampFromMicroseconds: (micros: bigint) => Number(micros) / 1000,
  timestampFromNanoseconds: (nanos: bigint) => Number(nanos / 1000n) / 1000,
  dateFromDays: (days: number) => days * 86_400_000,
}

/** A Parquet file as a table: its row groups one after another, only the columns wanted. Nested columns are told and left out. */
export async function parquetCells(source: Source): Promise<CellTable & { nested: string[] }> {
  const access = await randomAccess(source)
  try {
    const metadata = await readMetadata(source.name, access)
    const { children } = parquetSchema(metadata)
    const flat = children.filter((child) => child.children.length === 0 && child.element.repetition_type !== 'REPEATED')
    const columns = flat.map(({ element }) => ({ name: element.name, kind: kindOf(element) }))
    const rows = Number(metadata.num_rows)
    const names = columns.map(({ name }) => name)
    const shown = Math.min(SAMPLE_ROWS, Number(metadata.row_groups[0]?.num_rows ?? 0n))
    const head = shown > 0 ? await readRows(source.name, access, metadata, names, 0, shown) : []
    return {
      format: 'Parquet',
      columns,
      nested: children.filter((child) => !flat.includes(child)).map((child) => child.element.name),
      sample: Array.from({ length: shown }, (_, r) => head.map((column) => column[r])),
      rows,
      batches: (job, wanted) =>
        batches(
          source,
          metadata,
          wanted.map((c) => names[c]),
          (fraction) => job.at(source, fraction),
          job.signal,
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

async function* batches(
  source: Source,
  metadata: FileMetaData,
  names: string[],
  at: (fraction: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<{ rows: number; columns: ArrayLike<Cell>[]; line: () => undefined }> {
  const access = await randomAccess(source)
  const total = Number(metadata.num_rows)
  let first = 0
  try {
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows)
      const bytes = group.columns.reduce((sum, { meta_data: column }) => {
        const wanted = column && names.includes(column.path_in_schema[0])
        return wanted ? sum + Math.max(Number(column.total_uncompressed_size), 8 * rows) : sum
      }, 0)
      const step = Math.max(1, Math.ceil(rows / Math.ceil(Math.max(1, bytes) / STRETCH_BYTES)))
      for (let from = 0; from < rows; from += step) {
        if (signal?.aborted) return
        const to = Math.min(rows, from + step)
        const columns = await readRows(source.name, access, metadata, names, first + from, first + to)
        yield { rows: to - from, columns, line: () => undefined }
        at((first + to) / total)
      }
      first += rows
    }
  } finally {
    await access.close()
  }
}

async function readRows(
  file: string,
  access: RandomAccess,
  metadata: FileMetaData,
  names: string[],
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<Cell>[]> {
  try {
    // a scan keeps what it has decoded, so each stretch has its own
    const scan = await parquetScan({
      file: access,
      metadata,
      columns: names,
      compressors,
      parsers,
      geoparquet: false,
      useOffsetIndex: true,
    })
    const columns: ArrayLike<Cell>[] = []
    for (const column of names) columns.push((await scan.readColumn({ column, rowStart, rowEnd })) as ArrayLike<Cell>)
    return columns
  } catch (error) {
    throw damaged(file, error as Error)
  }
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
