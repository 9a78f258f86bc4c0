/** Archives and compressed files: read as the files in them, refused with a sentence where they are made to harm or damaged. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { all } from '../store/connection.ts'
import { getStoredDataset, listDatasets, readCells } from '../store/store.ts'
import { tar, zip } from '../testing/archives.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { inspectFiles } from './inspect.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

const csv = (from: number): string => `a,b\n${Array.from({ length: 6 }, (_, i) => `${from + i},${(from + i) / 2}\n`).join('')}`
/** Digits that hardly compress. */
const noise = `a,b\n${Array.from({ length: 2000 }, (_, i) => `${(i * 7919 * 7919) % 10_007},${(i * i * 31) % 9973}\n`).join('')}`
const two = [
  { name: 'part/one.csv', content: csv(0) },
  { name: 'part/two.csv', content: csv(100) },
]
const firstValues = [0, 0, 1, 0.5]
const numbers = (id: number): number[] => {
  const dataset = getStoredDataset(project.store, id)
  return [...new Float32Array(readCells(project.store, dataset, 0, dataset.length).buffer)]
}

describe('what is inside is the dataset', () => {
  it.each([
    ['a ZIP', 'two.zip', zip(two)],
    ['a ZIP, stored', 'two.zip', zip(two.map((entry) => ({ ...entry, method: 0 })))],
    ['a ZIP with another name', 'two.bin', zip(two)],
    ['a tar', 'two.tar', tar(two)],
    ['a tar in gzip', 'two.tar.gz', gzipSync(tar(two))],
    ['a tar in Zstandard', 'two.tar.zst', zstdCompressSync(tar(two))],
    ['a ZIP of gzip files', 'two.zip', zip(two.map(({ name, content }) => ({ name: `${name}.gz`, content: gzipSync(content) })))],
    [
      'a ZIP with what macOS adds',
      'two.zip',
      zip([{ name: '__MACOSX/._one.csv', content: '\0\x05' }, ...two, { name: 'part/.DS_Store', content: '\0' }]),
    ],
    ['a ZIP with a read-me', 'two.zip', zip([{ name: 'README.md', content: '# Two series\n\nMade by hand, once.\n' }, ...two])],
  ])('%s', async (_, name, content) => {
    const detail = await project.add(name, content)
    expect(detail.recordsPage.map(({ name: record, length }) => [record, length])).toEqual([
      ['one', 6],
      ['two', 6],
    ])
    expect(numbers(detail.id).slice(0, 4)).toEqual(firstValues)
    expect(detail.name).toBe('two')
    expect(detail.sources.map(({ name: source }) => source.replace(/\.gz$/, '').split('/').slice(1).join('/'))).toContain('part/one.csv')
  })

  it.each([
    ['gzip', 'one.csv.gz', gzipSync(csv(0))],
    ['Zstandard', 'one.csv.zst', zstdCompressSync(csv(0))],
    [
      'Zstandard in several frames, one to be skipped',
      'one.csv.zst',
      Buffer.concat([
        zstdCompressSync(csv(0).slice(0, 9)),
        Buffer.from('502a4d1804000000ffffffff', 'hex'),
        zstdCompressSync(csv(0).slice(9)),
      ]),
    ],
    ['xz', 'one.csv.xz', Buffer.alloc(0)],
  ])('a file in %s', async (kind, name, content) => {
    const packed = kind === 'xz' ? execFileSync('xz', ['-c'], { input: csv(0) }) : content
    const detail = await project.add(name, packed)
    expect(numbers(detail.id)).toHaveLength(12)
    expect(numbers(detail.id).slice(0, 4)).toEqual(firstValues)
    expect((await inspectFiles([project.file(name, packed)])).compressed).toBe(true)
  })

  it('a thousand files in a compressed tar are read in one walk a pass', async () => {
    const entries = Array.from({ length: 1000 }, (_, i) => ({ name: `series ${i}.csv`, content: csv(i) }))
    const started = performance.now()
    const detail = await project.add('many.tar.gz', gzipSync(tar(entries)))
    expect(detail.records).toBe(1000)
    expect(numbers(detail.id).at(-1)).toBe(1004 / 2)
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  it.each(['series.xlsx', 'sets.npz'])('%s inside a ZIP, a tar, a compressed tar, and compressed alone', async (name) => {
    const content = readFileSync(join(import.meta.dirname, '../tables/fixtures', name))
    const alone = await project.add(name, content)
    const inside: [string, Uint8Array][] = [
      [`${name}.zip`, zip([{ name: `a/${name}`, content }])],
      [`${name}.tar`, tar([{ name, content }])],
      [`${name}.tgz`, gzipSync(tar([{ name, content }]))],
      [`${name}.gz`, gzipSync(content)],
      [`${name} in gzip.zip`, zip([{ name: `${name}.gz`, content: gzipSync(content) }])],
    ]
    for (const [file, packed] of inside) {
      const { refusal, records } = await inspectFiles([project.file(file, packed)])
      const detail = await project.add(file, packed)
      expect([file, refusal, numbers(detail.id).slice(0, 50), detail.records]).toEqual([
        file,
        undefined,
        numbers(alone.id).slice(0, 50),
        alone.records,
      ])
      expect(records === null || records === alone.records).toBe(true)
    }
  })

  it('several workbooks of one archive are one dataset, in its order', async () => {
    const content = readFileSync(join(import.meta.dirname, '../tables/fixtures/series.xlsx'))
    const books = Array.from({ length: 5 }, (_, i) => ({ name: `book ${i}.xlsx`, content }))
    for (const [file, packed] of [
      ['books.zip', zip(books)],
      ['books.tgz', gzipSync(tar(books))],
    ] as const)
      expect((await project.add(file, packed)).recordsPage.map(({ name }) => name)).toEqual([
        'north',
        'north (2)',
        'north (3)',
        'north (4)',
        'north (5)',
      ])
  })

  it('a long name of GNU tar', async () => {
    const name = `${'folder/'.repeat(20)}long.csv`
    const detail = await project.add(
      'long.tar',
      tar([
        { name: '././@LongLink', content: `${name}\0`, type: 'L' },
        { name: 'short', content: csv(0) },
      ]),
    )
    expect(detail.sources[0].name).toBe(`long.tar/${name}`)
  })
})

/** A list of float32, as numpy.save begins it. */
const npyHeader = (values: number): Buffer => {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values},), }`.padEnd(117)
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(`${text}\n`)])
}
const bomb = Buffer.alloc(300 * 1_048_576, '1,2\n')
const refused: { says: string; file: string; content: () => Uint8Array; code: string; options?: ImportOptions }[] = [
  {
    file: 'climb.zip',
    content: () => zip([...two, { name: '../../evil.csv', content: csv(0) }]),
    code: 'import/unknown-format',
    says: 'The entry "../../evil.csv" of climb.zip points outside the archive.',
  },
  {
    file: 'root.zip',
    content: () => zip([{ name: '/etc/series.csv', content: csv(0) }]),
    code: 'import/unknown-format',
    says: 'The entry "/etc/series.csv" of root.zip points outside the archive.',
  },
  {
    file: 'drive.zip',
    content: () => zip([{ name: 'C:\\series.csv', content: csv(0) }]),
    code: 'import/unknown-format',
    says: 'The entry "C:/series.csv" of drive.zip points outside the archive.',
  },
  {
    file: 'climb.tar',
    content: () => tar([{ name: 'a/../../evil.csv', content: csv(0) }]),
    code: 'import/unknown-format',
    says: 'The entry "a/../../evil.csv" of climb.tar points outside the archive.',
  },
  {
    file: 'locked.zip',
    content: () => zip([{ name: 'one.csv', content: csv(0), encrypted: true }]),
    code: 'import/unknown-format',
    says: 'locked.zip/one.csv is encrypted with a password.',
  },
  {
    file: 'lzma.zip',
    content: () => zip([{ name: 'one.csv', content: csv(0), method: 14 }]),
    code: 'import/unknown-format',
    says: 'lzma.zip/one.csv is packed with method 14, which Strand does not unpack',
  },
  {
    file: 'nested.zip',
    content: () => zip([{ name: 'inner.zip', content: zip(two) }]),
    code: 'import/unknown-format',
    says: 'nested.zip/inner.zip is an archive inside an archive.',
  },
  {
    file: 'nested-tar.zip',
    content: () => zip([{ name: 'inner.tgz', content: gzipSync(tar(two)) }]),
    code: 'import/unknown-format',
    says: 'nested-tar.zip/inner.tgz is an archive inside an archive.',
  },
  {
    file: 'cut-book.zip',
    content: () => zip([{ name: 'a.xlsx', content: zip([{ name: 'xl/workbook.xml', content: '<x/>' }]).subarray(0, 90) }]),
    code: 'import/unknown-format',
    says: 'cut-book.zip/a.xlsx is damaged or cut off:',
  },
  {
    file: 'word-in.zip',
    content: () => zip([{ name: 'a.docx', content: zip([{ name: '[Content_Types].xml', content: '<x/>' }]) }]),
    code: 'import/unknown-format',
    says: 'word-in.zip/a.docx is an Office document, which Strand does not read.',
  },
  {
    file: 'array-bomb.zip',
    content: () =>
      zip([{ name: 'a.npz', method: 0, content: zip([{ name: 'x.npy', content: Buffer.concat([npyHeader(bomb.length / 4), bomb]) }]) }]),
    code: 'import/too-large',
    says: 'array-bomb.zip/a.npz/x.npy expands more than 500 times when decompressed',
  },
  {
    file: 'sum.zip',
    content: () => zip([{ name: 'one.csv', content: csv(0), crc: 1 }]),
    code: 'import/truncated',
    says: 'sum.zip/one.csv is damaged: its checksum does not fit the',
  },
  { file: 'cut.zip', content: () => zip(two).subarray(0, 120), code: 'import/truncated', says: 'cut.zip is damaged or cut off:' },
  {
    file: 'empty.zip',
    content: () => zip([]),
    code: 'import/empty',
    says: 'empty.zip is an archive without a file that Strand could read.',
  },
  {
    file: 'links.zip',
    content: () => zip([{ name: 'one.csv', content: '/etc/passwd', mode: 0o120777 }]),
    code: 'import/empty',
    says: 'links.zip is an archive without a file that Strand could read.',
  },
  {
    file: 'report.zip',
    content: () =>
      zip([
        { name: '[Content_Types].xml', content: '<x/>' },
        { name: 'word/document.xml', content: '<x/>' },
      ]),
    code: 'import/unknown-format',
    says: 'report.zip is an Office document, which Strand does not read.',
  },
  {
    file: 'bomb.zip',
    content: () => zip([{ name: 'one.csv', content: bomb }]),
    code: 'import/too-large',
    says: 'bomb.zip/one.csv expands more than 500 times when decompressed',
  },
  {
    file: 'bomb.csv.zst',
    content: () => zstdCompressSync(bomb),
    code: 'import/too-large',
    says: 'bomb.csv.zst expands more than 500 times when decompressed',
  },
  {
    file: 'cut.tar',
    content: () => tar(two).subarray(0, 700),
    code: 'import/truncated',
    says: 'cut.tar is cut off in the middle of an entry.',
  },
  {
    file: 'header.tar',
    content: () => {
      const bytes = tar(two)
      bytes[1024 + 10] ^= 1
      return bytes
    },
    code: 'import/truncated',
    says: 'header.tar is damaged: its entry at byte 1,025 has no valid header.',
  },
  {
    file: 'cut.csv.zst',
    content: () => zstdCompressSync(noise).subarray(0, 3000),
    code: 'import/truncated',
    says: 'cut.csv.zst is cut off: its compressed data ends in the middle',
  },
  {
    file: 'flip.csv.zst',
    content: () => {
      const bytes = zstdCompressSync(noise)
      bytes[14] ^= 0xff
      return bytes
    },
    code: 'import/truncated',
    says: 'The compressed data of flip.csv.zst is damaged',
  },
  {
    file: 'cut.csv.xz',
    content: () => execFileSync('xz', ['-c'], { input: noise }).subarray(0, 3000),
    code: 'import/truncated',
    says: 'cut.csv.xz is cut off: its compressed data ends in the middle',
  },
  {
    file: 'flip.csv.xz',
    content: () => {
      const bytes = execFileSync('xz', ['-c'], { input: noise })
      bytes[40] ^= 0xff
      return bytes
    },
    code: 'import/truncated',
    says: 'The compressed data of flip.csv.xz is damaged before byte',
  },
  {
    file: 'twice.csv.zst',
    content: () => zstdCompressSync(zstdCompressSync(csv(0))),
    code: 'import/unknown-format',
    says: 'twice.csv.zst is compressed twice, the second time with Zstandard',
  },
  {
    file: 'kinds.zip',
    content: () => zip([...two, { name: 'c.fa', content: '>a\nACGTACGTACGTACGT\n' }]),
    code: 'import/unknown-format',
    says: 'kinds.zip/c.fa is genomics and kinds.zip/part/one.csv is timeseries.',
  },
]

describe('refused, with nothing left behind', () => {
  it.each(refused)('$file: $says', async ({ file, content, code, says, options }) => {
    await expect(project.add(file, content(), options)).rejects.toMatchObject({ code, message: expect.stringContaining(says) })
    expect(all(project.store, `SELECT id FROM dataset WHERE state = 'importing'`)).toEqual([])
  })
})

describe('left out and told, when bad records are to be skipped', () => {
  it.each([
    ['climb.zip', () => zip([...two, { name: '../evil.csv', content: csv(0) }]), 'refused', 'points outside the archive; it was left out.'],
    [
      'link.tar',
      () => tar([...two, { name: 'link.csv', type: '2' }]),
      'skipped',
      'link.tar/link.csv is a link, which may point outside the archive; it was left out.',
    ],
    [
      'empty.zip',
      () => zip([...two, { name: 'none.csv', content: '' }]),
      'skipped',
      'empty.zip/none.csv is empty (0 bytes); it was left out.',
    ],
    [
      'picture.zip',
      () => zip([...two, { name: 'a.png', content: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1') }]),
      'refused',
      'picture.zip/a.png is a PNG picture, which Strand does not read.',
    ],
  ] as const)('%s', async (file, content, severity, says) => {
    const before = listDatasets(project.store).length
    const detail = await project.add(file, content(), { onProblem: 'skip' })
    expect(detail.report.problems).toMatchObject([{ severity, message: expect.stringContaining(says) }])
    expect(detail.records).toBe(2)
    expect(listDatasets(project.store).length).toBe(before + 1)
  })
})
