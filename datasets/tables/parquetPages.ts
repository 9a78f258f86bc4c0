import type { ColumnMetaData, FileMetaData, RowGroup } from 'hyparquet'
import type { RandomAccess } from '../importing/randomAccess.ts'

interface Stretch {
  /** First byte in the file; bytes, the page's header included. */
  start: number
  bytes: number
}
interface Page extends Stretch {
  firstRow: number
  rows: number
}

/** Where the pages of a column of one row group lie. */
export interface ColumnPages {
  dictionary: Stretch | null
  pages: Page[]
}

/** Enough for the header of a page unless its smallest and largest value are long texts. */
const HEADER_BYTES = 512
const LONGEST_HEADER = 1_048_576
const [DATA, DICTIONARY, DATA_V2] = [0, 2, 3]

/**
 * Walks from page to page by their headers, which is all there is to go by where a file has no index of its pages (few have). null where the pages do not
 * account for all rows: the file is damaged, or says something this does not know.
 */
export async function findPages(access: RandomAccess, group: RowGroup, column: ColumnMetaData): Promise<ColumnPages | null> {
  const { dictionary_page_offset: first, data_page_offset: data, total_compressed_size: size } = column
  let at = Number(first && first < data ? first : data)
  const end = at + Number(size)
  const found: ColumnPages = { dictionary: null, pages: [] }
  let firstRow = 0
  while (at < end && firstRow < Number(group.num_rows)) {
    const header = await readHeader(access, at, end)
    if (!header || header.compressed < 0) return null
    const bytes = header.bytes + header.compressed
    if (header.type === DICTIONARY) found.dictionary = { start: at, bytes }
    else if (header.type === DATA || header.type === DATA_V2) {
      found.pages.push({ start: at, bytes, firstRow, rows: header.rows })
      firstRow += header.rows
    } else return null
    at += bytes
  }
  return firstRow === Number(group.num_rows) && at <= end ? found : null
}

/** As in a real file, the first bytes are no page: an offset of 0 would mean none. */
const BEFORE = 4

/**
 * Some pages of a column as a file of one row group and one column, the dictionary before them: what holds rows [from, to) of the group, and the row of
 * the group that it begins with.
 */
export function pagesAsFile(
  access: RandomAccess,
  metadata: FileMetaData,
  group: RowGroup,
  name: string,
  { dictionary, pages }: ColumnPages,
  from: number,
  to: number,
): { file: Pick<RandomAccess, 'byteLength' | 'slice'>; metadata: FileMetaData; firstRow: number } {
  const wanted = pages.filter(({ firstRow, rows }) => firstRow < to && firstRow + rows > from)
  const [first, last] = [wanted[0], wanted[wanted.length - 1]]
  const data: Stretch = { start: first.start, bytes: last.start + last.bytes - first.start }
  const before = BEFORE + (dictionary?.bytes ?? 0)
  const columns = group.columns
    .filter(({ meta_data: column }) => column?.path_in_schema[0] === name)
    .map(({ file_offset, meta_data: column }) => ({
      file_offset,
      meta_data: {
        ...column!,
        dictionary_page_offset: dictionary ? BigInt(BEFORE) : undefined,
        data_page_offset: BigInt(before),
        total_compressed_size: BigInt(before - BEFORE + data.bytes),
      },
    }))
  const num_rows = BigInt(last.firstRow + last.rows - first.firstRow)
  return {
    file: {
      byteLength: before + data.bytes,
      async slice(start, end = before + data.bytes) {
        // mostly there is no dictionary, and what is read is what is asked for
        if (start >= before) return access.slice(data.start + start - before, data.start + end - before)
        const out = new Uint8Array(end - start)
        if (dictionary) out.set(new Uint8Array(await access.slice(dictionary.start, dictionary.start + dictionary.bytes)), BEFORE - start)
        if (end > before) out.set(new Uint8Array(await access.slice(data.start, data.start + end - before)), before - start)
        return out.buffer
      },
    },
    metadata: { ...metadata, num_rows, row_groups: [{ ...group, num_rows, columns }] },
    firstRow: first.firstRow,
  }
}

interface Header {
  type: number
  /** Of the header, and of what follows it. */
  bytes: number
  compressed: number
  rows: number
}

async function readHeader(access: RandomAccess, at: number, end: number): Promise<Header | null> {
  for (let size = HEADER_BYTES; size <= LONGEST_HEADER; size *= 8) {
    const bytes = new Uint8Array(await access.slice(at, Math.min(end, at + size)))
    const reader = new HeaderReader(bytes)
    const fields = reader.struct()
    if (reader.at <= bytes.length) {
      const [type, compressed] = [fields.get(1), fields.get(3)]
      // DataPageHeader: 1 number of values; DataPageHeaderV2: 3 number of rows
      const page = fields.get(type === DATA ? 5 : 8)
      const rows = page instanceof Map ? page.get(type === DATA ? 1 : 3) : 0
      if (typeof type !== 'number' || typeof compressed !== 'number' || typeof rows !== 'number') return null
      return { type, bytes: reader.at, compressed, rows }
    }
    if (at + size >= end) return null
  }
  return null
}

type Fields = Map<number, number | Fields | null>

/** Thrift's compact protocol (github.com/apache/thrift, doc/specs), as far as page headers have it: whole numbers and structs are kept, the rest is passed over. */
class HeaderReader {
  at = 0
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Reads beyond the end as zeros, which end a struct; `at` then lies beyond it too. */
  struct(): Fields {
    const fields: Fields = new Map()
    let id = 0
    while (this.at <= this.bytes.length) {
      const byte = this.byte()
      if ((byte & 15) === 0) break
      id = byte >> 4 ? id + (byte >> 4) : this.zigzag()
      fields.set(id, this.value(byte & 15))
    }
    return fields
  }

  private byte(): number {
    return this.bytes[this.at++] ?? 0
  }

  private varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128 || scale > 2 ** 49) return value
    }
  }

  private zigzag(): number {
    const value = this.varint()
    return value % 2 ? -(value + 1) / 2 : value / 2
  }

  private value(type: number): number | Fields | null {
    if (type >= 4 && type <= 6) return this.zigzag()
    if (type === 12) return this.struct()
    // true and false lie in the type; a byte, a double, a text
    if (type === 3) this.at++
    else if (type === 7) this.at += 8
    else if (type === 8) {
      const length = this.varint()
      this.at += length
    } else if (type !== 1 && type !== 2) this.at = Infinity
    return null
  }
}
