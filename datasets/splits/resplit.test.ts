import { afterEach, beforeEach, expect, it } from 'vitest'
import { getDatasetDetail, getStoredDataset, listRecords } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { resplit } from './resplit.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

it('fits the scaling of a series again on what now trains, and keeps the rest of the choices', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => `${i}`).join('\n')
  const { id } = await project.add('s.csv', `a\n${rows}\n`, { missing: 'previous', split: { train: 0.5, validation: 0.25, test: 0.25 } })
  const next = resplit(project.store, id, { splitRows: [10, 20, 30] })
  const mean = (dataset: number): number => {
    const { codec } = getStoredDataset(project.store, dataset)
    return codec.kind === 'series' ? codec.mean[0] : NaN
  }
  expect([mean(id), mean(next)]).toEqual([24.5, 4.5])
  const detail = getDatasetDetail(project.store, next)
  expect(detail.options).toEqual({ from: ['s.csv'], missing: 'previous', splitRows: [10, 20, 30] })
  expect(detail.splits.map(({ length }) => length)).toEqual([10, 10, 10])
  expect(resplit(project.store, next, { splitRows: [10, 20, 30] })).toBe(next)
})

it('goes by the labels and groups that the records have', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => `${i % 2 ? 'yes' : 'no'} word${i}`).join('\n')
  const { id } = await project.add('l.txt', lines, { labels: { from: 'line' }, splitBy: 'order' })
  const next = resplit(project.store, id, { folds: 4 })
  expect(getDatasetDetail(project.store, next).splitRule).toContain('4 folds')
  const tested = listRecords(project.store, next, 0, 40).filter(({ split }) => split === 'test')
  expect(tested.filter(({ label }) => label === 1)).toHaveLength(5)
  expect(tested).toHaveLength(10)
})
