import { zstdDecompressSync } from 'node:zlib'
import { compressionRegistry, CompressionType, DataType, RecordBatchReader, type RecordBatch, type Schema } from 'apache-arrow'
import { StrandError } from '../errors.ts'
import { isSystemError } from '../importing/fileBytes.ts'
import type { ImportJob } from '../importing/job.ts'
import type { Source } from '../importing/source.ts'
import { checkBatch } from './arrowGuards.ts'
import { SAMPLE_ROWS, type Cell, type CellBatch, type CellColumn, type CellTable } from './cellTable.ts'
import { unpackLz4Frames } from './lz4.ts'

/** The package reads compressed bodies with what it is given. A body's length stands in the eight bytes before it. */
function withLength(unpack: (bytes: Uint8Array, size: number) => Uint8Array): { decode: (bytes: Uint8Array) => Uint8Array } {
  return {
    decode(bytes) {
      const size = new DataView(bytes.buffer, bytes.byteOffset - 8, 8).getBigInt64(0, true)
      return unpack(bytes, Number(size))
    },
  }
}
compressionRegistry.set(CompressionType.LZ4_FRAME, withLength(unpackLz4Frames))
compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => zstdDecompressSync(bytes) })

/** Arrow IPC, as a file (also Feather 2) or a stream: batch after batch, as the writer made them. */
export async function arrowCells(source: Source): Promise<CellTable> {
  let columns: CellColumn[] = []
  const sample: Cell[][] = []
  let schema: Schema | null = null
  for await (const batch of recordBatches(source, source.content())) {
    schema = batch.schema
    columns = schema.fields.map(({ name, type }) => ({ name, kind: kindOf(type as DataType) }))
    const cells = columnsOf(
      source,
      batch,
      columns.map((_, c) => c),
    )
    for (let r = 0; r < batch.numRows && sample.length < SAMPLE_ROWS; r++) sample.push(cells.map((column) => column[r]))
    if (sample.length >= SAMPLE_ROWS) break
  }
  if (!schema)
    throw new StrandError('import/empty', `${source.name} is an Arrow table without rows. Choose another file.`, { file: source.name })
  return { format: 'Arrow', columns, sample, rows: null, batches: (job, wanted) => batches(job, source, wanted) }
}

async function* batches(job: ImportJob, source: Source, wanted: readonly number[]): AsyncGenerator<CellBatch> {
  for await (const batch of recordBatches(source, job.read(source)))
    yield { rows: batch.numRows, columns: columnsOf(source, batch, wanted), line: () => undefined }
}

/**
 * A file begins with "ARROW1" and two zero bytes and goes on as a stream does, up to its directory: so both are read from the start,
 * in bounded memory, also from inside a compressed file.
 */
async function* recordBatches(source: Source, content: AsyncIterable<Buffer>): AsyncGenerator<RecordBatch> {
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    let first = true
    for await (const piece of content) {
      const from = first && piece.toString('latin1', 0, 6) === 'ARROW1' ? 8 : 0
      first = false
      yield Uint8Array.prototype.slice.call(piece, from)
    }
  }
  const pieces = stream()
  try {
    const reader = await RecordBatchReader.from(pieces)
    await reader.open()
    for await (const batch of reader as AsyncIterable<RecordBatch>) {
      checkBatch(batch)
      yield batch
    }
  } catch (error) {
    if (error instanceof StrandError || isSystemError(error)) throw error
    throw damaged(source, error as Error)
  } finally {
    // the package leaves what it reads from open where it stops early
    await pieces.return(undefined)
  }
}

const damaged = (source: Source, { message }: Error): StrandError =>
  new StrandError(
    'import/truncated',
    `${source.name} is a damaged or cut off Arrow file (${message.replace(/\.$/, '')}). Nothing was imported; write or download it again.`,
    { file: source.name },
  )

function columnsOf(source: Source, batch: RecordBatch, wanted: readonly number[]): ArrayLike<Cell>[] {
  try {
    return wanted.map((column) => columnOf(batch, column))
  } catch (error) {
    throw damaged(source, error as Error)
  }
}

function kindOf(type: DataType): CellColumn['kind'] {
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return 'time'
  if (DataType.isInt(type) || DataType.isFloat(type) || DataType.isBool(type) || DataType.isDecimal(type)) return 'number'
  return 'text'
}

/** A column's values; times come in milliseconds already. */
function columnOf(batch: RecordBatch, column: number): ArrayLike<Cell> {
  const vector = batch.getChildAt(column)!
  const type = batch.schema.fields[column].type as DataType
  const rows = batch.numRows
  if (DataType.isFloat(type) && vector.nullCount === 0 && type.precision !== 0) return vector.toArray() as Float32Array | Float64Array
  const out = new Array<Cell>(rows)
  for (let r = 0; r < rows; r++) {
    const value = vector.get(r) as Cell
    out[r] = value === null || value === undefined ? null : typeof value === 'object' ? String(value) : value
  }
  return out
}
