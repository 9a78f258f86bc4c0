import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MANY, WIDE, writeMany, writeWide } from '../bench/looks.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { inspectFiles } from './inspect.ts'
import { listFiles } from './recognise.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

// how long these looks take is measured by `npm run bench:data -- --only looks`

it('a folder of 3,000 files is listed in natural order, all sizes count, and its first files are looked into', async () => {
  const folder = join(project.folder, 'tables')
  writeMany(folder)
  const listed = await listFiles([folder])
  expect(listed.map((path) => path.slice(folder.length + 1))).toEqual(Array.from({ length: MANY.files }, (_, i) => `station ${i + 1}.csv`))
  const { bytes, refusal, problems } = await inspectFiles([folder])
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size)
  expect([bytes, refusal ?? null, problems]).toEqual([sizes.reduce((a, b) => a + b), null, []])
})

it('a table of 50,000 columns is looked at by its first rows alone', async () => {
  const wide = join(project.folder, 'wide.csv')
  await writeWide(wide)
  const { columns, rows, problems } = await inspectFiles([wide])
  expect([columns?.length, rows!.length, problems.length]).toEqual([WIDE.columns + 1, 5, 0])
  // 32 rows would fit into the longest look; a fault in row 12 is behind those that are read
  const row = (word: string): string => `${word},${'1.234,'.repeat(WIDE.columns - 2)}1.234\n`
  const header = Array.from({ length: WIDE.columns }, (_, c) => `channel ${c}`).join(',')
  const path = project.file('late.csv', `${header}\n${row('1').repeat(10)}${row('word')}${row('1').repeat(20)}`)
  const late = await inspectFiles([path])
  expect([late.columns?.length, late.problems.length, late.rows!.length]).toEqual([WIDE.columns, 0, 5])
})
