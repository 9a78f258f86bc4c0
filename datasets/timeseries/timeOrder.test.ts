/** Rows that do not run from the oldest to the newest by even steps: turned round where chosen, told where not. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { inspectSignal } from '../quality/signal.ts'
import { getStoredDataset, readCells, TIMES } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

const hour = (i: number): string => new Date(Date.UTC(2024, 0, 1, i)).toISOString().slice(0, 16).replace('T', ' ')
const messages = ({ report }: DatasetDetail): string[] => report.problems.map(({ message }) => message)
const stored = ({ id, length }: DatasetDetail): { values: number[]; hours: number[] } => {
  const dataset = getStoredDataset(project.store, id)
  const times = new Float64Array(readCells(project.store, dataset, 0, length, TIMES).buffer)
  return {
    values: [...new Float32Array(readCells(project.store, dataset, 0, length).buffer)],
    hours: [...times].map((ms) => (ms - Date.UTC(2024, 0, 1)) / 3_600_000),
  }
}
const BY_TIME: ImportOptions = { table: { order: 'time' } }

/** Newest first, and hour 2 is missing. */
const hours = [8, 7, 6, 5, 4, 3, 1, 0]
const tables: [string, string][] = [
  ['newest.csv', `time,v\n${hours.map((i) => `${hour(i)},${i / 2}\n`).join('')}`],
  ['newest.jsonl', hours.map((i) => JSON.stringify({ time: hour(i), v: i / 2 })).join('\n')],
]

it.each(tables)('%s: told, offered in the preview, and put in order of time where chosen, its hole filled', async (name, content) => {
  const asFound = await inspectFiles([project.file(name, content)])
  expect(asFound.table).toMatchObject({ order: 'file', newestFirst: true })
  const said = `The rows of ${name} run from the newest to the oldest, and are kept so: a split by time would then train on the future. Choose to have the rows put in order of time (--order time).`
  expect(asFound.problems.map(({ message }) => message)).toContain(said)
  const kept = await project.add(name, content)
  expect(stored(kept).hours).toEqual(hours)
  expect(messages(kept)).toContain(said)

  const detail = await project.add(name, content, BY_TIME)
  const { values, hours: after } = stored(detail)
  expect(after).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(values).toEqual([0, 0.5, NaN, 1.5, 2, 2.5, 3, 3.5, 4])
  expect(messages(detail)).toContain(`The rows of ${name} ran from the newest to the oldest; the rows were put in order of time.`)
  expect(detail.facts).toMatchObject({ step: '1 h' })
  expect((await inspectFiles([project.file(name, content)], BY_TIME)).table).toMatchObject({ order: 'time', newestFirst: true })
})

it('rows out of order, of several records in turns, are put in order within each record; equal times keep the file’s order', async () => {
  const rows = [3, 1, 2, 0, 2].flatMap((i, n) => ['a', 'b'].map((site, s) => `${hour(i)},${site},${10 * n + s}\n`))
  const detail = await project.add('sites.csv', `time,site,v\n${rows.join('')}`, { table: { order: 'time', roles: { site: 'id' } } })
  expect(detail.recordsPage.map(({ name }) => name)).toEqual(['a', 'b'])
  const { values, hours: after } = stored(detail)
  expect(after).toEqual([0, 1, 2, 2, 3, 0, 1, 2, 2, 3])
  expect(values).toEqual([30, 10, 20, 40, 0, 31, 11, 21, 41, 1])
  expect(messages(detail)).toContain('4 rows of sites.csv stood out of order in time; the rows were put in order of time.')
})

it('uneven steps are told in the report and among what stands out, months are even', async () => {
  const uneven = [0, 1, 2, 4.5, 5.5, 9, 12, 13, 16.5, 20]
  const detail = await project.add('uneven.csv', `time,v\n${uneven.map((h) => `${hour(0).slice(0, 11)}${String(Math.floor(h)).padStart(2, '0')}:${h % 1 ? '30' : '00'},${h}\n`).join('')}`) // prettier-ignore
  expect(messages(detail)).toContain('8 of 9 steps in time differ from the median step of 2.5 h in uneven.csv; the rows are kept as they are.') // prettier-ignore
  const { flags } = await inspectSignal(project.store, detail.id)
  expect(flags.find(({ id }) => id === 'uneven')?.sentence).toBe(
    'In 1 record the steps in time are not all the same: 8 of 9 steps in time differ from the median step of 2.5 h.',
  )
  const back = await project.add('back.csv', `time,v\n${[9, 8, 7, 6, 4, 3, 1].map((i) => `${hour(i)},${i}\n`).join('')}`)
  expect(messages(back)).toContain('2 of 6 steps in time differ from the median step of 1 h in back.csv; the rows are kept as they are.')
  const months = await project.add('months.csv', `month,v\n${Array.from({ length: 30 }, (_, i) => `${2020 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-01,${i}\n`).join('')}`) // prettier-ignore
  expect(messages(months).filter((one) => one.includes('steps'))).toEqual([])
  expect((await inspectSignal(project.store, months.id)).flags.map(({ id }) => id)).not.toContain('uneven')
})
