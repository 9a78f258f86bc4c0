import { afterAll, beforeAll, expect, test } from 'vitest'
import { getRunDetail } from '../../datasets/store/store.ts'
import { synthesise } from '../../datasets/synthetic/synthesise.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import type { Setting } from '../config/check.ts'
import { configure, type Experiment } from '../config/configure.ts'
import { datasetFacts } from '../config/facts.ts'
import { evaluateRun } from '../evaluation/evaluateRun.ts'
import { loadRun } from '../runs/loadRun.ts'
import { quiet, TestProject } from '../testing/project.ts'
import type { Batch } from './batch.ts'
import { emptyBatch, Engine } from './engine.ts'
import { openSource } from './sources.ts'

let project: TestProject
let lines: number
beforeAll(async () => {
  project = new TestProject()
  const text = Array.from({ length: 300 }, (_, i) => 'the quick brown fox jumps over it. '.slice(i % 7, 9 + ((i * 5) % 23)))
  lines = await project.import('lines.txt', text.join('\n'), { records: 'lines' })
})
afterAll(() => project.close())

const set = {
  'model.d_model': 16,
  'model.layers': 'mamba, attention',
  'model.mixers.attention.n_heads': 2,
  'data.seqlen': 64,
  'data.batch': 4,
  'training.validate_batches': 2,
  'training.sample_every': 0,
}
const experimentOf = (runId: number, packing: number): Experiment => {
  const { config, datasetId } = getRunDetail(project.store, runId)
  return configure({ ...config, data: { ...config.data, packing } }, datasetFacts(project.store, datasetId))
}

/** What stands in a packed batch, record by record. */
function recordsOf({ input, targets }: Batch, width: number): { tokens: number[]; targets: number[]; rows: number[] }[] {
  const found: { tokens: number[]; targets: number[]; rows: number[]; key: string }[] = []
  for (let r = 0; r < input.length; r++) {
    const border = targets.borders.subarray(r * width, (r + 1) * width)
    if (border[0] === 0) continue
    const key = `${Math.floor(r / 64)} ${border.join()}`
    if (found.at(-1)?.key !== key) found.push({ tokens: [], targets: [], rows: [], key })
    found.at(-1)!.tokens.push(input[r])
    found.at(-1)!.targets.push(targets.targets[r])
    found.at(-1)!.rows.push(r)
  }
  return found
}

test('a packed batch holds whole records in the order they are drawn, with a gap between two and nothing asked there', () => {
  const runId = project.create(lines, 'mamba-small', { ...set, 'data.packing': 6 })
  const facts = datasetFacts(project.store, lines)
  const [packed, alone] = [experimentOf(runId, 6), experimentOf(runId, 1)]
  expect(packed.model.packing).toEqual({ records: 6, gap: 8 })
  const source = openSource(project.store, facts, packed, 'train', true)
  source.fill(3, 5)
  const records = recordsOf(source.batch, source.batch.targets.borders.length / (4 * 64))
  expect(records.length).toBeGreaterThan(8)
  const separate = openSource(project.store, facts, { ...alone, dims: { batch: 24, seqlen: 64 } }, 'train', true)
  separate.fill(3, 5)
  records.forEach(({ tokens, targets, rows }, i) => {
    const own = (values: ArrayLike<number>): number[] => Array.from({ length: tokens.length }, (_, t) => values[i * 64 + t])
    expect(tokens).toEqual(own(separate.batch.input))
    expect(targets).toEqual(own(separate.batch.targets.targets))
    if (i > 0 && Math.floor(rows[0] / 64) === Math.floor(records[i - 1].rows[0] / 64)) expect(rows[0] - records[i - 1].rows.at(-1)!).toBe(9)
  })
  const asked = source.batch.targets.targets.filter((target) => target >= 0).length
  expect(asked).toBe(records.reduce((sum, { tokens }) => sum + tokens.length, 0))
})

