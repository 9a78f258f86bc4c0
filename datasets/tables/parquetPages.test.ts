import { join } from 'node:path'
import { parquetMetadataAsync, parquetScan } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { expect, it } from 'vitest'
import { randomAccess } from '../importing/randomAccess.ts'
import { Source } from '../importing/source.ts'
import { findPages, pagesAsFile } from './parquetPages.ts'

/** The fixture's rule, see fixtures/make.py. */
const RULE: Record<string, (row: number) => unknown> = {
  value: (row) => (row % 7 === 3 ? null : row * 0.5),
  kind: (row) => `kind ${row % 5}`,
  step: (row) => BigInt(row),
}

it.each(['pages-1.parquet', 'pages-2.parquet'])('%s: any stretch of rows comes from the pages it lies in', async (name) => {
  const access = await randomAccess(await Source.open(join(import.meta.dirname, 'fixtures', name)))
  const metadata = await parquetMetadataAsync(access)
  let groupStart = 0
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows)
    for (const { meta_data: column } of group.columns) {
      const [path] = column!.path_in_schema
      const found = (await findPages(access, group, column!))!
      expect(found.pages.length, path).toBeGreaterThan(3)
      expect(found.dictionary !== null).toBe(path === 'kind')
      for (const [from, to] of [
        [0, 1],
        [0, rows],
        [rows - 1, rows],
        [49, 51],
        [50, 100],
        [123, 321],
      ]) {
        const some = pagesAsFile(access, metadata, group, path, found, from, to)
        expect(some.firstRow).toBeLessThanOrEqual(from)
        const scan = await parquetScan({ file: some.file, metadata: some.metadata, columns: [path], compressors })
        const read = await scan.readColumn({ column: path, rowStart: from - some.firstRow, rowEnd: to - some.firstRow })
        const wanted = Array.from({ length: to - from }, (_, i) => RULE[path](groupStart + from + i))
        expect(Array.from(read as ArrayLike<unknown>, (value) => value ?? null)).toEqual(wanted)
        if (to - from < 50) expect(some.file.byteLength).toBeLessThan(Number(column!.total_compressed_size))
      }
    }
    groupStart += rows
  }
  await access.close()
})

it('pages that do not hold all rows are no pages', async () => {
  const access = await randomAccess(await Source.open(join(import.meta.dirname, 'fixtures', 'pages-1.parquet')))
  const { row_groups: groups } = await parquetMetadataAsync(access)
  const { meta_data: column } = groups[0].columns[0]
  expect(await findPages(access, { ...groups[0], num_rows: 601n }, column!)).toBeNull()
  expect(await findPages(access, groups[0], { ...column!, data_page_offset: column!.data_page_offset + 3n })).toBeNull()
  await access.close()
})
