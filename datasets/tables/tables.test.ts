/** What is read equals what pandas and numpy read: see fixtures/README.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { importFiles } from '../importing/importFiles.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { getDatasetDetail, getStoredDataset, readCells, TIMES } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
type Columns = Record<string, (number | string | null)[]>
const expected = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as Record<string, Columns> & Record<string, number[]>

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

async function read(file: string, options: ImportOptions = {}): Promise<DatasetDetail> {
  const { datasetId } = await importFiles(project.store, { paths: [join(FIXTURES, file)], options })
  return getDatasetDetail(project.store, datasetId)
}
const numbers = ({ id, length }: DatasetDetail): (number | null)[] =>
  [...new Float32Array(readCells(project.store, getStoredDataset(project.store, id), 0, length).buffer)].map((v) => (v === v ? v : null))
const times = ({ id, length }: DatasetDetail): number[] => [
  ...new Float64Array(readCells(project.store, getStoredDataset(project.store, id), 0, length, TIMES).buffer),
]
const textOf = ({ id, length, codec }: DatasetDetail): string => {
  const cells = [...readCells(project.store, getStoredDataset(project.store, id), 0, length)]
  return codec.symbols ? cells.map((cell) => codec.symbols![cell]).join('') : Buffer.from(cells).toString('utf8')
}
/** Columns of the fixture → rows in order, as they are stored. */
const rowsOf = (columns: Columns, names: string[]): (number | null)[] =>
  columns[names[0]].flatMap((_, row) => names.map((name) => columns[name][row] as number | null))

describe('one table in every format', () => {
  it.each([
    'series-snappy.parquet',
    'series-gzip.parquet',
    'series-zstd.parquet',
    'series-brotli.parquet',
    'series-none.parquet',
    'series-lz4.feather',
    'series-zstd.feather',
    'series-plain.feather',
    'series.arrows',
    'series.xlsx',
  ])('%s', async (file) => {
    const detail = await read(file)
    expect(detail).toMatchObject({
      domain: 'timeseries',
      format: /parquet/.test(file) ? 'Parquet' : /xlsx/.test(file) ? 'Excel, sheet "Flow & level"' : 'Arrow',
      length: 40,
      records: 1,
    })
    expect(detail.codec.symbols).toEqual(['flow', 'level', 'count', 'on'])
    expect(numbers(detail)).toEqual(rowsOf(expected.series, ['flow', 'level', 'count', 'on']))
    expect(times(detail)).toEqual(expected.series.when)
    expect(detail.facts).toMatchObject({ step: '1 h', missing: 2 })
    expect(detail.sources[0].sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each(['texts.parquet', 'texts.csv', 'texts.jsonl', 'texts.json', 'texts.xlsx'])(
    '%s: a record for each text, with its label',
    async (file) => {
      const detail = await read(file)
      expect(detail).toMatchObject({ domain: 'text', records: 4, labels: { kind: 'class', names: ['a', 'b'] } })
      expect(textOf(detail)).toBe((expected.texts.text as string[]).join(''))
      expect(detail.recordsPage.map(({ label }) => label)).toEqual([0, 1, 0, 1])
      const preview = await inspectFiles([join(FIXTURES, file)])
      expect(preview.table!.columns.map(({ role }) => role)).toEqual(['text', 'label', 'ignore'])
      expect(preview.firstRecords[1].excerpt).toBe('Zwei Zeilen\nin einer Zelle.')
    },
  )

  it('chats in JSON lines are texts of turns, each below a line with its role', async () => {
    const lines = [
      {
        id: 'a',
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'What is 2 + 2?' },
          { role: 'assistant', content: '4' },
        ],
      },
      {
        id: 'b',
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'A river?' }] },
          { role: 'assistant', content: null, tool_calls: [] },
          { role: 'assistant', content: 'Rhine' },
        ],
      },
    ]
    const first = 'system:\nBe short.\n\nuser:\nWhat is 2 + 2?\n\nassistant:\n4'
    const content = lines.map((line) => JSON.stringify(line)).join('\n')
    const preview = await inspectFiles([project.file('chats.jsonl', content)])
    expect(preview.firstRecords[0]).toMatchObject({ name: 'a', excerpt: first })
    expect(preview.reason).toBe(
      'Each line is a JSON object, with the text in "messages", its turns one after another, each below a line with its role.',
    )
    const detail = await project.add('chats.jsonl', content)
    expect(textOf(detail)).toBe(`${first}user:\nA river?\n\nassistant:\nRhine`)
    expect(detail.report.problems.map(({ message }) => message)).toContain(
      '"messages" of chats.jsonl holds chats: each turn was written as a line with its role, such as "user:", and its words below it.',
    )
    const shared = { conversations: [{ from: 'human', value: 'Hello' }, { from: 'gpt', value: 'Good day' }] } // prettier-ignore
    expect(textOf(await project.add('shared.jsonl', `${JSON.stringify(shared)}\n${JSON.stringify(shared)}\n`))).toBe(
      'human:\nHello\n\ngpt:\nGood day'.repeat(2),
    )
  })

  it('another column can be the text, and be left out', async () => {
    const detail = await read('texts.jsonl', { domain: 'text', table: { roles: { label: 'text', text: 'ignore' } } })
    expect(textOf(detail)).toBe('abab')
    expect(detail.labels).toBeNull()
  })
})

