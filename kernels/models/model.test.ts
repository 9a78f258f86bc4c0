import { expect, test } from 'vitest'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import type { DeviceBuffer } from '../backends/backend.ts'
import { absoluteError, crossEntropy, quantileError, squaredError } from '../objectives/objective.ts'
import { hyper, learningRate } from '../optim/schedule.ts'
import type { Plan } from '../graph/plan.ts'
import { Model, type ModelConfig } from './model.ts'
import { forwardPlan, stepPlan, trainingPlan } from './plans.ts'

const backend = new ReferenceBackend()
const adam = { beta1: 0.9, beta2: 0.99, eps: 1e-8 }
const lm = (tied: boolean): ModelConfig => ({
  d_model: 8,
  seqlen: 12,
  norm: 'rms',
  layers: [
    { mixer: 'mamba', options: { d_state: 4 } },
    { mixer: 'mamba', options: { d_state: 2, expand: 1 } },
  ],
  input: { kind: 'tokens', vocab: 7 },
  head: { at: 'every', width: 7, tied },
})

function buffers(
  plan: Plan,
  given: Record<string, ArrayLike<number>>,
  integers: string[] = ['input', 'targets'],
): Record<string, DeviceBuffer & { data: Float64Array | Int32Array }> {
  const all: Record<string, DeviceBuffer & { data: Float64Array | Int32Array }> = {}
  for (const b of plan.buffers) {
    if (b.kind !== 'external') continue
    all[b.name] = backend.createBuffer(Math.max(b.elements, given[b.name]?.length ?? 0), integers.includes(b.name) ? 'i32' : 'f32')
    if (given[b.name]) all[b.name].data.set(given[b.name])
  }
  return all
}

test.each([false, true])('a language model (tied %s) learns a periodic sequence, and its gradients are those of its loss', async (tied) => {
  const model = new Model(lm(tied))
  const dims = { batch: 2, seqlen: 12 }
  const plan = trainingPlan(model, crossEntropy, dims, adam, backend.sizes)
  const tokens = Int32Array.from({ length: 24 }, (_, i) => (i * 3) % 7)
  const targets = tokens.map((t, i) => (i % 12 === 11 ? -1 : (tokens[i + 1] ?? t)))
  const all = buffers(plan, { params: model.initialise(3), input: tokens, targets })
  const program = await backend.compile(plan, all)
  const run = (lr: number, step: number): number => {
    all.hyper.data.set(hyper(lr, step, { ...adam, weight_decay: 0, clip: 0 }))
    program.run()
    return all.metrics.data[0]
  }
  const before = run(0, 0)
  const grads = Float64Array.from(all.grads.data)
  for (const slot of model.params) {
    const i = slot.offset + Math.floor(slot.elements / 2)
    const h = 1e-6
    const at = all.params.data[i]
    all.params.data[i] = at + h
    const up = run(0, 0)
    all.params.data[i] = at - h
    const down = run(0, 0)
    all.params.data[i] = at
    expect(Math.abs(grads[i] - (up - down) / (2 * h)), slot.name).toBeLessThan(1e-7)
  }
  all.m.data.fill(0)
  all.v.data.fill(0)
  let loss = before
  for (let step = 0; step < 150; step++) loss = run(0.02, step)
  expect(before).toBeGreaterThan(1.5)
  expect(loss).toBeLessThan(0.1)
})

test('step by step generation gives the logits of the forward pass', async () => {
  const model = new Model(lm(false))
  const params = model.initialise(5)
  const tokens = [3, 1, 4, 1, 5, 2, 6, 0, 3]
  const forward = forwardPlan(model, { batch: 1, seqlen: tokens.length }, backend.sizes)
  const f = buffers(forward, { params, input: tokens })
  ;(await backend.compile(forward, f)).run()
  const step = stepPlan(model, 1, backend.sizes)
  const s = buffers(step, { params })
  const program = await backend.compile(step, s)
  tokens.forEach((token, t) => {
    s.input.data[0] = token
    program.run()
    for (let v = 0; v < 7; v++) expect(s.output.data[v]).toBeCloseTo(f.output.data[t * 7 + v], 10)
  })
})

test.each([
  ['squared error', squaredError, 1],
  ['absolute error', absoluteError, 1],
  ['three quantiles', quantileError([0.1, 0.5, 0.9]), 3],
])('a forecaster takes vectors, predicts from the last position, and ignores missing targets: %s', async (_, objective, outputs) => {
  const model = new Model({
    d_model: 8,
    seqlen: 12,
    norm: 'rms',
    layers: [{ mixer: 'mamba', options: { d_state: 2 } }],
    input: { kind: 'vectors', width: 3 },
    head: { at: 'last', width: 5 * outputs, tied: false },
  })
  const dims = { batch: 2, seqlen: 6 }
  const plan = trainingPlan(model, objective, dims, adam, backend.sizes)
  const weights = Float32Array.from([1, 1, 0, 1, 1, 1, 0, 1, 1, 1])
  const targets = Float32Array.from(weights, (w, i) => (w ? Math.sin(i) : 1e9))
  const all = buffers(
    plan,
    { params: model.initialise(1), input: Float32Array.from({ length: 36 }, (_, i) => Math.cos(i)), targets, weights },
    [],
  )
  const program = await backend.compile(plan, all)
  for (let step = 0; step < 200; step++) {
    all.hyper.data.set(hyper(0.02 * (1 - step / 200), step, { ...adam, weight_decay: 0, clip: 1 }))
    program.run()
  }
  expect(all.metrics.data[0]).toBeLessThan(1e-2)
})

