import { afterEach, beforeEach, expect, it } from 'vitest'
import { testProject, type TestProject } from '../testing/project.ts'
import { describeQuality, queryRecords } from './quality.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

const lines = (n: number, of: (i: number) => string): string => Array.from({ length: n }, (_, i) => of(i)).join('\n')

it('labels by split, lengths, and the records behind each bar', async () => {
  const text = lines(100, (i) => `${i % 4 === 0 ? 'rare' : 'often'} ${'x'.repeat(10 + (i % 50))}${i}`)
  const { id, unit } = await project.add('l.txt', text, { labels: { from: 'line' } })
  expect(unit).toBe('characters')
  const { classes, lengths, unlabelled, notes } = describeQuality(project.store, id)
  expect(classes).toEqual([
    { label: 0, name: 'often', train: 60, validation: 8, test: 7, mixed: 0, records: 75 },
    { label: 1, name: 'rare', train: 20, validation: 2, test: 3, mixed: 0, records: 25 },
  ])
  expect(unlabelled).toBe(0)
  expect(notes).toEqual([])
  expect(lengths.reduce((sum, { records }) => sum + records, 0)).toBe(100)
  for (const [i, { from, to, records }] of lengths.entries()) {
    const end = i === lengths.length - 1 ? to : to - 1
    expect(queryRecords(project.store, { id, length: { from, to: end }, offset: 0, limit: 100 }).total).toBe(records)
  }
  const rare = queryRecords(project.store, { id, label: 1, split: 'test', offset: 1, limit: 1 })
  expect(rare.total).toBe(3)
  expect(rare.records).toMatchObject([{ label: 1, split: 'test' }])
})

it.each([
  ['never changes', (i: number) => `same ${i} word`, ['The label never changes: all 40 records of "n" are "same".']],
  [
    'nearly never changes',
    (i: number) => `${i === 3 ? 'odd' : 'even'} ${i} word`,
    [
      '97.5 % of the records are "even": always saying so is right that often. Look at macro F1 rather than accuracy.',
      'The validation split has no record of "odd".',
      'The test split has no record of "odd".',
    ],
  ],
  [
    'differs for one content',
    (i: number) => `${i % 2 ? 'a' : 'b'} ${i < 2 ? 'twice' : `word ${i}`}`,
    [
      '1 record repeats the content of another; 1 content occurs more than once.',
      '1 content has more than one label: no model can get all of them right.',
    ],
  ],
])('a label that %s is told', async (_case, of, notes) => {
  const { id } = await project.add('n.txt', lines(40, of), { labels: { from: 'line' } })
  expect(describeQuality(project.store, id).notes).toEqual(notes)
})

it('numbers and groups, and records of one length', async () => {
  const fasta = lines(30, (i) => `>r${i} y=${i / 10};g=${i % 3}\nACGTACGTAC`)
  const { id } = await project.add('n.fa', fasta, {
    labels: { from: 'header', pattern: 'y=(?<label>[\\d.]+);g=(?<group>\\d)', numbers: true },
  })
  const { values, groups, lengths, classes } = describeQuality(project.store, id)
  expect(classes).toEqual([])
  expect([values[0].from, values.at(-1)!.to, values.reduce((sum, { records }) => sum + records, 0)]).toEqual([0, 2.9, 30])
  expect(groups).toEqual(['0', '1', '2'].map((name) => ({ name, records: 10 })))
  expect(lengths).toEqual([{ from: 10, to: 10, records: 30 }])
  expect(
    queryRecords(project.store, { id, group: '1', value: { from: 1, to: 2 }, offset: 0, limit: 10 }).records.map(({ name }) => name),
  ).toEqual(['r10', 'r13', 'r16', 'r19'])
})
