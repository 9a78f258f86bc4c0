import { expect, test } from 'vitest'
import type { Backend } from '../../kernels/backends/backend.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { listAdapters } from '../../kernels/backends/webgpu/webgpu.ts'
import { Model } from '../../kernels/models/model.ts'
import { chooseBackend } from './chooseBackend.ts'
import { selfTest, trainingSpeed, writingSpeed } from './measure.ts'

test('auto says what it took and why, and takes no graphics driver that runs on the CPU', async () => {
  const { backend, sentence } = await chooseBackend('auto')
  expect(sentence).toMatch(/^Runs on .+\.$/)
  const real = (await listAdapters()).some(({ software }) => !software)
  if (!real) expect(backend.name).toBe('cpu')
  backend.destroy()
})

test('a backend asked for by name is taken', async () => {
  for (const device of ['cpu', 'reference'] as const) {
    const { backend, sentence } = await chooseBackend(device)
    expect(backend.name).toBe(device)
    expect(sentence).toContain('as chosen')
    backend.destroy()
  }
})

test('mixed precision is refused in a sentence where there are no units for it', async () => {
  const { backend, sentence } = await chooseBackend('cpu', 'mixed')
  expect(sentence).toMatch(/as chosen\. Mixed precision is for a GPU that can store float16; this run computes in float32\.$/)
  backend.destroy()
})

test('the self-test passes what is right, and fails a backend that computes nothing', async () => {
  const cpu = await CpuBackend.open()
  const right = await selfTest(cpu)
  expect(right.length).toBeGreaterThan(50)
  expect(right.filter(({ passed }) => !passed)).toEqual([])
  const idle: Backend = {
    name: 'cpu',
    description: 'idle',
    sizes: cpu.sizes,
    lost: cpu.lost,
    submit: () => {},
    room: () => cpu.room(),
    createBuffer: (elements, dtype, label) => cpu.createBuffer(elements, dtype, label),
    compile: () => Promise.resolve({ run: () => {}, done: () => Promise.resolve(), profile: () => Promise.resolve([]), destroy: () => {} }),
    destroy: () => {},
  }
  const wrong = await selfTest(idle as Parameters<typeof selfTest>[0], undefined, ['matmul'])
  expect(wrong.some(({ passed }) => passed)).toBe(false)
  expect(await trainingSpeed(cpu, 0.01)).toBeGreaterThan(0)
  const model = new Model({
    d_model: 8,
    seqlen: 8,
    norm: 'rms',
    layers: [{ mixer: 'mamba', options: {} }],
    input: { kind: 'tokens', vocab: 5 },
    head: { at: 'every', width: 5, tied: false },
  })
  const before = cpu.allocatedBytes
  expect(await writingSpeed(cpu, model, model.initialise(1))).toBeGreaterThan(0)
  expect(cpu.allocatedBytes).toBe(before)
  cpu.destroy()
})
