import { afterAll, expect, test } from 'vitest'
import type { Backend } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { RandomStream } from '../random/philox.ts'
import { relativeError } from '../testing/opCase.ts'
import { contents, goldenVariants, sashimiErrors } from '../testing/sashimiGolden.ts'
import { Model, type ModelConfig } from './model.ts'
import { forwardPlan, stepPlan } from './plans.ts'

const cpu = await CpuBackend.open({ threads: 2 })
afterAll(() => cpu.destroy())
const backends: [string, Backend, number][] = [
  ['reference', new ReferenceBackend(), 1e-10],
  ['cpu', cpu, 1e-4],
]
for (const [name, backend, limit] of backends)
  test.each(goldenVariants)(`agrees with the golden tensors on ${name}, output and every gradient (unet %s)`, async (unet) => {
    const { names, errors } = await sashimiErrors(backend, unet)
    expect(names[0]).toEqual(names[1])
    for (const [key, error] of errors) expect(error, key).toBeLessThan(limit)
  })

const config: ModelConfig = {
  d_model: 8,
  seqlen: 64,
  norm: 'layer',
  layers: [{ mixer: 's4d', options: { d_state: 4 } }],
  sashimi: { pool: [4, 4], expand: 2, ff: 2, unet: false },
  input: { kind: 'tokens', vocab: 11 },
  head: { at: 'every', width: 11, tied: false },
}
const tokens = (count: number): Int32Array => {
  const random = new RandomStream(4)
  return Int32Array.from({ length: count }, () => Math.floor(random.uniform() * 11))
}

async function forward(backend: Backend, model: Model, ids: Int32Array): Promise<number[]> {
  const made = forwardPlan(model, { batch: 1, seqlen: ids.length }, backend.sizes)
  const [params, input] = [backend.createBuffer(model.arenaElements, 'f32', 'params'), backend.createBuffer(ids.length, 'i32', 'input')]
  const output = backend.createBuffer(ids.length * 11, 'f32', 'output')
  params.write(model.initialise(2))
  input.write(ids)
  const program = await backend.compile(made, { params, input, output })
  program.run()
  await program.done()
  return Array.from(await contents(output))
}

async function steps(backend: Backend, model: Model, ids: Int32Array): Promise<{ out: number[]; largest: number }> {
  const [params, input] = [backend.createBuffer(model.arenaElements, 'f32', 'params'), backend.createBuffer(1, 'i32', 'input')]
  const [state, output] = [backend.createBuffer(model.stateOffsets(1).at(-1)!, 'f32', 'state'), backend.createBuffer(11, 'f32', 'output')]
  params.write(model.initialise(2))
  state.write(new Float32Array(state.elements))
  const programs = await Promise.all(
    Array.from({ length: model.stepKinds }, (_, kind) =>
      backend.compile(stepPlan(model, 1, backend.sizes, kind), { params, input, state, output }),
    ),
  )
  const out: number[] = []
  for (const [t, id] of ids.entries()) {
    input.write(Int32Array.of(id))
    programs[model.stepKind(t)].run()
    await programs[model.stepKind(t)].done()
    out.push(...Array.from(await contents(output)))
  }
  return { out, largest: Math.max(...Array.from(await contents(state), Math.abs)) }
}

test.each([false, true])(
  'steps give the outputs of the forward pass at every length (unet %s), slow parts run when their positions fill',
  async (unet) => {
    const model = new Model({ ...config, sashimi: { ...config.sashimi!, unet } })
    expect(model.causal).toBe(true)
    expect(Array.from({ length: 33 }, (_, t) => model.stepKind(t)).flatMap((kind, t) => (kind ? [[t, kind]] : []))).toEqual(
      [3, 7, 11, 15, 19, 23, 27, 31].map((t) => [t, t % 16 === 15 ? 2 : 1]),
    )
    const ids = tokens(53)
    const { out } = await steps(new ReferenceBackend(), model, ids)
    for (const length of [1, 15, 16, 53])
      expect(relativeError(out.slice(0, 11 * length), await forward(new ReferenceBackend(), model, ids.slice(0, length)))).toBeLessThan(
        1e-10,
      )
    expect(relativeError((await steps(cpu, model, ids)).out, out)).toBeLessThan(1e-4)
  },
)

test.each([16, 23, 31, 47])('a token changed at %i changes nothing before it, and something after', async (cut) => {
  const model = new Model(config)
  const [ids, changed] = [tokens(64), tokens(64)]
  changed[cut] = (changed[cut] + 1) % 11
  const [a, b] = [await forward(cpu, model, ids), await forward(cpu, model, changed)]
  expect(b.slice(0, 11 * cut)).toEqual(a.slice(0, 11 * cut))
  expect(relativeError(b.slice(11 * cut), a.slice(11 * cut))).toBeGreaterThan(1e-3)
})

test('reads in both directions where its layers do, and is then not causal; windows are whole', async () => {
  const model = new Model({ ...config, layers: [{ mixer: 's4d', options: { d_state: 4, direction: 'both' } }] })
  expect(model.causal).toBe(false)
  const [ids, changed] = [tokens(32), tokens(32)]
  changed[31] = (changed[31] + 1) % 11
  const [a, b] = [await forward(cpu, model, ids), await forward(cpu, model, changed)]
  expect(relativeError(b.slice(0, 11), a.slice(0, 11))).toBeGreaterThan(1e-6)
  await expect(forward(cpu, model, tokens(33))).rejects.toThrow(/multiple of 16/)
})

test('runs on for ten training windows without growing', async () => {
  const model = new Model(config)
  const { out, largest } = await steps(cpu, model, tokens(640))
  expect(out.every(Number.isFinite)).toBe(true)
  expect(largest).toBeLessThan(1e3)
})

test('parameters have the published names and shapes', () => {
  const shapes = Object.fromEntries(new Model(config).params.map(({ name, shape }) => [name, shape]))
  expect(shapes['backbone.d_layers.1.linear.weight']).toEqual([32, 64, 1])
  expect(shapes['backbone.u_layers.0.0.linear.weight']).toEqual([64, 32, 1])
  expect(shapes['backbone.u_layers.1.1.layer.output_linear.0.weight']).toEqual([16, 8, 1])
  expect(shapes['backbone.c_layers.1.layer.ff.0.0.weight']).toEqual([64, 32, 1])
  expect(shapes['backbone.norm_f.bias']).toEqual([8])
})

test("the embedding starts as torch's: pooled before any norm, it must not drown in the pool's bias", () => {
  const spread = (own: ModelConfig): number => {
    const model = new Model({ ...own, input: { kind: 'tokens', vocab: 256 } })
    const { offset, elements } = model.params.find(({ name }) => name === 'backbone.embedding.weight')!
    const values = model.initialise(1).subarray(offset, offset + elements)
    return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / elements)
  }
  expect(spread(config)).toBeCloseTo(1, 1)
  expect(spread({ ...config, sashimi: undefined })).toBeCloseTo(0.02, 2)
})
