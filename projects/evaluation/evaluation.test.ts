import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import { ReferenceBackend } from '../../kernels/backends/reference/reference.ts'
import { forwardPlan } from '../../kernels/models/plans.ts'
import type { DeviceBuffer } from '../../kernels/backends/backend.ts'
import { generateRun } from '../generation/generateRun.ts'
import { loadRun } from '../runs/loadRun.ts'
import { quiet, TestProject, tiny } from '../testing/project.ts'
import { meanWithInterval } from './bootstrap.ts'
import { evaluateRun } from './evaluateRun.ts'

let project: TestProject
beforeAll(() => (project = new TestProject()))
afterAll(() => project.close())

const short = { ...tiny, 'training.steps': 20, 'training.sample_every': 0 }

/** The model's output for one sequence, from the float64 definition. */
async function reference(runId: number, input: Int32Array | Float32Array): Promise<Float32Array> {
  const { experiment, params } = loadRun(project.store, runId)
  const { model, dims } = experiment
  const backend = new ReferenceBackend()
  const tokens = model.config.input.kind === 'tokens'
  const plan = forwardPlan(model, { batch: 1, seqlen: tokens ? input.length : dims.seqlen }, backend.sizes)
  const buffers: Record<string, DeviceBuffer> = {}
  for (const b of plan.buffers)
    if (b.kind === 'external')
      buffers[b.name] = backend.createBuffer(
        Math.max(b.elements, b.name === 'params' ? params.length : 0),
        tokens && b.name === 'input' ? 'i32' : 'f32',
      )
  buffers.input.write(input)
  buffers.params.write(params)
  ;(await backend.compile(plan, buffers)).run()
  return (await buffers.output.read()) as Float32Array
}

test('the score of tokens is the mean a hand computes window by window', async () => {
  const text = await project.import('words.txt', 'to be or not to be, that is the question. '.repeat(30))
  const runId = project.create(text, 'mamba-small', short)
  await project.train(runId)
  const evaluation = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  let [sum, count] = [0, 0]
  const windows = openTokenWindows(project.store, text, 'test')
  for (const window of windows.sequential(32)) {
    const logits = await reference(runId, window.tokens.slice(0, window.count))
    for (let t = 0; t < window.count; t++) {
      const row = Array.from(logits.subarray(t * windows.vocab, (t + 1) * windows.vocab))
      sum += Math.log(row.reduce((a, b) => a + Math.exp(b), 0)) - row[window.targets[t]]
      count++
    }
  }
  expect(evaluation.count).toBe(count)
  expect(count).toBe(windows.length - windows.segments.length)
  expect(evaluation.score.value).toBeCloseTo(sum / count, 4)
  expect(evaluation.score.low).toBeLessThan(evaluation.score.value)
  expect(evaluation.score.high).toBeGreaterThan(evaluation.score.value)
  expect(evaluation.also.find(({ name }) => name === 'bits per byte')!.value).toBeCloseTo(sum / count / Math.LN2, 4)
  expect(evaluation.baselines.map(({ name }) => name)).toEqual(['order-0 entropy', '3-gram', '5-gram'])
  expect(evaluation.sentence).toContain('nats per character (95 %')
  expect(evaluation.byPosition[0].position).toBe(0)
  expect(evaluation.worst[0].value).toBeGreaterThanOrEqual(evaluation.worst.at(-1)!.value)
  expect(evaluation.worst[0].excerpt.length).toBeGreaterThan(10)
})

test('DNA is scored in bits per base beside Markov chains', async () => {
  const genome = Array.from({ length: 3000 }, (_, i) => 'ACGT'[(i * i + (i >> 3)) % 4]).join('')
  const dna = await project.import('genome.fa', `>one\n${genome}\n`)
  const runId = project.create(dna, 'mamba-small', short)
  await project.train(runId)
  const evaluation = await evaluateRun(project.store, { runId, split: 'validation', device: 'cpu' }, quiet)
  expect(evaluation.unit).toBe('bits per base')
  expect(evaluation.baselines.map(({ name }) => name)).toEqual(['order-0 entropy', 'order-3 Markov chain', 'order-5 Markov chain'])
  expect(evaluation.baselines[0].value).toBeLessThan(2.1)
})

test('a forecast is scored on every window and channel, as a hand computes it, and continues the test split', async () => {
  const rows = Array.from({ length: 400 }, (_, t) => `${t},${Math.sin(t / 5) + t / 100},${t % 37 === 5 ? '' : 10 * Math.cos(t / 9)}`)
  const series = await project.import('waves.csv', `hour,a,b\n${rows.join('\n')}\n`, { missing: 'mask' })
  const set = {
    'model.d_model': 8,
    'model.layers': 'mamba',
    'training.steps': 20,
    'training.sample_every': 0,
    'training.validate_batches': 2,
  }
  const runId = project.create(series, 'mamba-nano', { ...set, 'objective.horizon': 6, 'objective.lookback': 16, 'objective.patch': 4 })
  await project.train(runId)
  const evaluation = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  const windows = openSeriesWindows(project.store, series, 'test', { lookback: 16, horizon: 6 })
  const channels = windows.channels.length
  let [squares, known, repeat] = [0, 0, 0]
  for (const { inputs, targets, mask } of windows.sequential(1))
    for (let c = 0; c < channels; c++) {
      const past = Float32Array.from({ length: 16 }, (_, t) => inputs[t * channels + c])
      const change = await reference(
        runId,
        past.map((value) => value - past[15]),
      )
      for (let t = 0; t < 6; t++) {
        if (!mask[t * channels + c]) continue
        known++
        squares += (past[15] + change[t] - targets[t * channels + c]) ** 2
        repeat += (past[15] - targets[t * channels + c]) ** 2
      }
    }
  expect(evaluation.count).toBe(windows.count)
  expect(evaluation.score.value).toBeCloseTo(squares / known, 4)
  expect(evaluation.baselines[0]).toEqual({ name: 'repeat the last value', value: expect.closeTo(repeat / known, 5) as number })
  expect(evaluation.byPosition).toHaveLength(6)
  expect(evaluation.forecasts![0].history).toHaveLength(16)
  let told: unknown
  const watch = { signal: quiet.signal, chunk: (chunk: unknown) => void (told = chunk) }
  await generateRun(project.store, { request: { runId, length: 15, temperature: 0, seed: 1 }, device: 'cpu' }, watch)
  const { series: drawn } = told as { series: { forecast: number[][]; truth: (number | null)[][]; history: number[][] } }
  expect(drawn.forecast.map((values) => values.length)).toEqual(windows.channels.map(() => 15))
  expect(drawn.truth[0]).toHaveLength(6)
  expect(drawn.forecast.flat().every(Number.isFinite)).toBe(true)
})

test('the interval covers the true mean about as often as it says', () => {
  let covered = 0
  for (let trial = 0; trial < 60; trial++) {
    const windows = Array.from({ length: 60 }, (_, i) => ({ sum: (Math.sin(i * 12.9898 + trial * 78.233) * 43758.5453) % 1, count: 1 }))
    const { low, high } = meanWithInterval(windows, 1, trial)
    if (low <= 0 && high >= 0) covered++
  }
  expect(covered).toBeGreaterThan(50)
})
