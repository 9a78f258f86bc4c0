import { expect, test } from 'vitest'
import { type Backend, OutOfMemory } from '../../kernels/backends/backend.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import type { Recompute } from '../../kernels/graph/recompute.ts'
import { Model } from '../../kernels/models/model.ts'
import { crossEntropy } from '../../kernels/objectives/objective.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { Experiment } from '../config/configure.ts'
import { presetsOf } from '../presets/presets.ts'
import { emptyBatch, Engine } from './engine.ts'
import { allPlans, chooseRecompute, memoryBytes, stepPlans } from './stepPlans.ts'

const backend = await CpuBackend.open({ threads: 1 })
const model = new Model({
  d_model: 16,
  seqlen: 64,
  norm: 'rms',
  layers: Array.from({ length: 6 }, () => ({ mixer: 'mamba', options: { d_state: 4 } })),
  input: { kind: 'tokens', vocab: 9 },
  head: { at: 'every', width: 9, tied: false },
})
const { config } = presetsOf('text')[0]
const experimentOf = (recompute?: RunConfig['training']['recompute']): Experiment => ({
  config: { ...config, training: { ...config.training, recompute } },
  model,
  objective: crossEntropy,
  dims: { batch: 8, seqlen: 64 },
})
const bytes = (level: Recompute): number => memoryBytes(stepPlans(experimentOf(), 'train', backend.sizes, level), experimentOf())

test('auto recomputes no more than the room asks for, and says why', () => {
  const choose = (free: number, buffer = Infinity): [Recompute, string | null] => {
    const { plans, sentence } = chooseRecompute(experimentOf(), backend.sizes, { bytes: free, buffer })
    return [plans.recompute, sentence]
  }
  expect(bytes('full')).toBeLessThan(bytes('light'))
  expect(bytes('light')).toBeLessThan(bytes('none'))
  expect(choose(bytes('none'))).toEqual(['none', null])
  const [level, sentence] = choose(bytes('none') - 1)
  expect(level).toBe('light')
  expect(sentence).toMatch(/^Cheap activations .* \(light\): a step would take 0\.\d\d GiB otherwise, and 0\.\d\d GiB are free\. It takes/)
  expect(choose(bytes('light') - 1)[0]).toBe('full')
  // nothing is refused here: the device does that, in its own words
  expect(choose(0)[0]).toBe('full')
  const largest = Math.max(
    ...allPlans(stepPlans(experimentOf(), 'train', backend.sizes, 'none')).flatMap((p) => p.buffers.map((b) => b.elements)),
  )
  expect(choose(Infinity, 4 * largest)[0]).toBe('none')
})

test('a level that the run asks for is taken whatever the room', () => {
  const { plans, sentence } = chooseRecompute(experimentOf('full'), backend.sizes, { bytes: Infinity, buffer: Infinity })
  expect(plans.recompute).toBe('full')
  expect(sentence).toContain('as the run says')
  expect(chooseRecompute(experimentOf('none'), backend.sizes, { bytes: 0, buffer: 0 }).plans.recompute).toBe('none')
})

test('a device that tells its memory only by running out of it gets the next level, and the step is the same to the bit', async () => {
  const limited = (most: number): Backend => ({
    name: 'cpu',
    description: 'a card of an unknown size',
    sizes: backend.sizes,
    lost: backend.lost,
    submit: (programs) => backend.submit(programs),
    room: () => ({ bytes: Infinity, buffer: Infinity }),
    createBuffer: (elements, dtype, label) => backend.createBuffer(elements, dtype, label),
    compile: (plan, externals) =>
      4 * plan.arenaElements > most ? Promise.reject(new OutOfMemory('too little memory')) : backend.compile(plan, externals),
    destroy: () => {},
  })
  const step = async (engine: Engine): Promise<unknown> => {
    engine.load({ params: model.initialise(1) })
    engine.train(emptyBatch(experimentOf()), 0, 1e-3)
    const weights = await engine.weights()
    engine.destroy()
    return weights
  }
  const arena = (level: Recompute): number => 4 * stepPlans(experimentOf(), 'train', backend.sizes, level).training!.arenaElements
  const before = backend.allocatedBytes
  const small = await Engine.create(limited(arena('full')), experimentOf(), 'train')
  expect(small.recompute).toBe('full')
  expect(small.recomputeReason).toContain('more than the device has free')
  const large = await Engine.create(backend, experimentOf(), 'train')
  expect([large.recompute, large.recomputeReason]).toEqual(['none', null])
  expect(await step(small)).toEqual(await step(large))
  await expect(Engine.create(limited(arena('full') - 1), experimentOf(), 'train')).rejects.toThrow('too little memory')
  await expect(Engine.create(limited(arena('full')), experimentOf('none'), 'train')).rejects.toThrow('too little memory')
  expect(backend.allocatedBytes).toBe(before)
})
