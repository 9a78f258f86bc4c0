import { DataType, type Data, type RecordBatch } from 'apache-arrow'
import { ByteBuffer } from 'flatbuffers'

/**
 * Flatbuffers trusts the lengths it reads: a damaged one makes a loop of two thousand million turns. No list holds more entries than the
 * message has bytes.
 */
const lengthOf = ByteBuffer.prototype.__vector_len
ByteBuffer.prototype.__vector_len = function (this: ByteBuffer, offset: number): number {
  const length = lengthOf.call(this, offset)
  if (length < 0 || length > this.capacity()) throw new RangeError(`a list of ${length} entries in a message of ${this.capacity()} bytes`)
  return length
}

/** A type without data (Null) may have any number of rows; this many more than bytes in the batch are believed. */
const MOST_EMPTY_ROWS = 1_000_000

/** Throws where a batch says that it has more rows than its buffers hold: the package would answer whatever lies there, or allocate for them all. */
export function checkBatch({ data, numRows }: RecordBatch): void {
  if (data.children.length === 0 && numRows > MOST_EMPTY_ROWS) throw new RangeError(`${numRows} rows without a column`)
  for (const child of data.children) checkData(child, numRows)
}

function checkData(data: Data, rows: number): void {
  const { type, values, valueOffsets, nullBitmap, children } = data
  if (data.length !== rows) throw new RangeError(`a column of ${data.length} rows in a batch of ${rows}`)
  if (data.nullCount > 0 && nullBitmap && 8 * nullBitmap.length < rows) throw new RangeError('marks of missing values are cut off')
  if (DataType.isNull(type)) {
    if (rows > MOST_EMPTY_ROWS) throw new RangeError(`${rows} rows without data`)
  } else if (DataType.isUtf8(type) || DataType.isBinary(type) || DataType.isLargeUtf8(type) || DataType.isLargeBinary(type)) {
    checkOffsets(valueOffsets, rows, (values as Uint8Array).length)
  } else if (DataType.isBool(type)) {
    if (8 * (values as Uint8Array).length < rows) throw new RangeError('its values are cut off')
  } else if (DataType.isDictionary(type)) {
    if ((values as Int32Array).length < rows) throw new RangeError('its values are cut off')
  } else if (values && (values as Uint8Array).length < rows) throw new RangeError('its values are cut off')
  if (DataType.isStruct(type)) for (const child of children) checkData(child as Data, rows)
}

function checkOffsets(offsets: ArrayLike<number | bigint>, rows: number, bytes: number): void {
  if (offsets.length < rows + 1) throw new RangeError('the places of its texts are cut off')
  for (let r = 0; r < rows; r++)
    if (offsets[r] < 0 || offsets[r] > offsets[r + 1] || offsets[r + 1] > bytes) throw new RangeError(`text ${r + 1} lies outside its data`)
}
