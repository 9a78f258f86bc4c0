import { afterAll, beforeAll, expect, test } from 'vitest'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { getRun } from '../../datasets/store/store.ts'
import { exportRun } from '../exporting/exportRun.ts'
import { evaluateRun } from '../evaluation/evaluateRun.ts'
import { listPresets } from '../presets/listPresets.ts'
import { loadRun } from '../runs/loadRun.ts'
import { openSource } from './sources.ts'
import { quiet, TestProject } from '../testing/project.ts'

let project: TestProject
beforeAll(() => (project = new TestProject()))
afterAll(() => project.close())

/** Lines of 4 to 19 letters, labelled 100 + 7 times how many of them are a. */
function lines(n: number): string {
  let x = 7
  const next = (below: number): number => ((x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16) % below
  return Array.from({ length: n }, () => {
    const share = next(10)
    const text = Array.from({ length: 4 + next(16) }, () => (next(10) < share ? 'a' : 'bc'[next(2)])).join('')
    return `${100 + 7 * text.split('a').length - 7} ${text}`
  }).join('\n')
}

const small = { 'model.d_model': 16, 'model.layers': '1×mamba', 'data.batch': 16, 'training.validate_batches': 2, 'optimizer.lr': 0.01 }

test.each(['mse', 'mae'] as const)(
  'records labelled with numbers: a model learns them (%s), is judged beside the mean, and exports',
  async (loss) => {
    const datasetId = await project.import(`numbers-${loss}.txt`, lines(400), { labels: { from: 'line', numbers: true } })
    expect(listPresets(project.store, { datasetId })[0].id).toBe('mamba-regress')
    const runId = project.create(datasetId, 'mamba-regress', {
      ...small,
      'training.steps': 200,
      'objective.pool': 'last',
      'objective.loss': loss,
    })
    await project.train(runId)
    const run = getRun(project.store, runId)
    expect(run.metric).toEqual({ name: 'Error', unit: loss.toUpperCase(), scale: 1, token: 'record' })
    expect(run.baseline).toMatchObject({ name: 'the training mean' })
    expect(run.bestValidationLoss).toBeLessThan(run.baseline!.value / 3)

    const evaluation = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
    const { score, also, baselines, count, regression } = evaluation
    expect(count).toBe(40)
    expect(score.value).toBeLessThan(0.2)
    expect(score.low).toBeLessThan(score.value)
    expect(baselines[0].value).toBeGreaterThan(0.4)
    const named = Object.fromEntries(also.map(({ name, value }) => [name, value]))
    expect(named['R²']).toBeGreaterThan(0.8)
    expect(named['Spearman correlation']).toBeGreaterThan(0.8)
    // the picture and the numbers are of the same answers, in the labels' own unit
    expect(regression).toHaveLength(40)
    const mae = regression!.reduce((sum, { truth, said }) => sum + Math.abs(truth - said), 0) / 40
    expect(named['MAE, in the labels’ unit']).toBeCloseTo(mae, 6)
    expect(regression!.every(({ truth }) => truth >= 100 && (truth - 100) % 7 === 0)).toBe(true)
    expect(evaluation.sentence).toMatch(/times better than the training mean .* 40 test records, labels scaled by the training split\.$/)

    const target = join(project.folder, 'exports', `numbers-${loss}`)
    const exported = await exportRun(project.store, { runId, target, device: 'cpu' }, quiet)
    expect(exported.selfTest.passed).toBe(true)
    const { numbers } = JSON.parse(readFileSync(join(target, 'strand.json'), 'utf8')) as { numbers: { mean: number; std: number } }
    expect(exported.python).toContain(`label = output * ${numbers.std} + ${numbers.mean}`)
  },
)

test('labels are scaled by the training split alone', async () => {
  const datasetId = await project.import('scaled.txt', lines(300), { labels: { from: 'line', numbers: true } })
  const runId = project.create(datasetId, 'mamba-regress', { ...small, 'data.batch': 240, 'training.steps': 1 })
  await project.train(runId)
  const { experiment, facts } = loadRun(project.store, runId)
  const values = (split: 'train' | 'test'): number[] => {
    const source = openSource(project.store, facts, experiment, split, false)
    source.fill(1, 0)
    return [...source.batch.targets.targets]
  }
  const mean = (all: number[]): number => all.reduce((a, b) => a + b, 0) / all.length
  const train = values('train')
  expect(mean(train)).toBeCloseTo(0, 5)
  expect(mean(train.map((value) => value * value))).toBeCloseTo(1, 5)
  const { mean: middle, std } = facts.numbers!
  const labels = values('test').map((value) => (value * std + middle - 100) / 7)
  labels.forEach((label) => expect(label).toBeCloseTo(Math.round(label), 4))
})

test('classes are not predicted as numbers', async () => {
  const datasetId = await project.import('classes.txt', 'x a\ny b\nx c\ny d\n', { labels: { from: 'line' } })
  expect(() =>
    project.create(datasetId, 'mamba-classify', {
      'objective.kind': 'regress',
      'objective.pool': 'mean',
      'objective.read': 'tokens',
      'objective.patch': 1,
    }),
  ).toThrow('use the classify objective')
})
