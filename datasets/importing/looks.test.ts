import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { timeLooks, WIDE, writeMany, writeWide } from '../bench/looks.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { inspectFiles } from './inspect.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

// the fastest of six: what else runs on the machine only makes them slower
it('a choice for a folder of 3,000 files stands again well under 300 ms: sizes are asked side by side, names sorted by one collator', async () => {
  writeMany(join(project.folder, 'tables'))
  const { choices } = await timeLooks(join(project.folder, 'tables'))
  expect(Math.min(...choices)).toBeLessThan(150)
})

it('a table of 50,000 columns is looked at by its first rows, in under 300 ms', async () => {
  const wide = join(project.folder, 'wide.csv')
  await writeWide(wide)
  const { choices } = await timeLooks(wide)
  expect(Math.min(...choices)).toBeLessThan(300)
  // 32 rows would fit into the longest look; a fault in row 12 is behind those that are read
  const row = (word: string): string => `${word},${'1.234,'.repeat(WIDE.columns - 2)}1.234\n`
  const header = Array.from({ length: WIDE.columns }, (_, c) => `channel ${c}`).join(',')
  const path = project.file('late.csv', `${header}\n${row('1').repeat(10)}${row('word')}${row('1').repeat(20)}`)
  const { columns, problems, rows } = await inspectFiles([path])
  expect([columns?.length, problems.length, rows!.length]).toEqual([WIDE.columns, 0, 5])
})