test('parameters are named and shaped as the published implementation stores them, decayed ones first', () => {
  const model = new Model(lm(false))
  const shapes = Object.fromEntries(model.params.map((p) => [p.name, p.shape]))
  expect(shapes['backbone.layers.0.mixer.conv1d.weight']).toEqual([16, 1, 4])
  expect(shapes['backbone.layers.0.mixer.x_proj.weight']).toEqual([1 + 8, 16])
  expect(shapes['lm_head.weight']).toEqual([7, 8])
  expect(model.params.filter((p) => p.decay).every((p) => p.offset < model.decayElements)).toBe(true)
  expect(model.params.filter((p) => !p.decay).map((p) => p.name)).toContain('backbone.layers.1.mixer.A_log')
  const arena = model.initialise(1)
  const A = model.params.find((p) => p.name === 'backbone.layers.0.mixer.A_log')!
  for (let n = 0; n < 4; n++) expect(arena[A.offset + n]).toBeCloseTo(Math.log(n + 1), 6)
  const bias = model.params.find((p) => p.name === 'backbone.layers.0.mixer.dt_proj.bias')!
  for (const value of arena.subarray(bias.offset, bias.offset + bias.elements)) {
    const dt = Math.log1p(Math.exp(value))
    expect(dt).toBeGreaterThanOrEqual(0.9e-3)
    expect(dt).toBeLessThanOrEqual(0.101)
  }
})

test('the schedule warms up linearly, ends at min_lr, and bias corrections follow the step', () => {
  const schedule = { lr: 1e-3, min_lr: 1e-4, warmup: 10, steps: 100, schedule: 'cosine' } as const
  expect(learningRate(schedule, 0)).toBeCloseTo(1e-4, 10)
  expect(learningRate(schedule, 9)).toBeCloseTo(1e-3, 10)
  expect(learningRate(schedule, 99)).toBeCloseTo(1e-4, 10)
  expect(hyper(1e-3, 0, { ...adam, weight_decay: 0.1, clip: 1 })[2]).toBeCloseTo(10, 4)
})

test.each(['gelu', 'geglu', 'swiglu'] as const)(
  'a layer may have an MLP (%s) and LayerNorm; steps give the logits of the forward pass',
  async (mlp) => {
    const layer = { mixer: 'mamba', options: { d_state: 2, mlp, mlp_ratio: 2 } }
    const model = new Model({ ...lm(false), norm: 'layer', layers: [layer, { mixer: 'mamba', options: { d_state: 2 } }] })
    const names = model.params.map(({ name }) => name)
    expect(names.filter((name) => name.includes('mlp.fc1.weight'))).toEqual(['backbone.layers.0.mlp.fc1.weight'])
    expect(names).toContain('backbone.layers.0.norm2.bias')
    const params = model.initialise(2)
    const tokens = [3, 1, 4, 1, 5]
    const forward = forwardPlan(model, { batch: 1, seqlen: tokens.length }, backend.sizes)
    const f = buffers(forward, { params, input: tokens })
    ;(await backend.compile(forward, f)).run()
    const s = buffers(stepPlan(model, 1, backend.sizes), { params })
    const program = await backend.compile(stepPlan(model, 1, backend.sizes), s)
    tokens.forEach((token, t) => {
      s.input.data[0] = token
      program.run()
      for (let v = 0; v < 7; v++) expect(s.output.data[v]).toBeCloseTo(f.output.data[t * 7 + v], 10)
    })
  },
)

test('a layer of both directions treats a sequence and its reverse alike, and the model says that it is not causal', async () => {
  const model = new Model({ ...lm(false), layers: [{ mixer: 'mamba', options: { d_state: 2, direction: 'both' } }] })
  expect(model.causal).toBe(false)
  expect(new Model(lm(false)).causal).toBe(true)
  const params = model.initialise(2)
  const outputs = async (tokens: number[]): Promise<number[][]> => {
    const plan = forwardPlan(model, { batch: 1, seqlen: tokens.length }, backend.sizes)
    const all = buffers(plan, { params, input: tokens })
    ;(await backend.compile(plan, all)).run()
    return tokens.map((_, t) => Array.from(all.output.data.slice(7 * t, 7 * t + 7)))
  }
  const tokens = [3, 1, 4, 1, 5, 2]
  const [ahead, back] = [await outputs(tokens), await outputs(tokens.toReversed())]
  ahead.forEach((row, t) => row.forEach((value, v) => expect(back[tokens.length - 1 - t][v]).toBeCloseTo(value, 10)))
  expect(ahead[0]).not.toEqual(ahead[1])
})

