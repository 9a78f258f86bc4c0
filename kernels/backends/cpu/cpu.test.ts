import { setFlagsFromString } from 'node:v8'
import { afterAll, describe, expect, test } from 'vitest'
import { gradient } from '../../graph/gradient.ts'
import { GraphBuilder } from '../../graph/graph.ts'
import { plan } from '../../graph/plan.ts'
import type { OpName } from '../../ops/names.ts'
import type { Attributes, OpCase } from '../../ops/op.ts'
import { ops } from '../../ops/registry.ts'
import { elements, f32, i32 } from '../../tensor/tensor.ts'
import { testBackend } from '../../testing/backendSuite.ts'
import { allowedError, caseErrors, runCase } from '../../testing/opCase.ts'
import type { DeviceBuffer } from '../backend.ts'
import { CpuBackend } from './cpu.ts'

const backends = {
  'cpu, 1 thread': await CpuBackend.open({ threads: 1 }),
  'cpu, 2 threads': await CpuBackend.open({ threads: 2 }),
  'cpu, 3 threads': await CpuBackend.open({ threads: 3 }),
  'cpu, 2 threads, without FMA': await CpuBackend.open({ threads: 2, fma: false }),
  'cpu, 2 threads, 128-bit': await CpuBackend.open({ threads: 2, wide: false }),
}
// V8 optimises what has run for a while, so these small cases would only see what its quick compiler makes.
setFlagsFromString('--no-liftoff')
const [one, , three, , narrow] = Object.values(backends)
afterAll(() => Object.values(backends).forEach((b) => b.destroy()))

for (const [name, backend] of Object.entries(backends)) testBackend(name, () => Promise.resolve(backend))

const scanCase = (
  batch: number,
  seqlen: number,
  d_inner: number,
  d_state: number,
  range: Record<'delta' | 'A' | 'z', readonly [number, number]>,
): OpCase => {
  const [x, m, row, unit] = [f32(batch * seqlen, d_inner), f32(batch * seqlen, d_state), f32(1, d_inner), [-1, 1] as const]
  return {
    inputs: [x, x, f32(d_inner, d_state), m, m, row, x, row],
    attrs: { batch, seqlen },
    range: [unit, range.delta, range.A, unit, unit, unit, range.z, [0, 0]],
  }
}
const usual = { delta: [-4, 1], A: [-16, -0.1], z: [-2, 2] } as const
const matmulCase = (M: number, N: number, K: number, transA: boolean, transB: boolean): OpCase => ({
  inputs: [transA ? f32(K, M) : f32(M, K), transB ? f32(N, K) : f32(K, N), f32(1, N), f32(M, N)],
  attrs: { transA, transB, bias: true, residual: true },
})
const convCase = (batch: number, seqlen: number, d: number): OpCase => ({
  inputs: [f32(batch * seqlen, d), f32(d, 4), f32(1, d)],
  attrs: { batch, seqlen },
})

const outerCase = (heads: number, gates: number, J: number, K: number, rows: number): OpCase => ({
  inputs: [f32(2 * rows, gates * heads * J), f32(2 * rows, heads * K)],
  attrs: { heads, gates, seqlen: rows, previous: true },
})
const cellCase = (batch: number, seqlen: number, heads: number, dh: number, reach = 2): OpCase => ({
  inputs: [f32(batch * seqlen, 4 * heads * dh), f32(heads, 4 * dh * dh), f32(1, 4 * heads * dh)],
  attrs: { batch, seqlen },
  range: [
    [-reach, reach],
    [-1 / Math.sqrt(dh), 1 / Math.sqrt(dh)],
    [-1, 1],
  ],
})
const ssdCase = ([batch, seqlen, H, P, G, N]: readonly number[], dt: readonly [number, number], A: readonly [number, number]): OpCase => ({
  inputs: [
    f32(batch * seqlen, H * P),
    f32(batch * seqlen, H),
    f32(1, H),
    ...[0, 1].map(() => f32(batch * seqlen, G * N)),
    f32(1, H),
    f32(1, H),
  ],
  attrs: { batch, seqlen, groups: G },
  range: [[-1, 1], dt, A, [-1, 1], [-1, 1], [-1, 1], [-1, 1]],
})

