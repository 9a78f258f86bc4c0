import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { getDatasetDetail } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { importFiles } from './importFiles.ts'
import { inspectFiles } from './inspect.ts'
import { parseRecipe, recipePaths } from './recipe.ts'
import { reportCsv } from './reportCsv.ts'

let project: TestProject
beforeAll(() => {
  project = testProject()
  for (const i of [1, 2, 10])
    project.file(`sets/week ${i}/part.csv`, `t;a;b\n2020-01-0${(i % 9) + 1};${i},5;x\n2020-01-0${(i % 9) + 2};;y\n`)
  project.file('sets/notes.txt', 'nothing')
})
afterAll(() => project.remove())
const folder = (): string => join(project.folder, 'files')

it('an import kept as a recipe gives the same dataset again', async () => {
  const options = { missing: 'previous', table: { roles: { b: 'group' } }, onProblem: 'fix' } as const
  const paths = [1, 2, 10].map((i) => join(folder(), 'sets', `week ${i}`))
  const first = getDatasetDetail(project.store, (await importFiles(project.store, { paths, options })).datasetId)
  expect(first.recipe).toEqual({ version: 1, files: ['week 1', 'week 2', 'week 10'], options })
  const recipe = parseRecipe(JSON.stringify({ ...first.recipe, files: ['sets/*/part.csv'] }), 'r.json')
  const again = recipePaths(recipe, folder())
  expect(again).toEqual(paths.map((path) => join(path, 'part.csv')))
  const second = getDatasetDetail(project.store, (await importFiles(project.store, { paths: again, options: recipe.options })).datasetId)
  expect(second.contentHash).toBe(first.contentHash)
})

it('patterns mean files at any depth, in natural order; a pattern without a file is told', () => {
  const of = (...files: string[]): string[] =>
    recipePaths({ version: 1, files, options: {} }, folder()).map((path) => path.slice(folder().length + 1))
  expect(of('sets/**/*.csv')).toEqual(['sets/week 1/part.csv', 'sets/week 2/part.csv', 'sets/week 10/part.csv'])
  expect(of('sets/week ?/part.csv')).toHaveLength(2)
  expect(of('sets/notes.txt', 'elsewhere.csv')).toEqual(['sets/notes.txt', 'elsewhere.csv'])
  expect(() => of('*.wav')).toThrow('No file fits "*.wav" in')
})

it.each([
  ['{', 'r.json is not JSON'],
  ['[]', 'r.json is a recipe of version undefined, and this Strand reads version 1.'],
  ['{"version": 2, "files": ["a"], "options": {}}', 'r.json is a recipe of version 2, and this Strand reads version 1.'],
  ['{"version": 1, "files": [], "options": {}}', 'r.json names no files'],
  ['{"version": 1, "files": ["a"]}', 'r.json has no "options".'],
])('%s is no recipe', (text, says) => expect(() => parseRecipe(text, 'r.json')).toThrow(says))

it('the report as CSV is read back by a table reader', async () => {
  const detail = await project.add('q.csv', 'a,"b ""c"""\n1,x\n2,y\n3,z\n')
  const csv = reportCsv(detail.report)
  expect(csv).toBe(
    '# accepted 1, repaired 0, skipped 0, refused 0\nseverity,file,line,byte,reason\nnote,q.csv,1,,"Column ""b ""c"""" of q.csv was left out: it holds words, not numbers."\n',
  )
})

it('a choice is shown again at once: roles, delimiter, policy', async () => {
  const path = project.file(
    'live.csv',
    `date,a,b\n${Array.from({ length: 9000 }, (_, i) => `${new Date(i * 36e5).toISOString()},${i},${i % 7 ? i : ''}\n`).join('')}`,
  )
  const plain = await inspectFiles([path])
  expect(plain.table).toMatchObject({
    delimiter: ',',
    header: true,
    rows: 'moments',
    columns: [
      { name: 'date', role: 'time' },
      { name: 'a', role: 'value' },
      { name: 'b', role: 'value' },
    ],
  })
  expect(plain.rows![1]).toEqual(['1970-01-01T01:00:00.000Z', '1', '1'])
  const started = performance.now()
  const changed = await inspectFiles([path], { missing: 'split', table: { roles: { a: 'ignore' } } })
  expect(performance.now() - started).toBeLessThan(300)
  expect(changed.columns).toEqual(['date', 'a', 'b'])
  expect(changed.format).toBe('CSV, 1 channel, times in "date"')
  expect(
    (await inspectFiles([path], { table: { delimiter: ';' } })).refusal ??
      (await inspectFiles([path], { table: { delimiter: ';' } })).domain,
  ).toBe('text')
})
