import { afterEach, beforeEach, expect, it } from 'vitest'
import { planSplits } from '../splits/planSplits.ts'
import { importFiles } from '../importing/importFiles.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { all, first } from './connection.ts'
import {
  addVersion,
  createRun,
  deleteDataset,
  getDataset,
  getDatasetDetail,
  getRun,
  getStoredDataset,
  listDatasets,
  listSegments,
  listVersions,
  plannedRecords,
  readCells,
  renameDataset,
} from './store.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

const fasta = (n: number): string => Array.from({ length: n }, (_, i) => `>r${i}\n${'ACGT'.repeat(3 + i)}\n`).join('')

async function dataset(): Promise<number> {
  return (await project.add('a.fa', fasta(12))).id
}

function resplit(id: number, train: number): number {
  const options = { split: { train, validation: 0, test: 1 - train } }
  const plan = planSplits(plannedRecords(project.store, id), 'genomics', options)
  return addVersion(project.store, id, { change: 'Split again.', plan, options })
}

const text = (id: number): string => {
  const stored = getStoredDataset(project.store, id)
  return Buffer.from(readCells(project.store, stored, 0, stored.length)).toString()
}

it('a new split is a new version over the same cells; runs keep theirs', async () => {
  const { store } = project
  const one = await dataset()
  const metric = { name: 'Loss', unit: 'bits', scale: 1, token: 'base' }
  const config = { training: { steps: 1 } } as Parameters<typeof createRun>[1]['config']
  const runId = createRun(store, { name: 'r', datasetId: one, preset: 'p', config, device: 'cpu', metric, parameters: 1 })
  const cells = (): number => first<{ n: number }>(store, 'SELECT count(*) AS n FROM chunk')!.n
  const before = cells()
  const two = resplit(one, 0.5)
  expect(two).not.toBe(one)
  expect(cells()).toBe(before)
  expect(text(two)).toBe(text(one))
  expect(listSegments(store, one, 'validation')).not.toEqual([])
  expect(listSegments(store, two, 'validation')).toEqual([])
  expect(getDatasetDetail(store, two).options.split).toEqual({ train: 0.5, validation: 0, test: 0.5 })
  expect(listVersions(store, one)).toMatchObject([
    { id: one, version: 1, change: 'Imported from a.fa.', runs: 1 },
    { id: two, version: 2, change: 'Split again.', runs: 0 },
  ])
  expect(listVersions(store, two)).toEqual(listVersions(store, one))
  expect(listDatasets(store).map(({ id, version }) => [id, version])).toEqual([[two, 2]])
  expect(getRun(store, runId).datasetId).toBe(one)
  expect(() => deleteDataset(store, one)).toThrow('1 run was trained on version 1 of "a". Delete it first, then the dataset.')
})

it('the same split again is the same version, by its hash', async () => {
  const one = await dataset()
  const two = resplit(one, 0.5)
  expect(resplit(one, 0.5)).toBe(two)
  expect(resplit(two, 0.6)).toBe(two + 1)
  const hashes = listVersions(project.store, one).map(({ hash }) => hash)
  expect(new Set(hashes).size).toBe(3)
})

it('a name is not part of a version and belongs to all', async () => {
  const one = await dataset()
  const two = resplit(one, 0.5)
  const { hash } = getDataset(project.store, two)
  renameDataset(project.store, two, 'new name')
  expect(getDataset(project.store, one).name).toBe('new name')
  expect(getDataset(project.store, two).hash).toBe(hash)
  expect(listVersions(project.store, one)).toHaveLength(2)
})

it('cells stay as long as any version needs them, and go with the last', async () => {
  const { store } = project
  const one = await dataset()
  const two = resplit(one, 0.5)
  const content = text(two)
  deleteDataset(store, one)
  expect(text(two)).toBe(content)
  expect(getStoredDataset(store, two).cellsId).toBe(two)
  expect(listVersions(store, two).map(({ version }) => version)).toEqual([2])
  deleteDataset(store, two)
  expect(all(store, 'SELECT id FROM chunk')).toEqual([])
})

it('a changed source imported again is the next version; an unchanged one is nothing new', async () => {
  const { store } = project
  const one = await dataset()
  const again = async (paths: string[]): Promise<number> => (await importFiles(store, { paths, options: { versionOf: one } })).datasetId
  const path = project.file('a.fa', fasta(12))
  expect(await again([path])).toBe(one)
  expect(all(store, `SELECT id FROM dataset`)).toHaveLength(1)
  const two = await again([path, project.file('b.fa', '>more\nACGTACGT\n')])
  const three = await again([project.file('a.fa', fasta(13))])
  expect(listVersions(store, one).map(({ id, change }) => [id, change])).toEqual([
    [one, 'Imported from a.fa.'],
    [two, 'Imported again: b.fa added.'],
    [three, 'Imported again: a.fa changed, b.fa removed.'],
  ])
  expect(getDataset(store, three).name).toBe('a')
  await expect(importFiles(store, { paths: [path], options: { versionOf: 99 } })).rejects.toThrow('There is no dataset 99 in this project.')
})
