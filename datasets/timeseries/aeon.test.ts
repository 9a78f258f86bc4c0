/** A file that aeon ships, in both of its formats, equals what a plain reader makes of it: see fixtures/make.py. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
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