const mlstmCase = (
  [batch, seqlen, heads, dqk, dv]: readonly number[],
  i: readonly [number, number],
  f: readonly [number, number],
  keys: readonly [number, number],
): OpCase => {
  const [key, gate] = [f32(batch * seqlen, heads * dqk), f32(batch * seqlen, heads)]
  return { inputs: [key, key, f32(batch * seqlen, heads * dv), gate, gate], attrs: { batch, seqlen }, range: [keys, keys, [-1, 1], i, f] }
}

describe('sizes beyond one unit, and hard values', () => {
  const cases: [string, OpName, OpCase][] = [
    ['matmul 129x257x300', 'matmul', matmulCase(129, 257, 300, false, false)],
    ['matmul 129x257x300, a transposed', 'matmul', matmulCase(129, 257, 300, true, false)],
    ['matmul 129x257x300, b transposed', 'matmul', matmulCase(129, 257, 300, false, true)],
    ['matmul 129x257x300, both transposed', 'matmul', matmulCase(129, 257, 300, true, true)],
    ['scan 2x257x64x16', 'selective_scan', scanCase(2, 257, 64, 16, usual)],
    ['scan 1x70x130x5', 'selective_scan', scanCase(1, 70, 130, 5, usual)],
    ['scan of 16384 steps', 'selective_scan', scanCase(1, 16384, 4, 16, usual)],
    ['scan of 16384 steps, slow states', 'selective_scan', scanCase(1, 16384, 4, 4, { delta: [-7, -2.3], A: [-1, -0.05], z: [-2, 2] })],
    ['scan with large gates and steps', 'selective_scan', scanCase(2, 65, 8, 16, { delta: [-60, 60], A: [-40, -0.01], z: [-100, 100] })],
    ['sLSTM of 16384 steps', 'slstm', cellCase(1, 16384, 1, 4)],
    ['sLSTM with large gates', 'slstm', cellCase(7, 130, 3, 12, 100)],
    ['LSTM, one head of 100 units', 'lstm', cellCase(5, 20, 1, 100)],
    ['gradient of many wide blocks', 'headwise_outer', outerCase(2, 4, 100, 70, 140)],
    ['ssd of 16384 steps', 'ssd', ssdCase([1, 16384, 2, 4, 1, 4], [-4, 1], [-16, -0.5])],
    ['ssd of 4096 steps, slow states', 'ssd', ssdCase([1, 4096, 2, 5, 1, 6], [-7, -2.3], [-1, -0.05])],
    ['ssd with large steps', 'ssd', ssdCase([2, 130, 3, 8, 1, 8], [-60, 60], [-40, -0.01])],
    ['mlstm of 16384 steps', 'mlstm', mlstmCase([1, 16384, 2, 4, 4], [-3, 1], [0, 8], [0, 1])],
    ['mlstm with large gates', 'mlstm', mlstmCase([2, 130, 2, 8, 8], [-80, 80], [-90, 90], [0.2, 1])],
    ['conv1d_silu 2x200x130', 'conv1d_silu', convCase(2, 200, 130)],
    [
      'conv1d_silu with large inputs',
      'conv1d_silu',
      {
        ...convCase(1, 65, 12),
        range: [
          [-100, 100],
          [-1, 1],
          [-1, 1],
        ],
      },
    ],
  ]
  test.each(cases)('%s', async (_name, op, opCase) => {
    for (const [result, error] of await caseErrors(three, op, opCase))
      expect(error, `${op} ${result}`).toBeLessThanOrEqual(allowedError(op, result))
  })

  test('neither the number of threads nor the width of registers changes a bit', async () => {
    for (const [, op, opCase] of cases) {
      const [alone, together, other] = [await runCase(one, op, opCase), await runCase(three, op, opCase), await runCase(narrow, op, opCase)]
      for (const [result, values] of alone.results) {
        expect(together.results.get(result), `${op} ${result}, threads`).toEqual(values)
        expect(other.results.get(result), `${op} ${result}, 128-bit`).toEqual(values)
      }
    }
  })

  test('states that decay for long come to zero, not to slow denormals', async () => {
    // The first chunk of input is followed by silence.
    const backend = one
    const [seqlen, d, n] = [4096, 4, 4]
    const silent = scanCase(1, seqlen, d, n, { delta: [-3, -3], A: [-1, -1], z: [1, 1] })
    const { results } = await runCase(backend, 'selective_scan', { ...silent, range: [[0, 0], ...silent.range!.slice(1)] })
    for (const values of results.values()) expect(values.every((x) => x === 0 || Math.abs(x) > 1.2e-38)).toBe(true)
  })

  test('a gradient that decays over a long sequence comes to zero, not to slow denormals', async () => {
    // Only the last step's output is asked for; the forget gates are near one half.
    const [seqlen, d] = [3000, 4]
    for (const op of ['slstm', 'lstm'] as const) {
      const graph = new GraphBuilder()
      const inputs = cellCase(1, seqlen, 1, d).inputs.map((type, i) => graph.external(`in.${i}`, type))
      const [y] = graph.apply(op, inputs, { batch: 1, seqlen })
      const last = graph.everyRow(y, seqlen - 1, seqlen)
      const [dWx] = gradient(graph, [{ value: last, grad: graph.one('fill', [], { rows: 1, cols: d, value: 1 }) }], inputs)
      graph.store(dWx!, 'dWx')
      const buffers = Object.fromEntries(
        [...inputs.map((v, i) => [`in.${i}`, v.type] as const), ['dWx', dWx!.type] as const].map(([name, type]) => [
          name,
          one.createBuffer(elements(type), 'f32', name),
        ]),
      )
      buffers['in.0'].write(Float32Array.from({ length: 4 * d * seqlen }, (_, i) => Math.sin(i)))
      buffers['in.1'].write(Float32Array.from({ length: 4 * d * d }, (_, i) => 0.3 * Math.cos(i)))
      const program = await one.compile(plan(graph.graph, one.sizes), buffers)
      program.run()
      const values = await buffers.dWx.read()
      expect(values[0]).toBe(0)
      expect(values.some((x) => x !== 0)).toBe(true)
      expect(values.every((x) => x === 0 || Math.abs(x) > 1.2e-38)).toBe(true)
      program.destroy()
      Object.values(buffers).forEach((b) => b.destroy())
    }
  })
})

