import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { all } from '../store/connection.ts'
import {
  checkProject,
  getDatasetDetail,
  getStoredDataset,
  iterateRecords,
  listDatasets,
  openProject,
  readCells,
  TIMES,
} from '../store/store.ts'
import { testProject, wav, type TestProject } from '../testing/project.ts'
import { importFiles, type ImportProgress } from './importFiles.ts'
import { inspectFiles } from './inspect.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

/** Letters from a small generator, so that a wrong window shows. */
function letters(n: number, alphabet: string): string {
  let x = 12_345
  return Array.from({ length: n }, () => alphabet[((x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16) % alphabet.length]).join('')
}
const wrapped = (text: string, width: number): string => text.replace(new RegExp(`.{${width}}`, 'g'), '$&\n')
const cellsOf = (id: number): Uint8Array =>
  readCells(project.store, getStoredDataset(project.store, id), 0, getStoredDataset(project.store, id).length)
const numbersOf = (id: number): number[] => [...new Float32Array(cellsOf(id).buffer)]

describe('content equals the source', () => {
  it('FASTA, over chunk borders, whatever the line width, compressed or not', async () => {
    const one = letters(150_000, 'ACGT')
    const two = letters(70_001, 'ACGTN')
    const file = `>one first\n${wrapped(one, 61)}\n>two\n${two}\n`
    const plain = await project.add('g.fa', file)
    const packed = await project.add('g.fa.gz', Buffer.concat([gzipSync(file.slice(0, 90_000)), gzipSync(file.slice(90_000))]))
    expect(Buffer.from(cellsOf(plain.id)).toString()).toBe(one + two)
    expect(iterateRecords(project.store, plain.id)).toMatchObject([
      { name: 'one', start: 0, length: 150_000 },
      { name: 'two', start: 150_000, length: 70_001 },
    ])
    expect(packed.hash).toBe(plain.hash)
    expect(plain.sources[0].sha256).toBe(createHash('sha256').update(file).digest('hex'))
    expect(plain.facts.GC).toBeCloseTo(0.5, 1)
  })

  it('text as characters and as bytes', async () => {
    const text = `${'Grüße an æ, “Ada” — 🙂\n'.repeat(40_000)}end`
    const char = await project.add('a.txt', text)
    const symbols = char.codec.symbols!
    expect([...cellsOf(char.id)].map((id) => symbols[id]).join('')).toBe(text)
    expect(symbols).toEqual([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!))
    const bytes = await project.add('b.txt', text, { tokens: 'byte' })
    expect(Buffer.from(cellsOf(bytes.id)).toString('utf8')).toBe(text)
    expect(bytes.unit).toBe('bytes')
  })

  it('tables: every number as JavaScript reads it, rounded to float32; times in their own clock', async () => {
    const values = ['1', '-2.5', '5.827000141143799', '1e-7', '+3.25E2', '0.1', '123456789012345678', '.5', '7.']
    const csv = `date,x,note,y\n${values.map((value, i) => `2016-07-01 ${String(i).padStart(2, '0')}:30:00,${value},"a, ""b""\nc",${i}`).join('\r\n')}`
    const detail = await project.add('t.csv', csv)
    expect(detail.codec.symbols).toEqual(['x', 'y'])
    expect(numbersOf(detail.id)).toEqual(values.flatMap((value, i) => [Math.fround(Number(value)), i]))
    const times = new Float64Array(readCells(project.store, getStoredDataset(project.store, detail.id), 0, values.length, TIMES).buffer)
    expect([...times]).toEqual(values.map((_, i) => Date.UTC(2016, 6, 1, i, 30)))
    expect(detail.facts.step).toBe('1 h')
  })

  it.each([
    ['semicolons and decimal commas', 'Zeit;a;b\n01.02.2020;1,5;2\n02.02.2020;2,5;3\n13.02.2020;3,5;-4\n', [1.5, 2, 2.5, 3, 3.5, -4]],
    ['tabs', 'a\tb\n1\t2\n3\t4\n', [1, 2, 3, 4]],
    ['blanks', '  1.0   2.0\n  3.0   4.0\n', [1, 2, 3, 4]],
    ['one column', 'temp\n1\n2\n3\n', [1, 2, 3]],
    ['a comment above', '# made by hand\na,b\n1,2\n3,4\n', [1, 2, 3, 4]],
    [
      '20,000 columns',
      `${Array.from({ length: 20_000 }, (_, i) => `column number ${i}`).join(',')}\n${'1,'.repeat(19_999)}2\n${'3,'.repeat(19_999)}4\n`,
      [...new Array<number>(19_999).fill(1), 2, ...new Array<number>(19_999).fill(3), 4],
    ],
    ['years', 'year,v\n1999,1\n2000,2\n2001,3\n', [1, 2, 3]],
    ['a row counter', ',v\n0,5\n1,6\n2,7\n', [5, 6, 7]],
  ] as [string, string, number[]][])('tables with %s', async (_, csv, expected) => {
    expect(numbersOf((await project.add('t.csv', csv)).id)).toEqual(expected)
  })

  it('missing values repeat the last one when asked', async () => {
    const detail = await project.add('t.csv', 'a,b\n1,NaN\nNA,2\n,\n4,5\n', { missing: 'previous' })
    expect(numbersOf(detail.id)).toEqual([1, NaN, 1, 2, 1, 2, 4, 5])
  })

  it('WAV in every coding gives the same sound', async () => {
    const sine = Array.from({ length: 500 }, (_, i) => 0.5 * Math.sin(i / 5))
    const bytes = (width: number, put: (buffer: Buffer, value: number, at: number) => void): Buffer => {
      const buffer = Buffer.alloc(sine.length * width)
      sine.forEach((value, i) => put(buffer, value, i * width))
      return buffer
    }
    const codings: [string, Buffer, object, number][] = [
      ['u8', bytes(1, (b, v, at) => b.writeUInt8(Math.round(v * 128) + 128, at)), { bits: 8 }, 0.01],
      ['s16', bytes(2, (b, v, at) => b.writeInt16LE(Math.round(v * 32_768), at)), {}, 1e-4],
      [
        'extensible',
        bytes(2, (b, v, at) => b.writeInt16LE(Math.round(v * 32_768), at)),
        { extensible: 1, before: Buffer.from('LIST\x03\0\0\0abc\0', 'latin1') },
        1e-4,
      ],
      ['s24', bytes(3, (b, v, at) => b.writeIntLE(Math.round(v * 8_388_608), at, 3)), { bits: 24 }, 1e-6],
      ['s32', bytes(4, (b, v, at) => b.writeInt32LE(Math.round(v * 2_147_483_647), at)), { bits: 32 }, 1e-6],
      ['f32', bytes(4, (b, v, at) => b.writeFloatLE(v, at)), { bits: 32, tag: 3 }, 1e-6],
      ['f64', bytes(8, (b, v, at) => b.writeDoubleLE(v, at)), { bits: 64, tag: 3 }, 1e-6],
    ]
    for (const [name, data, spec, tolerance] of codings) {
      const detail = await project.add(`${name}.wav`, wav(data, spec))
      const { buffer } = cellsOf(detail.id)
      const dataset = getStoredDataset(project.store, detail.id)
      const samples = dataset.cell === 'i16' ? [...new Int16Array(buffer)].map((v) => v / 32_768) : [...new Float32Array(buffer)]
      expect(Math.max(...samples.map((sample, i) => Math.abs(sample - sine[i]))), name).toBeLessThan(tolerance)
    }
  })

  it('resamples a tone to the rate asked for, with its pitch and loudness', async () => {
    const data = Buffer.alloc(2 * 44_100)
    for (let i = 0; i < 44_100; i++) data.writeInt16LE(Math.round(16_000 * Math.sin((2 * Math.PI * 1000 * i) / 44_100)), 2 * i)
    const detail = await project.add('tone.wav', wav(data, { rate: 44_100 }), { sampleRate: 16_000 })
    const samples = new Int16Array(cellsOf(detail.id).buffer)
    expect(samples).toHaveLength(16_000)
    for (let i = 100; i < 15_900; i++) expect(Math.abs(samples[i] - 16_000 * Math.sin((2 * Math.PI * 1000 * i) / 16_000))).toBeLessThan(20)
  })

  it('a folder of files is one dataset, in natural order', async () => {
    for (const i of [10, 2, 1]) project.file(`clips/${i}_a.wav`, wav(new Uint8Array(2 * i)))
    const { datasetId } = await importFiles(project.store, { paths: [join(project.folder, 'files/clips')], options: {} })
    const detail = getDatasetDetail(project.store, datasetId)
    expect(detail.name).toBe('clips')
    expect(detail.recordsPage.map(({ name, length }) => [name, length])).toEqual([
      ['1_a', 1],
      ['2_a', 2],
      ['10_a', 10],
    ])
  })
})

describe('all or nothing', () => {
  const long = `>a\n${wrapped(letters(61 * 450_000, 'ACGT'), 60)}\n`

  it('a cancelled import leaves no row and no byte', async () => {
    const abort = new AbortController()
    const seen: ImportProgress[] = []
    const importing = project.add(
      'long.fa',
      long,
      {},
      {
        signal: abort.signal,
        onProgress: (progress) => {
          seen.push(progress)
          abort.abort()
        },
      },
    )
    await expect(importing).rejects.toMatchObject({ code: 'cancelled', message: expect.stringContaining('Nothing was kept.') })
    expect(seen[0].phase).toMatch(/long\.fa|looking/)
    expect(listDatasets(project.store)).toEqual([])
    expect(all(project.store, 'SELECT count(*) AS n FROM chunk')).toEqual([{ n: 0 }])
    expect(statSync(join(project.store.folder, 'project.sqlite')).size).toBeLessThan(1_000_000)
  })

  it('a process killed in the middle leaves no dataset, an intact database, and its disk', async () => {
    const path = project.file('long.fa', long)
    const folder = join(project.folder, 'killed')
    const script = `
      import { openProject } from ${JSON.stringify(new URL('../store/store.ts', import.meta.url).href)}
      import { importFiles } from ${JSON.stringify(new URL('./importFiles.ts', import.meta.url).href)}
      const store = openProject(${JSON.stringify(folder)})
      let pieces = 0
      const signal = { get aborted() { if (++pieces > 20) process.kill(process.pid, 'SIGKILL'); return false } }
      await importFiles(store, { paths: [${JSON.stringify(path)}], options: {} }, { signal })
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
    const [, signal] = (await once(child, 'exit')) as [number | null, string]
    expect(signal).toBe('SIGKILL')
    expect(statSync(join(folder, 'project.sqlite-wal')).size).toBeGreaterThan(4_000_000)
    const store = openProject(folder)
    expect(listDatasets(store)).toEqual([])
    expect(all(store, 'SELECT count(*) AS n FROM dataset')).toEqual([{ n: 0 }])
    expect(all(store, 'SELECT count(*) AS n FROM chunk')).toEqual([{ n: 0 }])
    expect(checkProject(store)).toBeNull()
    store.close()
    expect(statSync(join(folder, 'project.sqlite')).size).toBeLessThan(1_000_000)
  })

  it('a full disk is told as one, and leaves nothing', async () => {
    // SQLite's own limit fails the way a full disk does, with SQLITE_FULL
    all(project.store, 'PRAGMA max_page_count = 300')
    await expect(project.add('long.fa', long)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('is full. Free some space'),
    })
    all(project.store, 'PRAGMA max_page_count = 1000000')
    expect(all(project.store, 'SELECT count(*) AS n FROM dataset')).toEqual([{ n: 0 }])
    expect((await project.add('small.fa', '>a\nACGT\n')).length).toBe(4)
  })

  it('a decompression bomb is refused while it unfolds', async () => {
    const member = gzipSync(Buffer.alloc(1_048_576, 'A'))
    const bomb = Buffer.concat(new Array<Buffer>(400).fill(member))
    await expect(project.add('bomb.fa.gz', bomb)).rejects.toMatchObject({
      code: 'import/too-large',
      message: expect.stringContaining('bomb.fa.gz expands more than 500 times when decompressed'),
    })
    expect(listDatasets(project.store)).toEqual([])
  })

  it('reports progress up to the end', async () => {
    const seen: ImportProgress[] = []
    await project.add('long.fa', long, {}, { onProgress: (progress) => seen.push(progress) })
    const fractions = seen.map(({ fraction }) => fraction)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(seen.at(-1)).toMatchObject({ fraction: 1, phase: 'done' })
  })
})

describe('inspect', () => {
  it('shows what a file is without reading it whole', async () => {
    const fasta = await inspectFiles([project.file('a.fa', `>one\nACGT\n>two\nGGGG\n`)])
    expect(fasta).toMatchObject({ domain: 'genomics', format: 'FASTA', records: 2, suggestedName: 'a', compressed: false })
    expect(fasta.firstRecords[0]).toEqual({ name: 'one', length: 4, excerpt: 'ACGT' })
    const big = project.file('big.fa.gz', gzipSync(`>a\n${wrapped(letters(3_000_000, 'ACGT'), 60)}\n`))
    const started = performance.now()
    const preview = await inspectFiles([big])
    expect(performance.now() - started).toBeLessThan(300)
    expect(preview).toMatchObject({ records: null, compressed: true, firstRecords: [{ name: 'a', length: null }] })
    const table = await inspectFiles([project.file('t.csv', 'date,a,b\n2020-01-01,1,x\n2020-01-02,2,y\n')])
    expect(table).toMatchObject({ domain: 'timeseries', columns: ['date', 'a', 'b'], format: 'CSV, 1 channel, times in "date"' })
  })

  it('answers a refusal in place of an error', async () => {
    expect((await inspectFiles([project.file('e.fa', '')])).refusal).toBe('e.fa is empty (0 bytes). Choose a file with data in it.')
    expect((await inspectFiles([project.file('p.fa', '>p\nMKLV\n')], { tokens: 'nucleotide' })).refusal).toContain(
      'Line 2 of p.fa (record "p") holds "L"',
    )
    expect((await inspectFiles([join(project.folder, 'none')])).refusal).toContain('There is no file at')
  })
})

it('reads nothing by its name: a FASTA called .csv and a table called .fa', async () => {
  expect((await project.add('x.csv', '>a\nACGTACGTACGTACGTACGT\n')).domain).toBe('genomics')
  expect((await project.add('x.fa', 'a,b\n1,2\n3,4\n')).domain).toBe('timeseries')
})
