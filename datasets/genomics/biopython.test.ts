/** What is read equals what Biopython reads, on sample files of its own tests: see fixtures/make.py. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { getStoredDataset, iterateRecords, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

const FOLDER = join(import.meta.dirname, 'fixtures')
interface Expected {
  records: { name: string; letters: string }[]
  quality?: number
}
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, Expected>

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

it.each(Object.entries(expected))('%s', async (file, { records, quality }) => {
  const { id, facts } = await project.add(file, readFileSync(join(FOLDER, file)))
  const dataset = getStoredDataset(project.store, id)
  const read = iterateRecords(project.store, id).map(({ name, start, length }) => ({
    name,
    letters: Buffer.from(readCells(project.store, dataset, start, length)).toString('latin1'),
  }))
  expect(read).toEqual(records)
  expect(facts['mean quality']).toBe(quality)
})