describe('values that are not finite', () => {
  test.each([
    'matmul',
    'rms_norm',
    'conv1d_silu',
    'selective_scan',
    'cross_entropy',
    'neg_exp',
    'global_norm',
    'mse',
    'add',
    'mul',
    'headwise_linear',
    'slstm',
    'lstm',
    'gru',
  ] as const)('%s passes NaN on', async (op) => {
    const base = ops[op].cases[ops[op].cases.length - 1]
    const range = base.inputs.map((_, i) => (i === 0 ? ([NaN, NaN] as const) : (base.range?.[i] ?? ([-1, 1] as const))))
    const { results } = await runCase(one, op, { ...base, range })
    expect([...results.values()][0].some(Number.isNaN)).toBe(true)
  })
  test('exp: infinite above 88.7, zero far below, exact between', async () => {
    const x = Float32Array.of(89, 1e30, Infinity, -200, -Infinity, 88.7, -86.9, 0, -0.3)
    const [y] = await evaluate('neg_exp', [x])
    expect([...y.subarray(0, 3)]).toEqual([-Infinity, -Infinity, -Infinity])
    expect([...y.subarray(3, 5)].map(Math.abs)).toEqual([0, 0])
    for (let i = 5; i < x.length; i++) expect(y[i] / -Math.exp(x[i])).toBeCloseTo(1, 6)
  })
  test('adamw leaves everything alone when the norm is not finite', async () => {
    const arenas = [0.5, 0.1, -0.2, 0.3].map((x) => new Float32Array(11).fill(x))
    const hyper = Float32Array.of(0.1, 0.1, 1, 1, 1, 0.5, 0, 0)
    const attrs = { decay_elements: 5, slow_from: 9, beta1: 0.9, beta2: 0.99, eps: 1e-8 }
    for (const norm of [NaN, Infinity]) {
      const [params, , m, v] = await evaluate('adamw', [...arenas, Float32Array.of(norm), hyper], attrs)
      expect([params, m, v]).toEqual([arenas[0], arenas[2], arenas[3]])
    }
    const [params] = await evaluate('adamw', [...arenas, Float32Array.of(1), hyper], attrs)
    expect(params.every((p) => p !== 0.5)).toBe(true)
  })
  test('an id or a target outside the vocabulary gives NaN, not a stray read', async () => {
    const backend = one
    const graph = new GraphBuilder()
    const logits = graph.external('logits', f32(2, 3))
    graph.store(graph.apply('cross_entropy', [logits, graph.external('targets', i32(2, 1))])[1], 'nll')
    graph.store(graph.one('embedding', [graph.external('targets', i32(2, 1)), logits]), 'rows')
    const buffers = {
      logits: backend.createBuffer(6, 'f32', 'logits'),
      targets: backend.createBuffer(2, 'i32', 'targets'),
      nll: backend.createBuffer(2, 'f32', 'nll'),
      rows: backend.createBuffer(6, 'f32', 'rows'),
    }
    buffers.targets.write(Int32Array.of(1, 1_000_000))
    const program = await backend.compile(plan(graph.graph, backend.sizes), buffers)
    program.run()
    const [nll, rows] = [await buffers.nll.read(), await buffers.rows.read()]
    expect(nll[0]).toBeCloseTo(Math.log(3), 6)
    expect(nll[1]).toBeNaN()
    expect([...rows].map(Number.isNaN)).toEqual([false, false, false, true, true, true])
    program.destroy()
    Object.values(buffers).forEach((b) => b.destroy())
  })
})

