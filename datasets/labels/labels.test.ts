import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { importFiles } from '../importing/importFiles.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { DatasetWriter, getDataset, getDatasetDetail, listRecords, type RecordStart } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

const report = { accepted: 1, repaired: 0, skipped: 0, refused: 0, problems: [] }

function write(records: (RecordStart & { late?: Partial<RecordStart> })[], classes?: string[]): number {
  const writer = new DatasetWriter(project.store, { name: 'd', domain: 'text', format: 'x', unit: 'bytes', cell: 'u8', channels: 1 })
  if (classes) writer.declareClasses(classes)
  for (const { late, ...record } of records) {
    writer.beginRecord(record)
    writer.append(new Uint8Array([1, 2]))
    writer.endRecord(late)
  }
  const plan = { rule: 'all', records: records.map(() => 'train' as const) }
  return writer.seal({ sources: [], options: {}, report, facts: {}, codec: { kind: 'byte' }, layout: {}, plan })
}
const labels = (id: number): (number | null)[] => listRecords(project.store, id, 0, 100).map((record) => record.label)

it('numbers classes in order of their names, whatever came first, and says nothing where there is no label', () => {
  const id = write([{ name: 'a', label: '10' }, { name: 'b', label: '2' }, { name: 'c' }, { name: 'd', late: { label: '10', group: 'g' } }])
  expect(getDataset(project.store, id).labels).toEqual({ kind: 'class', names: ['2', '10'] })
  expect(labels(id)).toEqual([1, 0, null, 1])
  expect(listRecords(project.store, id, 3, 1)[0].group).toBe('g')
  expect(getDataset(project.store, write([{ name: 'a' }])).labels).toBeNull()
})

it('keeps the order a file declares, also of a class that no record has', () => {
  const id = write(
    [
      { name: 'a', label: 'N' },
      { name: 'b', label: 'EI' },
    ],
    ['EI', 'IE', 'N'],
  )
  expect(getDataset(project.store, id).labels).toEqual({ kind: 'class', names: ['EI', 'IE', 'N'] })
  expect(labels(id)).toEqual([2, 0])
})

it('keeps numbers as they are, and refuses a mix of both kinds', () => {
  const id = write([
    { name: 'a', label: 0.25 },
    { name: 'b', label: -3 },
  ])
  expect(getDataset(project.store, id).labels).toEqual({ kind: 'number' })
  expect(labels(id)).toEqual([0.25, -3])
  expect(() =>
    write([
      { name: 'a', label: 'x' },
      { name: 'b', label: 1 },
    ]),
  ).toThrow('a dataset holds one')
})

it('counts labels and groups into the hash of the content', () => {
  const hash = (record: RecordStart): string => getDataset(project.store, write([record])).hash
  const plain = hash({ name: 'a' })
  expect(hash({ name: 'a' })).toBe(plain)
  expect(hash({ name: 'a', label: 'x' })).not.toBe(plain)
  expect(hash({ name: 'a', group: 'x' })).not.toBe(plain)
})