describe('columns said to hold label, text and group', () => {
  it('a number of any column is what to predict', async () => {
    const detail = await read('texts.csv', { labels: { from: 'column', column: 'score', text: 'text', numbers: true } })
    expect(detail).toMatchObject({ domain: 'text', labels: { kind: 'number' } })
    expect(detail.recordsPage.map(({ label }) => label)).toEqual([1, 2, 3, 4])
  })

  it('a column of sequences makes sequences, with classes and groups', async () => {
    const rows = ['ACGTACGTACGTAA,x,p1', 'ACGGACGTACGTAC,y,p1', 'ACGTACGTTCGTAA,x,p2']
    const detail = await project.add('s.csv', `seq,class,patient\n${rows.join('\n')}\n`, {
      labels: { from: 'column', column: 'class', text: 'seq', group: 'patient' },
    })
    expect(detail).toMatchObject({ domain: 'genomics', format: 'CSV', length: 42, labels: { kind: 'class', names: ['x', 'y'] } })
    expect(detail.recordsPage.map(({ label, group }) => [label, group])).toEqual([
      [0, 'p1'],
      [1, 'p1'],
      [0, 'p2'],
    ])
  })

  it('without a text, each row of numbers is a series', async () => {
    const detail = await project.add('r.csv', 'kind,a,b,c\nup,1,2,3\ndown,3,2,\nup,4,5,6\n', { labels: { from: 'column', column: 'kind' } })
    expect(detail.recordsPage.map(({ label, length }) => [label, length])).toEqual([
      [1, 3],
      [0, 2],
      [1, 3],
    ])
    expect(numbers(detail)).toEqual([1, 2, 3, 3, 2, 4, 5, 6])
  })
})

describe('CSV in other ways of writing', () => {
  it('Windows-1252, semicolons, decimal comma, points between thousands, a row of units', async () => {
    const detail = await read('european.csv')
    expect(detail.codec.symbols).toEqual(['Wärme', 'Druck'])
    expect(numbers(detail)).toEqual(rowsOf(expected.european, ['Wärme', 'Druck']))
    expect(detail.format).toBe('CSV with semicolons, decimal comma, grouped thousands')
    expect(detail.report.problems.map(({ message }) => message).join()).toContain('Latin-1 (Windows-1252)')
    expect(detail.facts.step).toBe('1 h')
  })

  it.each(['long.csv', 'long-in-turns.csv'])('%s: a record for each id, its rows in order', async (file) => {
    const detail = await read(file)
    expect(detail.recordsPage.map(({ name, length }) => [name, length])).toEqual([
      ['A', 5],
      ['B', 5],
      ['C', 5],
    ])
    expect(numbers(detail)).toEqual(expected.long.y)
    expect(detail.facts).toMatchObject({ step: '1 d', channels: 1 })
  })

  it.each(['linear', 'previous'] as const)('missing values: %s equals pandas', async (missing) => {
    const detail = await read('gaps.csv', { missing })
    expect(numbers(detail)).toEqual(rowsOf(expected[missing], ['a', 'b']))
    expect(detail.report.problems[0].message).toContain('4 of 12 values are missing')
  })

  it('missing values: records end there', async () => {
    const detail = await read('gaps.csv', { missing: 'split' })
    expect(detail.recordsPage.map(({ name, length }) => [name, length])).toEqual([
      ['gaps', 1],
      ['gaps, part 2', 4],
      ['gaps, part 3', 2],
    ])
    expect(numbers(detail)).toEqual([2, 2, 5, 5, 6, 6, 7, 7, 8, 8, 10, 10, 11, 11])
  })
})