test.each(['every', 'mean'] as const)(
  'a model of both strands (head %s) treats a sequence and its reverse complement alike, untrained',
  async (at) => {
    const complement = [3, 2, 1, 0, 4] // A C G T and a mask
    const width = at === 'every' ? 4 : 3
    const layers = [{ mixer: 'mamba', options: { d_state: 2 } }]
    const model = new Model({ ...lm(false), layers, input: { kind: 'tokens', vocab: 5 }, head: { at, width, tied: false }, complement })
    const params = model.initialise(4)
    const outputs = async (tokens: number[]): Promise<number[][]> => {
      const plan = forwardPlan(model, { batch: 1, seqlen: tokens.length }, backend.sizes)
      const all = buffers(plan, { params, input: tokens, ...model.constants }, ['input', 'complement'])
      ;(await backend.compile(plan, all)).run()
      const rows = at === 'every' ? tokens.length : 1
      return Array.from({ length: rows }, (_, t) => Array.from(all.output.data.slice(width * t, width * (t + 1))))
    }
    const tokens = [0, 3, 1, 4, 0, 2, 1]
    const [own, other] = [await outputs(tokens), await outputs(tokens.toReversed().map((id) => complement[id]))]
    if (at === 'mean') other[0].forEach((value, v) => expect(value).toBeCloseTo(own[0][v], 12))
    else own.forEach((row, t) => row.forEach((value, v) => expect(other[tokens.length - 1 - t][complement[v]]).toBeCloseTo(value, 12)))
    expect(model.causal).toBe(false)
  },
)

test.each(['forward', 'both'] as const)(
  'a model of both strands (read %s) gives records of any length what they have alone, and their reverse complements the same',
  async (direction) => {
    const complement = [3, 2, 1, 0]
    const layers = [{ mixer: 'mamba', options: { d_state: 2, direction } }]
    const head = { at: 'mean', width: 3, tied: false, ragged: true } as const
    const model = new Model({ ...lm(false), layers, input: { kind: 'tokens', vocab: 4 }, head, complement })
    const params = model.initialise(4)
    const outputs = async (rows: number[][], seqlen: number): Promise<number[]> => {
      const plan = forwardPlan(model, { batch: rows.length, seqlen }, backend.sizes)
      const input = rows.flatMap((row) => [...row, ...new Array<number>(seqlen - row.length).fill(2)])
      const lengths = rows.map((row) => row.length)
      const all = buffers(plan, { params, input, lengths, ...model.constants }, ['input', 'lengths', 'complement'])
      ;(await backend.compile(plan, all)).run()
      return Array.from(all.output.data.slice(0, 3 * rows.length))
    }
    const rows = [[0, 3, 1, 0, 2, 1], [2], [1, 1, 0, 3]]
    const alone = (await Promise.all(rows.map((row) => outputs([row], row.length)))).flat()
    const other = rows.map((row) => row.toReversed().map((id) => complement[id]))
    for (const seen of [await outputs(rows, 8), await outputs(other, 8)])
      seen.forEach((value, i) => expect(value).toBeCloseTo(alone[i], 12))
  },
)

test.each([
  ['last', 'forward'],
  ['mean', 'forward'],
  ['last', 'both'],
  ['mean', 'both'],
] as const)(
  'a ragged head (%s) of layers read %s gives each sequence of a batch what it has alone; padding does not matter',
  async (at, direction) => {
    const layers = lm(false).layers.map(({ mixer, options }) => ({ mixer, options: { ...options, direction } }))
    const model = new Model({ ...lm(false), layers, head: { at, width: 3, tied: false, ragged: true } })
    const params = model.initialise(4)
    const sequences = [[3, 1, 4, 1, 5, 2], [6], [2, 0, 6, 5]]
    const outputs = async (rows: number[][], seqlen: number, padding: number): Promise<number[]> => {
      const plan = forwardPlan(model, { batch: rows.length, seqlen }, backend.sizes)
      const input = rows.flatMap((row) => [...row, ...new Array<number>(seqlen - row.length).fill(padding)])
      const all = buffers(plan, { params, input, lengths: rows.map((row) => row.length) }, ['input', 'lengths'])
      ;(await backend.compile(plan, all)).run()
      return Array.from(all.output.data.slice(0, 3 * rows.length))
    }
    const together = await outputs(sequences, 6, 0)
    const alone = (await Promise.all(sequences.map((row) => outputs([row], row.length, 0)))).flat()
    together.forEach((value, i) => expect(value).toBeCloseTo(alone[i], 12))
    expect(await outputs(sequences, 6, 5)).toEqual(together)
  },
)