describe('label sources', () => {
  const names = async (paths: string[], options: ImportOptions): Promise<(string | null)[][]> => {
    const { datasetId } = await importFiles(project.store, { paths, options })
    const { labels } = getDataset(project.store, datasetId)
    return listRecords(project.store, datasetId, 0, 100).map(({ label, group }) => [
      label === null ? null : labels?.kind === 'class' ? labels.names[label] : String(label),
      group,
    ])
  }

  it('the folder of each file; a pattern reads the whole path', async () => {
    const paths = ['cat/1.txt', 'cat/2.txt', 'dog/1.txt'].map((name) => project.file(`pets/${name}`, 'meow woof'))
    expect(await names(paths, { labels: { from: 'folder' } })).toEqual([
      ['cat', null],
      ['cat', null],
      ['dog', null],
    ])
    expect(await names(paths, { labels: { from: 'folder', pattern: '(?<group>\\w+)/(?<label>\\w+)/\\d' } })).toEqual([
      ['cat', 'pets'],
      ['cat', 'pets'],
      ['dog', 'pets'],
    ])
  })

  it('the name of each file; with a pattern its label and group', async () => {
    const paths = ['0_theo_1.txt', '7_lucas_0.txt', '7_theo_2.txt'].map((name) => project.file(name, 'words'))
    const pattern = '(?<label>\\d)_(?<group>[a-z]+)_\\d+'
    expect(await names(paths, { labels: { from: 'file', pattern } })).toEqual([
      ['0', 'theo'],
      ['7', 'lucas'],
      ['7', 'theo'],
    ])
    expect(await names(paths, { labels: { from: 'file', pattern, numbers: true } })).toEqual([
      ['0', 'theo'],
      ['7', 'lucas'],
      ['7', 'theo'],
    ])
    const genes = [project.file('promoter.fa', '>a\nACGT\n>b\nACGA\n'), project.file('other.fa', '>c\nACGG\n')]
    expect(await names(genes, { labels: { from: 'file' } })).toEqual([
      ['promoter', null],
      ['promoter', null],
      ['other', null],
    ])
  })

  it('a field of a FASTA header; records it does not match have none, and the report says so', async () => {
    const path = project.file('h.fa', '>a class=x;chr=1\nACGT\n>b\nACGT\n>c class=y;chr=2\nACGT\n')
    const options: ImportOptions = { labels: { from: 'header', pattern: 'class=(?<label>\\w+);chr=(?<group>\\w+)' } }
    expect(await names([path], options)).toEqual([
      ['x', '1'],
      [null, null],
      ['y', '2'],
    ])
    const { datasetId } = await importFiles(project.store, { paths: [path], options })
    expect(getDatasetDetail(project.store, datasetId).report.problems.map(({ message }) => message)).toEqual([
      '1 of 3 records has no label: the pattern class=(?<label>\\w+);chr=(?<group>\\w+) does not match, in "b" in h.fa. It is kept, and classification leaves it out.',
    ])
  })

  it('the first word of a line, what comes before a tab, or a pattern', async () => {
    const lines = project.file('l.txt', '1 good film\n0 bad\r\n\n__label__1 fine\n')
    expect(await names([lines], { labels: { from: 'line' } })).toEqual([
      ['1', null],
      ['0', null],
      ['1', null],
    ])
    const detail = await project.add('tab.txt', 'very good\tgood film\nbad\tno\n', { labels: { from: 'line' } })
    expect(detail.labels).toEqual({ kind: 'class', names: ['bad', 'very good'] })
    expect(detail.codec.symbols!.join('')).toBe(' dfgilmno')
    const own = project.file('p.txt', 'DESC:manner How did it ?\nNUM:date When ?\n')
    expect(await names([own], { labels: { from: 'line', pattern: '^(?<label>[A-Z]+):\\w+ (?<text>.*)$' } })).toEqual([
      ['DESC', null],
      ['NUM', null],
    ])
  })

  it('files named train, dev and test are the published split', async () => {
    const paths = ['s.train', 's.dev', 's.test'].map((name) => project.file(name, '1 a b\n0 b a\n'))
    const { datasetId } = await importFiles(project.store, { paths, options: { labels: { from: 'line' } } })
    expect(listRecords(project.store, datasetId, 0, 10).map(({ split }) => split)).toEqual([
      'train',
      'train',
      'validation',
      'validation',
      'test',
      'test',
    ])
  })

  it.each([
    [{ from: 'file', pattern: '(' }, 'no regular expression'],
    [{ from: 'file', pattern: 'x' }, 'names no part'],
    [{ from: 'file', pattern: '(?<label>\\d+)_' }, 'None of the 1 record gets a label'],
    [{ from: 'file', numbers: true }, 'not a number'],
    [{ from: 'header' }, 'need a pattern'],
    [{ from: 'line', pattern: '(?<label>x)' }, 'named groups label and text'],
  ] as const)('%o is refused: %s', async (labels, sentence) => {
    await expect(project.add('a.fa', '>a\nACGT\n', { domain: labels.from === 'line' ? 'text' : 'genomics', labels })).rejects.toThrow(
      sentence,
    )
  })
})

it('a preview shows what the choice finds, before anything is imported', async () => {
  const shown = async (path: string, labels: ImportOptions['labels']): Promise<unknown[]> => {
    const { firstRecords, refusal } = await inspectFiles([path], { labels })
    return refusal ? [refusal] : firstRecords.map(({ name, label, group }) => [name, label, group])
  }
  const fasta = project.file('0_theo_1.fa', '>a class=x;chr=1\nACGT\n>b\nACGT\n')
  expect(await shown(fasta, { from: 'file', pattern: '(?<label>\\d)_(?<group>[a-z]+)' })).toEqual([
    ['a', '0', 'theo'],
    ['b', '0', 'theo'],
  ])
  expect(await shown(fasta, { from: 'header', pattern: 'class=(?<label>\\w+)' })).toEqual([
    ['a', 'x', undefined],
    ['b', null, undefined],
  ])
  expect(await shown(fasta, undefined)).toEqual([
    ['a', undefined, undefined],
    ['b', undefined, undefined],
  ])
  expect(await shown(fasta, { from: 'file', pattern: '(' })).toEqual([expect.stringContaining('no regular expression')])
  const lines = project.file('l.txt', 'good a film\nbad no\n')
  expect(await shown(lines, { from: 'line' })).toEqual([
    ['l.txt line 1', 'good', undefined],
    ['l.txt line 2', 'bad', undefined],
  ])
})