test.each([
  ['next-token', 'mamba, attention'],
  ['masked', 'mamba, full_attention'],
])('the loss of packed records is that of separate ones, and not that of records run into one another: %s', async (kind, layers) => {
  const own = { ...set, 'data.packing': 6, 'objective.kind': kind, 'model.layers': layers, 'model.tie_embeddings': false }
  const both: Record<string, Setting> =
    kind === 'masked' ? { 'model.mixers.mamba.direction': 'both', 'model.mixers.full_attention.n_heads': 2 } : {}
  const runId = project.create(lines, 'mamba-small', { ...own, ...both })
  const facts = datasetFacts(project.store, lines)
  const packed = experimentOf(runId, 6)
  const source = openSource(project.store, facts, packed, 'train', true)
  source.fill(3, 5)
  const width = source.batch.targets.borders.length / (4 * 64)
  const params = packed.model.initialise(1)
  const backend = await CpuBackend.open({ threads: 1 })
  const scored = async (experiment: Experiment, batch: Batch): Promise<number> => {
    const engine = await Engine.create(backend, experiment, 'evaluate')
    engine.load({ params })
    engine.write(batch)
    const loss = await engine.score()
    engine.destroy()
    return loss
  }
  const together = await scored(packed, source.batch)
  let [sum, count] = [0, 0]
  for (const { tokens, targets } of recordsOf(source.batch, width)) {
    const alone: Experiment = { ...experimentOf(runId, 1), dims: { batch: 1, seqlen: tokens.length } }
    const batch = emptyBatch(alone)
    ;(batch.input as Int32Array).set(tokens)
    batch.targets.targets.set(targets)
    const asked = targets.filter((target) => target >= 0).length
    if (asked > 0) sum += asked * (await scored(alone, batch))
    count += asked
  }
  expect(Math.abs(together - sum / count)).toBeLessThan(1e-5)
  const plain: Batch = { input: source.batch.input, targets: { targets: source.batch.targets.targets } }
  expect(Math.abs((await scored(experimentOf(runId, 1), plain)) - sum / count)).toBeGreaterThan(1e-4)
  backend.destroy()
})

test('a packed run learns, and is evaluated like any other', async () => {
  const runId = project.create(lines, 'mamba-small', { ...set, 'data.packing': 6, 'training.steps': 60, 'optimizer.lr': 0.01 })
  expect((await project.train(runId)).state).toBe('done')
  const run = getRunDetail(project.store, runId)
  expect(run.bestValidationLoss).toBeLessThan(run.baseline!.value / 2)
  expect(loadRun(project.store, runId).experiment.model.packing).toBeUndefined()
  const { score } = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  expect(score.value).toBeLessThan(run.baseline!.value / 2)
})

test('records of a task share a window with their answers, shorter ones first where a curriculum says so', async () => {
  const options = { min_length: 1, max_length: 20, test_lengths: '20', train: 64, validation: 16, test: 10 }
  const { datasetId } = await synthesise(project.store, { task: 'parity', options })
  const { 'data.seqlen': _, ...small } = set
  const runId = project.create(datasetId, 'mamba-small', {
    ...small,
    'data.packing': 8,
    'data.curriculum_steps': 40,
    'data.curriculum_start': 2,
    'training.steps': 50,
  })
  const facts = datasetFacts(project.store, datasetId)
  const source = openSource(project.store, facts, experimentOf(runId, 8), 'train', true)
  const width = source.batch.targets.borders.length / source.batch.input.length
  const places = (step: number): number => {
    source.fill(1, step)
    const { borders } = source.batch.targets
    return Array.from(source.batch.input.keys()).reduce((sum, r) => sum + borders[r * width], 0)
  }
  expect(places(0)).toBeGreaterThan(4)
  source.fill(1, 0)
  const answers = source.batch.targets.targets.filter((target) => target >= 0)
  expect(answers.length).toBe(places(0))
  expect((await project.train(runId)).state).toBe('done')
})

test('what cannot share a window is refused with the reason', () => {
  const attempt = (more: Record<string, string | number | boolean>) => () =>
    project.create(lines, 'mamba-small', { ...set, 'data.packing': 4, ...more })
  expect(attempt({ 'objective.kind': 'infill' })).toThrow('The infill objective reads one record')
  expect(attempt({ 'data.packing': 65 })).toThrow('must be at most 64')
})
