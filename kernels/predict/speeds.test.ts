import { afterAll, expect, test } from 'vitest'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import type { DeviceBuffer } from '../backends/backend.ts'
import { Model } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { measureCommands } from './measureStep.ts'
import { measureRates } from './rates.ts'
import { type Sample, Speeds } from './speeds.ts'
import { workOf } from './work.ts'

const cpu = await CpuBackend.open({ threads: 2 })
afterAll(() => cpu.destroy())
const RATES = { bytes: 1e9, flops: 1e10, exps: 1e9, command: 0.001 }
const dims = { batch: 2, seqlen: 32 }
const plan = (d_model: number, batch = dims.batch) =>
  trainingPlan(
    new Model({
      d_model,
      seqlen: dims.seqlen,
      norm: 'rms',
      layers: [{ mixer: 'mamba', options: {} }],
      input: { kind: 'tokens', vocab: 9 },
      head: { at: 'every', width: 9, tied: false },
    }),
    crossEntropy,
    { ...dims, batch },
    { beta1: 0.9, beta2: 0.99, eps: 1e-8 },
    cpu.sizes,
  )
/** As a device would be on which every command takes a fixed time and a third of what its bytes or products could be done at. */
const third = (made: ReturnType<typeof plan>): Sample[] =>
  made.commands.map((command) => {
    const work = workOf(command)
    const floor = 1000 * Math.max(work.bytes / RATES.bytes, work.flops / RATES.flops, work.exps / RATES.exps)
    return { ...work, ms: RATES.command + 3 * floor }
  })
const sum = (samples: readonly Sample[]): number => samples.reduce((all, { ms }) => all + ms, 0)

test('commands that were measured count as they were, others by the efficiency of their like', () => {
  const [small, large] = [plan(16), plan(48)]
  const speeds = new Speeds(RATES, third(small))
  expect(speeds.replay([small])).toEqual({ ms: expect.closeTo(sum(third(small)), 9) as number, measured: 1 })
  const { ms, measured } = speeds.replay([large])
  expect(ms).toBeCloseTo(sum(third(large)), 6)
  expect(measured).toBeLessThan(0.5)
  // two plans take the time of both
  expect(speeds.replay([small, large]).ms).toBeCloseTo(sum(third(small)) + sum(third(large)), 6)
})

test('whole steps against the sum of their commands scale a prediction, and one that went astray does not', () => {
  const small = plan(16)
  const speeds = new Speeds(RATES, third(small))
  for (const ratio of [1.2, 1.2, 9]) speeds.addStep({ sumMs: 10, ms: 10 * ratio })
  expect(speeds.replay([small]).ms).toBeCloseTo(1.2 * sum(third(small)), 9)
})

test('a newer sample of the same work replaces the older, and the oldest of many go', () => {
  const [work] = third(plan(16))
  const speeds = new Speeds(RATES, [work])
  speeds.add([{ ...work, ms: 7 }])
  expect(speeds.command(work)).toBe(7)
  expect(speeds.samples.length).toBe(1)
  speeds.add(Array.from({ length: 100 }, (_, i) => ({ ...work, key: `${work.op} ${i}` })))
  expect(speeds.samples.length).toBe(48)
  expect(speeds.samples.at(-1)!.key).toBe(`${work.op} 99`)
})

test.each([
  ['the CPU', cpu],
  ['the reference', new ReferenceBackend()],
])('on %s, each command of a step gets a time, and rates are positive', async (_, backend) => {
  const made = plan(16)
  const buffers: Record<string, DeviceBuffer> = {}
  for (const b of made.buffers)
    if (b.kind === 'external')
      buffers[b.name] = backend.createBuffer(b.elements, ['input', 'targets'].includes(b.name) ? 'i32' : 'f32', b.name)
  const program = await backend.compile(made, buffers)
  const times = await program.profile()
  expect(times.length).toBe(made.commands.length)
  expect(times.every((ms) => ms >= 0)).toBe(true)
  if (backend === cpu) {
    const speeds = new Speeds(await measureRates(backend))
    expect(Object.values(speeds.rates).every((rate) => rate > 0)).toBe(true)
    const all = await measureCommands(speeds, [{ plan: made, program }])
    expect(speeds.replay([made])).toEqual({ ms: expect.closeTo(all, 6) as number, measured: 1 })
  }
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
})
