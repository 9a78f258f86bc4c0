import { afterAll, expect, it, test } from 'vitest'
import { parseRecipe } from '../importing/recipe.ts'
import { testProject } from '../testing/project.ts'
import { baseline } from './baseline.ts'
import { readRecipe, recipeNames } from './list.ts'
import { oneHotRidge } from './oneHotRidge.ts'

const project = testProject()
afterAll(() => project.remove())

test.each(recipeNames())('%s is a recipe: whole, and about files beside a folder', (name) => {
  const recipe = readRecipe(name)
  const { files, options } = parseRecipe(JSON.stringify(recipe), name)
  for (const file of files) expect(file).toMatch(/^[a-z]+(-[a-z]+)*\/[^/\\].*$/)
  expect(options.name).toBe(recipe.title)
  for (const word of [recipe.task, recipe.source, recipe.licence]) expect(word.length).toBeGreaterThan(2)
})

it('one-hot ridge tells apart what letters tell, and nothing else', () => {
  const sequence = (i: number, first: string): Uint8Array => Buffer.from(`${first}${'ACGT'[(i * 7) % 4]}${'ACGT'[(i * 5) % 4]}`)
  const labels = Array.from({ length: 200 }, (_, i) => i % 2)
  const folds = labels.map((_, i) => Math.floor(i / 2) % 10)
  const told = labels.map((label, i) => sequence(i, label ? 'A' : 'G'))
  expect(oneHotRidge(told, labels, 2, folds)).toBe(1)
  const same = labels.map((_, i) => sequence(Math.floor(i / 2), 'A'))
  expect(oneHotRidge(same, labels, 2, folds)).toBeCloseTo(0.5, 1)
})

it('baselines are computed on what a recipe imported', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => i % 2)
  const series = await project.add('s.csv', `a\n${rows.join('\n')}\n`)
  // the last value is right at every second step of the horizon; elsewhere it is off by one, two deviations
  expect(baseline(project.store, series.id, { kind: 'repeat-last', expected: 0, unit: '', within: 0 })).toBeCloseTo(2, 1)
  const text = await project.add('t.txt', 'abcabcabd'.repeat(300), { split: { train: 0.9, validation: 0.1, test: 0 } })
  const nats = (order: number): number => baseline(project.store, text.id, { kind: 'witten-bell', order, expected: 0, unit: '', within: 0 })
  expect(nats(8)).toBeLessThan(0.05)
  expect(nats(0)).toBeGreaterThan(1)
  const fasta = Array.from({ length: 60 }, (_, i) => `>r${i} class=${i % 2 ? 'x' : 'y'}\n${i % 2 ? 'A' : 'C'}${'ACGT'[i % 4]}\n`).join('')
  const labelled = await project.add('l.fa', fasta, { labels: { from: 'header', pattern: 'class=(?<label>\\w)' }, folds: 5 })
  expect(baseline(project.store, labelled.id, { kind: 'one-hot-ridge', expected: 0, unit: '', within: 0 })).toBe(100)
})
