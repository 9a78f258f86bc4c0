import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Choice, Choices } from '../../kernels/backends/webgpu/choices.ts'
import { ReferenceBackend } from '../../kernels/backends/reference/reference.ts'
import { type Chooser, keepChoicesIn, loadChoices, measureKernels, saveChoices } from './kernelChoices.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strand-choices-'))
  file = join(folder, 'deep', 'kernels.json')
  keepChoicesIn(file)
})
afterEach(() => {
  keepChoicesIn(null)
  rmSync(folder, { recursive: true })
})

const card = (driver: string): Chooser =>
  ({ adapter: { name: 'A card', api: 'Vulkan', driver }, target: { choices: new Choices() } }) as unknown as Chooser
const choice: Choice = {
  op: 'matmul',
  key: '64×64 K64 NT',
  name: '64×64×16 of 8×8',
  ms: 0.01,
  ruleMs: 0.02,
  at: '2026-11-25T01:00:00.000Z',
  inputs: [
    { rows: 64, cols: 64, dtype: 'f32' },
    { rows: 64, cols: 64, dtype: 'f32' },
  ],
  attrs: { transB: true },
}
const loaded = (driver: string): Choice[] => {
  const backend = card(driver)
  loadChoices(backend)
  return backend.target.choices.list()
}

test('choices are kept for their adapter and driver alone', () => {
  const [one, two] = [card('580.1'), card('590.2')]
  one.target.choices.set(choice)
  two.target.choices.set({ ...choice, name: '128×128×16 of 8×16' })
  saveChoices(one)
  saveChoices(two)
  expect(loaded('580.1')).toEqual([choice])
  expect(loaded('590.2')).toEqual([{ ...choice, name: '128×128×16 of 8×16' }])
  expect(loaded('600')).toEqual([])
})

test.each([
  ['cut short', '{"A card, Vul'],
  ['of something else', '{"theme":"dark"}'],
  ['with an op that is gone', JSON.stringify({ 'A card': [{ ...choice, op: 'no_such_op' }] })],
])('a file %s is ignored and written anew', (_, text) => {
  const backend = card('580.1')
  backend.target.choices.set(choice)
  saveChoices(backend)
  writeFileSync(file, text)
  expect(loaded('580.1')).toEqual([])
  saveChoices(backend)
  expect(loaded('580.1')).toEqual([choice])
  expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toHaveLength(1)
})

test('a folder that cannot be written is a sentence, not a failed run', () => {
  writeFileSync(join(folder, 'file'), '')
  keepChoicesIn(join(folder, 'file', 'kernels.json'))
  expect(saveChoices(card('580.1'))).toMatch(/^What was measured could not be kept \(.*\), so the next run measures again/)
})

test('nothing is measured without a GPU, and nothing read where no file was named', async () => {
  const ask = () => {
    throw new Error('plans were asked for')
  }
  expect(await measureKernels(new ReferenceBackend(), ask, { tell: ask })).toBeNull()
  const backend = card('580.1')
  backend.target.choices.set(choice)
  saveChoices(backend)
  keepChoicesIn(null)
  expect(loaded('580.1')).toEqual([])
})
