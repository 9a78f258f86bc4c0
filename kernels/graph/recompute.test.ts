import { afterAll, describe, expect, test } from 'vitest'
import type { Backend, DeviceBuffer } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { mixers } from '../mixers/registry.ts'
import { Model, type ModelConfig } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { hyper } from '../optim/schedule.ts'
import { RandomStream } from '../random/philox.ts'
import { type Recompute, recomputeLevels } from './recompute.ts'

const backend = await CpuBackend.open({ threads: 2 })
afterAll(() => backend.destroy())

const dims = { batch: 2, seqlen: 24 }
const adam = { beta1: 0.9, beta2: 0.95, eps: 1e-8 }
const VOCAB = 11

const config = (mixer: string, more: Partial<ModelConfig> = {}, options: Record<string, unknown> = {}): ModelConfig => ({
  d_model: 16,
  seqlen: dims.seqlen,
  norm: 'rms',
  layers: Array.from({ length: 4 }, () => ({ mixer, options })),
  input: { kind: 'tokens', vocab: VOCAB },
  head: { at: 'every', width: VOCAB, tied: false },
  ...more,
})

/** Everything a training step leaves behind, and what its plan needs. */
async function step(on: Backend, model: Model, recompute: Recompute): Promise<{ arena: number; commands: number; left: unknown[] }> {
  const plan = trainingPlan(model, crossEntropy, dims, adam, on.sizes, { recompute, dropout: { rate: 0.1, seed: 3 } })
  const integers = ['input', 'targets', 'complement']
  const buffers: Record<string, DeviceBuffer> = {}
  for (const b of plan.buffers)
    if (b.kind === 'external') buffers[b.name] = on.createBuffer(b.elements, integers.includes(b.name) ? 'i32' : 'f32', b.name)
  const random = new RandomStream(7)
  const ids = (): Int32Array => Int32Array.from({ length: dims.batch * dims.seqlen }, () => Math.floor(VOCAB * random.uniform()))
  buffers.params.write(model.initialise(5))
  buffers.input.write(ids())
  buffers.targets.write(ids())
  for (const [name, values] of Object.entries(model.constants)) buffers[name].write(values)
  buffers.hyper.write(hyper(0.01, 0, { ...adam, weight_decay: 0.1, clip: 1 }))
  const program = await on.compile(plan, buffers)
  program.run()
  const left = await Promise.all(['grads', 'params', 'm', 'v', 'metrics'].map((name) => buffers[name].read()))
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  return { arena: plan.arenaElements, commands: plan.commands.length, left }
}

const models: [string, () => Model][] = [
  ...Object.keys(mixers).map((name): [string, () => Model] => [name, () => new Model(config(name))]),
  ['mamba with a gated MLP', () => new Model(config('mamba', {}, { mlp: 'swiglu' }))],
  ['mamba in both directions', () => new Model(config('mamba', {}, { direction: 'both' }))],
  ['both strands', () => new Model(config('mamba', { complement: [3, 2, 1, 0, 4, 5, 6, 7, 8, 9, 10] }))],
  [
    'a hybrid',
    () => new Model(config('mamba', { layers: ['mamba', 'attention', 'mlstm', 'slstm'].map((mixer) => ({ mixer, options: {} })) })),
  ],
  ['SaShiMi', () => new Model(config('s4d', { sashimi: { pool: [2, 2], expand: 2, ff: 2, unet: false } }))],
  ['SaShiMi as a U-net', () => new Model(config('s4d', { sashimi: { pool: [2, 2], expand: 2, ff: 2, unet: true } }))],
]

describe('recomputed activations change no bit of a training step, and need less memory', () => {
  test.each(models)('%s', async (_name, build) => {
    const [none, light, full] = await Promise.all(recomputeLevels.map((level) => step(backend, build(), level)))
    expect(none.left.flat().length).toBeGreaterThan(0)
    for (const { left } of [light, full]) expect(left).toEqual(none.left)
    expect(light.arena).toBeLessThanOrEqual(none.arena)
    expect(full.arena).toBeLessThan(light.arena)
    expect(full.commands).toBeGreaterThan(light.commands)
  })
})

test('in full, a layer more costs its input and little else', () => {
  const arena = (n: number, recompute: Recompute): number =>
    trainingPlan(
      new Model({
        ...config('mamba'),
        layers: config('mamba')
          .layers.slice(0, 1)
          .flatMap((l) => Array.from({ length: n }, () => l)),
      }),
      crossEntropy,
      dims,
      adam,
      backend.sizes,
      { recompute },
    ).arenaElements
  const input = dims.batch * dims.seqlen * 16
  expect(arena(12, 'full') - arena(4, 'full')).toBeLessThanOrEqual(8 * 1.25 * input)
  expect(arena(12, 'none') - arena(4, 'none')).toBeGreaterThan(8 * 5 * input)
})