/** The inputs after (for ops that overwrite them) or, for ops that do not, the outputs. Each input is one row. */
async function evaluate(op: OpName, inputs: Float32Array[], attrs: Attributes = {}): Promise<(Float32Array | Int32Array)[]> {
  const graph = new GraphBuilder()
  const outputs = graph.apply(
    op,
    inputs.map((x, i) => graph.external(`in${i}`, f32(1, x.length))),
    attrs,
  )
  const buffers: Record<string, DeviceBuffer> = {}
  const create = (name: string, length: number): DeviceBuffer => (buffers[name] = one.createBuffer(length, 'f32', name))
  inputs.forEach((x, i) => create(`in${i}`, x.length).write(x))
  const results = ops[op].inPlace ? inputs.map((_, i) => `in${i}`) : outputs.map((_, i) => `out${i}`)
  if (!ops[op].inPlace)
    outputs.forEach((value, i) => {
      create(`out${i}`, elements(value.type))
      graph.store(value, `out${i}`)
    })
  const program = await one.compile(plan(graph.graph, one.sizes), buffers)
  program.run()
  const values = await Promise.all(results.map((name) => buffers[name].read()))
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  return values
}

describe('memory', () => {
  test('everything is given back', async () => {
    const backend = await CpuBackend.open({ threads: 2 })
    for (const op of ['matmul', 'selective_scan', 'cross_entropy'] as const) for (const c of ops[op].cases) await runCase(backend, op, c)
    expect(backend.allocatedBytes).toBe(0)
    backend.destroy()
  })
  test('new buffers are zero, also where an old one lay', async () => {
    const first = one.createBuffer(1000, 'f32', 'first')
    first.write(new Float32Array(1000).fill(7))
    first.destroy()
    const second = one.createBuffer(1000, 'f32', 'second')
    expect((await second.read()).every((x) => x === 0)).toBe(true)
    second.destroy()
  })
  test('grows past its start, and says so in one sentence when 4 GB are not enough', async () => {
    const backend = await CpuBackend.open({ threads: 1 })
    const large = backend.createBuffer(50_000_000, 'f32', 'large')
    large.write(Float32Array.of(3), 49_999_999)
    expect((await large.read(49_999_999))[0]).toBe(3)
    expect(() => backend.createBuffer(2 ** 30, 'f32', 'the logits')).toThrow(/out of memory: the logits needs 4096 MB/)
    large.destroy()
    expect(backend.allocatedBytes).toBe(0)
    backend.destroy()
  })
  test('reading or writing outside a buffer is refused', () => {
    const buffer = one.createBuffer(10, 'f32', 'small')
    expect(() => buffer.write(new Float32Array(11))).toThrow(RangeError)
    expect(() => buffer.read(5, 6)).toThrow(RangeError)
    buffer.destroy()
    expect(() => buffer.write(new Float32Array(1))).toThrow(RangeError)
  })
  test('a program or backend that is gone says so instead of hanging', async () => {
    const backend = await CpuBackend.open({ threads: 2 })
    const graph = new GraphBuilder()
    graph.store(graph.one('fill', [], { rows: 1, cols: 1, value: 2 }), 'y')
    const y = backend.createBuffer(1, 'f32', 'y')
    const [first, second] = [0, 1].map(() => backend.compile(plan(graph.graph, backend.sizes), { y }))
    ;(await first).run()
    expect((await y.read())[0]).toBe(2)
    ;(await first).destroy()
    await expect(first.then((p) => p.run())).rejects.toThrow('This program was destroyed.')
    backend.destroy()
    await expect(second.then((p) => p.run())).rejects.toThrow('closed')
  })
})
