import { afterAll, expect, test } from 'vitest'
import { synthesise } from '../../datasets/synthetic/synthesise.ts'
import { generateRun } from '../generation/generateRun.ts'
import { newRun } from '../runs/newRun.ts'
import { quiet, TestProject, tiny } from '../testing/project.ts'
import { evaluateRun } from './evaluateRun.ts'

const project = new TestProject()
afterAll(() => project.close())

const parity = async (): Promise<number> => {
  const options = { min_length: 1, max_length: 2, test_lengths: '2, 3, 40', train: 64, validation: 16, test: 30 }
  return (await synthesise(project.store, { task: 'parity', options })).datasetId
}

test('a task is trained by its answers and scored by them, at each length apart', async () => {
  const datasetId = await parity()
  const { 'data.seqlen': _, ...small } = tiny
  const set = {
    ...small,
    'training.steps': 150,
    'data.batch': 16,
    'optimizer.lr': 0.02,
    'data.curriculum_steps': 20,
    'data.curriculum_start': 1,
  }
  const runId = project.create(datasetId, 'mamba-nano', set)
  await project.train(runId)
  const run = newRun(project.store, { datasetId, preset: 'mamba-nano', set })
  expect(run.config).toMatchObject({ objective: { kind: 'label-each' }, data: { seqlen: 2 }, training: { sample_every: 0 } })
  expect(run.metric.unit).toBe('nats per answer')
  const judged = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  const [two, three, forty] = judged.byLength!
  // one Mamba layer, causal: a position reads itself and what is before it
  const [{ layer, mixer, positions, weights }, ...more] = judged.reading!
  expect([layer, mixer, positions, more.length]).toEqual([0, 'mamba', 2, 0])
  expect(weights[1]).toBe(0)
  expect(Math.min(weights[0], weights[2], weights[3])).toBeGreaterThan(0)
  expect(two).toEqual({ from: 2, to: 2, records: 10, value: 100, exact: 100, last: 100 })
  expect([three.from, forty.from, forty.records]).toEqual([3, 40, 10])
  expect(forty.exact).toBeLessThan(100)
  expect(judged.count).toBe(10 * (2 + 3 + 40))
  expect(judged.score.value).toBeCloseTo((20 * two.value + 30 * three.value + 400 * forty.value) / 450, 9)
  expect(judged.sentence).toMatch(
    /^\d+\.\d % of the answers right \(95 % .*\), .* for always giving the commonest one; .* records without a mistake\.$/,
  )
  await expect(
    generateRun(
      project.store,
      { request: { runId, length: 5, temperature: 1, seed: 1 }, device: 'cpu' },
      { signal: quiet.signal, chunk: () => {} },
    ),
  ).rejects.toThrow('answers a task and writes nothing of its own')
})

test.each([
  [{ 'objective.kind': 'next-token' }, 'is a task that asks for answers at its positions'],
  [{ 'data.seqlen': 1 }, 'has 2 tokens and is read whole; set data.seqlen to that'],
  [{ 'data.curriculum_steps': 5 }, 'takes data.curriculum_steps and data.curriculum_start together'],
])('%o is refused for a task', async (set, sentence) => {
  const datasetId = await parity()
  expect(() => newRun(project.store, { datasetId, preset: 'mamba-nano', set })).toThrow(sentence)
})

test('text has no answers at its positions and no length curriculum', async () => {
  const datasetId = await project.import('words.txt', 'hello world. '.repeat(300))
  const attempt =
    (set: Record<string, string | number>): (() => unknown) =>
    () =>
      newRun(project.store, { datasetId, preset: 'mamba-nano', set })
  expect(attempt({ 'objective.kind': 'label-each' })).toThrow('asks for no answers at its positions')
  expect(attempt({ 'data.curriculum_steps': 5, 'data.curriculum_start': 5 })).toThrow('only there are records drawn whole')
})
