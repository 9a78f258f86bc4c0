/** A file that aeon ships, in both of its formats, equals what a plain reader makes of it: see fixtures/make.py. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { previewDataset } from '../preview/preview.ts'
import { getStoredDataset, listRecords, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

const FOLDER = join(import.meta.dirname, 'fixtures')
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as {
  labels: string[]
  sums: number[]
  first: number[]
  last: number[]
}

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

it.each(['ItalyPowerDemand_TRAIN.ts.txt', 'ItalyPowerDemand_TRAIN.arff'])('%s', async (name) => {
  const { id, labels, length } = await project.add(name, readFileSync(join(FOLDER, name)))
  const classes = labels?.kind === 'class' ? labels.names : []
  expect(listRecords(project.store, id, 0, 100).map(({ label }) => classes[label!])).toEqual(expected.labels)
  const values = new Float32Array(readCells(project.store, getStoredDataset(project.store, id), 0, length).buffer)
  const cases = expected.sums.map((_, i) => values.subarray(24 * i, 24 * i + 24))
  expect([...cases[0]]).toEqual(expected.first.map(Math.fround))
  expect([...cases.at(-1)!]).toEqual(expected.last.map(Math.fround))
  cases.forEach((one, i) => expect(one.reduce((sum, value) => sum + value, 0)).toBeCloseTo(expected.sums[i], 10))
})

it('time stamps that are numbers are shown as numbers, those that are dates as dates', async () => {
  const file = (one: string, two: string): string =>
    `@problemName x\n@timeStamps true\n@univariate true\n@classLabel true a b\n@data\n(${one},1.5),(${two},2):a\n(${one},3),(${two},4):b\n`
  const times = async (one: string, two: string): Promise<unknown> => {
    const { id } = await project.add('stamps.ts', file(one, two))
    return (previewDataset(project.store, { id }) as { times: unknown }).times
  }
  expect(await times('0', '12.5')).toEqual(['0', '12.5'])
  expect(await times('2011-06-01 00:00:00', '2011-06-01 01:00:00')).toEqual(['2011-06-01 00:00:00', '2011-06-01 01:00:00'])
})

it('an ARFF of nothing but dates is refused with a sentence, not read as prose', async () => {
  const content =
    '@relation r\n@attribute begin date "yyyy-MM-dd"\n@attribute end date "yyyy-MM-dd"\n@data\n2020-01-01,2020-02-01\n2020-01-02,2020-02-02\n'
  await expect(project.add('dates.arff', content)).rejects.toThrow(
    'dates.arff holds nothing but times (begin, end), and no values that a model could learn from them. Add a column of numbers, or import it as text.',
  )
})
