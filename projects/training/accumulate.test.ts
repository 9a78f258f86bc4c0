import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lastCheckpoint } from '../../datasets/store/store.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { Model, type ModelConfig } from '../../kernels/models/model.ts'
import {
  absoluteError,
  classification,
  crossEntropy,
  type Objective,
  quantileError,
  squaredError,
} from '../../kernels/objectives/objective.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import { relativeError } from '../../kernels/testing/opCase.ts'
import { parseSafetensors } from '../../kernels/weights/safetensors.ts'
import { type Experiment, wholeStep } from '../config/configure.ts'
import { presetsOf } from '../presets/presets.ts'
import { TestProject, tiny } from '../testing/project.ts'
import type { Batch } from './batch.ts'
import { TrainingControl } from './control.ts'
import { emptyBatch, Engine } from './engine.ts'

const backend = await CpuBackend.open({ threads: 2 })
afterAll(() => backend.destroy())

const SEQLEN = 12
const VOCAB = 9
const TIMES = 4
const tokens: Pick<ModelConfig, 'input' | 'head'> = {
  input: { kind: 'tokens', vocab: VOCAB },
  head: { at: 'every', width: VOCAB, tied: false },
}
const classes = (at: 'last' | 'mean'): typeof tokens => ({ input: tokens.input, head: { at, width: 5, tied: false, ragged: true } })
const series = (width: number): typeof tokens => ({ input: { kind: 'vectors', width: 3 }, head: { at: 'last', width, tied: false } })

/** Micro-batches of 3 windows, four to a step. */
function experimentOf(objective: Objective, ends: typeof tokens, accumulate: number): Experiment {
  const { config } = presetsOf('text')[0]
  const model = new Model({ d_model: 16, seqlen: SEQLEN, norm: 'rms', layers: [{ mixer: 'mamba', options: { d_state: 4 } }], ...ends })
  return {
    config: { ...config, training: { ...config.training, accumulate }, optimizer: { ...config.optimizer, clip: 0.5 } },
    model,
    objective,
    dims: { batch: 3, seqlen: SEQLEN },
  }
}

/** Random windows; of the targets ever fewer count from one micro-batch to the next, and none in the last. */
function fill(batch: Batch, experiment: Experiment): void {
  const random = new RandomStream(4)
  const { input } = batch
  for (let i = 0; i < input.length; i++) input[i] = input instanceof Int32Array ? Math.floor(VOCAB * random.uniform()) : random.normal()
  const { targets, weights, lengths } = batch.targets
  for (let i = 0; i < targets.length; i++) {
    const counts = random.uniform() < 1 - Math.floor((TIMES * i) / targets.length) / (TIMES - 1)
    if (weights) {
      targets[i] = random.normal()
      weights[i] = counts ? 1 : 0
    } else targets[i] = counts ? Math.floor(experiment.model.config.head.width * random.uniform()) : -1
  }
  lengths?.forEach((_, i) => (lengths[i] = 1 + Math.floor(SEQLEN * random.uniform())))
}

/** Loss, gradient norm, parameters and moments after some steps. */
async function train(experiment: Experiment, batch: Batch): Promise<Record<'metrics' | 'params' | 'm' | 'v', ArrayLike<number>>> {
  const engine = await Engine.create(backend, experiment, 'train')
  engine.load({ params: experiment.model.initialise(2) })
  for (let step = 0; step < 3; step++) engine.train(batch, step, 1e-3)
  const result = { metrics: Object.values(await engine.metrics()), ...(await engine.weights()) }
  engine.destroy()
  return result
}

test.each([
  ['next token, masked, infill, labels at positions', crossEntropy, tokens],
  ['classes from the last position', classification, classes('last')],
  ['classes from the mean', classification, classes('mean')],
  ['squared error', squaredError, series(4)],
  ['absolute error', absoluteError, series(4)],
  ['quantiles', quantileError([0.1, 0.5, 0.9]), series(12)],
] as const)('four micro-batches that hold unequal counts of targets are one batch of all of them: %s', async (_, objective, ends) => {
  const accumulated = experimentOf(objective, ends, TIMES)
  const whole = wholeStep(accumulated)
  const one: Experiment = { ...whole, config: { ...whole.config, training: { ...whole.config.training, accumulate: 1 } } }
  const batch = emptyBatch(whole)
  fill(batch, whole)
  const [a, b] = [await train(accumulated, batch), await train(one, batch)]
  for (const name of ['metrics', 'params', 'm', 'v'] as const) expect(relativeError(a[name], b[name]), name).toBeLessThan(2e-6)
  expect(await train(accumulated, batch)).toEqual(a)
})

test('a step of two micro-batches takes less memory than one of twice the batch, and both are told exactly', async () => {
  const before = backend.allocatedBytes
  const accumulated = experimentOf(crossEntropy, tokens, 64)
  const whole = wholeStep(accumulated)
  const sizes: number[] = []
  for (const experiment of [
    accumulated,
    { ...whole, config: { ...whole.config, training: { ...whole.config.training, accumulate: 1 } } },
  ]) {
    const engine = await Engine.create(backend, experiment, 'train')
    sizes.push(engine.memoryBytes)
    // command lists and what is lost to alignment come on top
    expect(backend.allocatedBytes - before).toBeGreaterThanOrEqual(engine.memoryBytes)
    expect(backend.allocatedBytes - before).toBeLessThan(1.02 * engine.memoryBytes + 40_000)
    engine.destroy()
    expect(backend.allocatedBytes).toBe(before)
  }
  expect(sizes[0]).toBeLessThan(sizes[1] / 4)
})

test('a run of micro-batches sees the windows of the larger batch, counts all its tokens, and resumes to the bit', async () => {
  const project = new TestProject()
  const text = await project.import('periodic.txt', 'the quick brown fox jumps over the lazy dog. '.repeat(200))
  const set = { ...tiny, 'training.steps': 24, 'training.validate_every': 8, 'training.sample_every': 0 }
  const weights = (runId: number): Map<string, Float32Array> =>
    new Map(
      [...parseSafetensors(readFileSync(join(project.folder, lastCheckpoint(project.store, runId)!.path))).tensors].map(([name, t]) => [
        name,
        t.data,
      ]),
    )
  const [large, small, broken] = [{}, {}, {}].map((_, i) =>
    project.create(text, 'mamba-small', { ...set, ...(i === 0 ? { 'data.batch': 8 } : { 'data.batch': 2, 'training.accumulate': 4 }) }),
  )
  await project.train(large)
  await project.train(small)
  const [a, b] = [weights(large), weights(small)]
  for (const [name, data] of a) if (!name.startsWith('optimizer.')) expect(relativeError(b.get(name)!, data), name).toBeLessThan(1e-4)
  const control = new TrainingControl()
  const end = await project.train(broken, { control, hear: ({ change }) => void ((change?.step ?? 0) >= 8 && control.stop()) })
  expect(end.state).toBe('stopped')
  await project.train(broken, { resume: true })
  expect(weights(broken)).toEqual(b)
  project.close()
})
