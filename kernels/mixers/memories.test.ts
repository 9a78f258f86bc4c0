import { expect, test } from 'vitest'
import { initialParams } from '../testing/runMixer.ts'
import { lstm } from './lstm.ts'
import { mamba2 } from './mamba2.ts'
import type { Mixer } from './mixer.ts'
import { mlstm } from './mlstm.ts'
import { mlstm_large } from './mlstm_large.ts'

const context = { d_model: 64, n_layer: 4, layer: 1, seqlen: 32 }
const initial = (mixer: unknown, options: Record<string, unknown> = {}, where = context): Record<string, Float32Array> =>
  initialParams(mixer as Mixer, (mixer as Mixer).resolve(options, where))
const spread = (values: Float32Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)

test('Mamba-2 starts as published: A from U(1, 16), steps from 1e-3 to 1e-1, D and the norm at 1', () => {
  const p = initial(mamba2, { headdim: 1, d_state: 4 })
  const A = p.A_log.map(Math.exp)
  expect(A.length).toBe(128)
  expect(Math.min(...A)).toBeGreaterThanOrEqual(1)
  expect(Math.max(...A)).toBeLessThanOrEqual(16)
  expect(A.reduce((a, b) => a + b, 0) / A.length).toBeCloseTo(8.5, 0)
  const steps = p.dt_bias.map((b) => Math.log1p(Math.exp(b)))
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(0.999e-3)
  expect(Math.max(...steps)).toBeLessThanOrEqual(0.1001)
  for (const name of ['D', 'norm.weight']) expect(p[name].every((x) => x === 1)).toBe(true)
})

test('Mamba-2 has in_proj rows for z, x, B, C and dt, and heads that fit a small model', () => {
  const shapes = (d_model: number, options = {}): readonly number[] =>
    mamba2.params(mamba2.resolve(options, { ...context, d_model }))['in_proj.weight'].shape
  expect(shapes(128)).toEqual([2 * 256 + 2 * 128 + 4, 128])
  expect(shapes(128, { ngroups: 2, d_state: 16 })).toEqual([2 * 256 + 2 * 2 * 16 + 4, 128])
  // d_inner 40: heads of 8, the largest power of two that divides it.
  expect(shapes(20, { d_state: 4 })).toEqual([2 * 40 + 2 * 4 + 5, 20])
})

test('mLSTM starts as published: gates deaf, forget biases from 3 to 6, norm at γ = 1 stored as 0, skip at 1', () => {
  const p = initial(mlstm)
  for (const name of ['mlstm_cell.igate.weight', 'mlstm_cell.fgate.weight', 'mlstm_cell.outnorm.weight'])
    expect(p[name].every((x) => x === 0)).toBe(true)
  expect([...p['mlstm_cell.fgate.bias']]).toEqual([3, 4, 5, 6])
  expect(spread(p['mlstm_cell.igate.bias'])).toBeLessThan(0.4)
  expect(p.learnable_skip.every((x) => x === 1)).toBe(true)
  expect(spread(p['proj_up.weight'])).toBeCloseTo(Math.sqrt(2 / (5 * 64)), 2)
  expect(spread(p['proj_down.weight'])).toBeCloseTo(2 / 4 / 8, 2)
})

test('d_inner of mLSTM is rounded up to a multiple of 64, as in package xlstm', () => {
  expect(mlstm.resolve({}, { ...context, d_model: 20 }).d_inner).toBe(64)
  expect(mlstm.resolve({ proj_factor: 1.5 }, { ...context, d_model: 100 }).d_inner).toBe(192)
  expect(mlstm.resolve({ round_to: 8 }, { ...context, d_model: 20 }).d_inner).toBe(40)
})

test('the mLSTM of xLSTM 7B starts with input gates at −10 and half as wide keys', () => {
  const p = initial(mlstm_large)
  expect([...p['igate_preact.bias']]).toEqual([-10, -10, -10, -10])
  expect(p['q.weight'].length).toBe(32 * 64)
  expect(p['multihead_norm.weight'].every((x) => x === 1)).toBe(true)
})

test.each([
  [mamba2, { headdim: 48 }, 'headdim 48 does not divide'],
  [mamba2, { headdim: 32, ngroups: 3 }, 'ngroups 3 does not divide the 4 heads'],
  [mlstm, { num_heads: 5 }, 'num_heads 5 does not divide d_inner 128'],
  [mlstm, { qkv_proj_blocksize: 3 }, 'qkv_proj_blocksize 3 does not divide d_inner 128'],
  [mlstm_large, { num_heads: 3 }, 'num_heads 3 does not divide qk_dim 32'],
])('%# of these is refused', (mixer, options, sentence) =>
  expect(() => (mixer as unknown as Mixer).resolve(options, context)).toThrow(sentence),
)

test('forget_bias of an LSTM is added where the forget gate is, and to nothing else', () => {
  const [plain, raised] = [initial(lstm), initial(lstm, { forget_bias: 3 })]
  const d = plain.bias_ih_l0.length / 4
  expect([...raised.bias_ih_l0]).toEqual([...plain.bias_ih_l0.map((b, i) => (i >= d && i < 2 * d ? Math.fround(b + 3) : b))])
  for (const name of ['bias_hh_l0', 'weight_ih_l0', 'weight_hh_l0']) expect(raised[name]).toEqual(plain[name])
  expect(() => lstm.resolve({ forget_bias: 21 }, context)).toThrow()
})