describe('NumPy arrays', () => {
  it('records, time, channels; also turned round and in the other byte order', async () => {
    const detail = await read('cube.npy')
    expect(detail.recordsPage.map(({ name, length }) => [name, length]).at(-1)).toEqual(['cube 4', 25])
    expect(numbers(detail)).toEqual(expected.cube)
    expect(numbers(await read('cube-fortran.npy'))).toEqual(expected.cube)
  })

  it('the axes can be chosen', async () => {
    const detail = await read('cube.npy', { axes: 'record-channel-time' })
    expect([detail.recordsPage[0].length, detail.facts.channels]).toEqual([3, 25])
    expect(numbers(detail).slice(0, 3)).toEqual([expected.cube[0], expected.cube[3], expected.cube[6]])
  })

  it('whole numbers, halves, infinity', async () => {
    expect(numbers(await read('flat-int16.npy'))).toEqual(Array.from({ length: 20 }, (_, i) => i - 5))
    expect(numbers(await read('half.npy'))).toEqual([0.5, -2, Math.fround(5.960464477539063e-8), 65_504])
  })

  it('an .npz: training and test sets with their labels', async () => {
    const detail = await read('sets.npz')
    expect(detail).toMatchObject({ records: 6, labels: { kind: 'class', names: ['0', '1', '2'] } })
    expect(detail.recordsPage.map(({ label }) => label)).toEqual([0, 1, 1, 2, 2, 0])
    expect(numbers(detail).slice(0, 300)).toEqual(expected.cube)
    expect(detail.recordsPage.slice(4).map(({ split }) => split)).toEqual(['test', 'test'])
  })
})

describe('EDF and BDF', () => {
  it.each(['night.edf', 'night.bdf'])('%s in physical units', async (file) => {
    const detail = await read(file)
    expect(detail.codec.symbols).toEqual(['EEG Fpz-Cz (uV)'])
    const values = numbers(detail) as number[]
    expect(values).toHaveLength(expected[file].length)
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[file][i], 3))
    expect(times(detail)[0]).toBe(Date.UTC(2019, 2, 2, 22, 15, 30))
    expect(detail.report.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('Signal "Temp rectal" of'),
      expect.stringContaining(`1 annotation in ${file} was passed over.`),
    ])
  })

  it('a gap of an EDF+D recording stays missing, with its times, or ends the record', async () => {
    const detail = await read('gap.edf')
    expect(numbers(detail).slice(16, 32)).toEqual(new Array(16).fill(null))
    expect(times(detail)[32]).toBe(Date.UTC(2019, 2, 2, 22, 15, 34))
    expect(detail.length).toBe(40)
    expect((await read('gap.edf', { missing: 'split' })).recordsPage.map(({ length }) => length)).toEqual([16, 8])
  })
})

it('an ARFF attribute declared as words is none of numbers, whatever its first rows hold', async () => {
  const rows = Array.from({ length: 12 }, (_, i) => `${i / 4},'${i === 11 ? 'D' : i}'`).join('\n')
  const detail = await project.add('boats.arff', `@relation t\n@attribute fare numeric\n@attribute boat string\n@data\n${rows}\n`)
  expect(numbers(detail)).toEqual(Array.from({ length: 12 }, (_, i) => i / 4))
  expect(detail.report.problems[0].message).toBe('Column "boat" of boats.arff was left out: it holds words, not numbers.')
})
