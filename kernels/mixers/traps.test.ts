import { expect, test } from 'vitest'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { RandomStream } from '../random/philox.ts'
import { initialParams, runForward } from '../testing/runMixer.ts'
import type { Mixer } from './mixer.ts'
import { mixers } from './registry.ts'

/*
 * Where the published code does what its paper, or a reader's habit, would not say. The goldens hold all of these together; here each stands
 * alone, with the answer worked out by hand, so that a mistake is named by the test that fails.
 */
const random = (n: number): Float32Array => {
  const stream = new RandomStream(23)
  return Float32Array.from({ length: n }, () => stream.normal())
}

async function outputs(
  name: string,
  options: Record<string, unknown>,
  { d_model, seqlen = 1, x = random(seqlen * d_model) }: { d_model: number; seqlen?: number; x?: Float32Array },
  change: (params: Record<string, Float32Array>) => Record<string, Float32Array>,
): Promise<number[]> {
  const mixer: Mixer = mixers[name]
  const config = mixer.resolve(options, { d_model, n_layer: 1, layer: 0, seqlen })
  const initial = initialParams(mixer, config)
  const params = { ...initial, ...change(initial) }
  return Array.from((await runForward(new ReferenceBackend(), mixer, config, params, x, x, { batch: 1, seqlen })).out)
}
const identity = (n: number): Float32Array => Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0))
const rms = (values: number[]): number => Math.hypot(...values) / Math.sqrt(values.length)
const centred = (values: number[]): number[] => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length + 1e-5)
  return values.map((v) => (v - mean) / spread)
}
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v))

test('norms of package xlstm store γ − 1: weights of one double what zeros leave', async () => {
  const at = (weight: number): Promise<number[]> =>
    outputs('slstm', { num_heads: 2 }, { d_model: 8 }, () => ({ 'group_norm.weight': new Float32Array(8).fill(weight) }))
  const [zero, one] = [await at(0), await at(1)]
  expect(rms(zero)).toBeGreaterThan(0.5)
  zero.forEach((value, i) => expect(one[i]).toBeCloseTo(2 * value, 10))
})

test('norms of xLSTM 7B store γ itself: zeros leave nothing', async () => {
  const out = await outputs('mlstm_large', { num_heads: 2 }, { d_model: 16 }, () => ({ 'multihead_norm.weight': new Float32Array(16) }))
  expect(rms(out)).toBe(0)
})

/** An sLSTM of one head and two units without convolution whose gates read the input as it is. */
const DH = 2
const plain = { 'fgate.weight': identity(DH), 'igate.weight': identity(DH), 'zgate.weight': identity(DH), 'ogate.weight': identity(DH) }
const bare = { num_heads: 1, d_conv: 0 }

test('the first step of sLSTM takes m = ĩ, not max(ĩ, log σ(f̃)): a shut input gate still lets h = σ(õ) tanh(z̃) through', async () => {
  const x = Float32Array.of(0.3, -1.1)
  const bias = Float32Array.of(-400, -400, 5, 5, 0, 0, 0, 0) // i, f, z, o
  const out = await outputs('slstm', bare, { d_model: DH, x }, () => ({ ...plain, 'slstm_cell._bias_': bias }))
  centred(Array.from(x, (v) => sigmoid(v) * Math.tanh(v))).forEach((value, i) => expect(out[i]).toBeCloseTo(value, 10))
})

test('R of sLSTM lies as backend "vanilla" has it, (heads, 4·dh, dh) with gates i, f, z, o outermost', async () => {
  const x = Float32Array.of(0.4, -0.7, 0.2, 0.5)
  // only gate z of unit 1 hears unit 0
  const R = new Float32Array(4 * DH * DH)
  R[(2 * DH + 1) * DH] = 1.5
  const bias = new Float32Array(4 * DH)
  const out = await outputs('slstm', bare, { d_model: DH, seqlen: 2, x }, () => ({
    ...plain,
    'slstm_cell._recurrent_kernel_': R,
    'slstm_cell._bias_': bias,
  }))
  const unit = (v: number, heard: number, state: { c: number; n: number; m: number } | null) => {
    const kept = state ? Math.log(sigmoid(v)) + state.m : -Infinity
    const m = Math.max(v, kept)
    const [let_in, left] = [Math.exp(v - m), Math.exp(kept - m)]
    const c = left * (state?.c ?? 0) + let_in * Math.tanh(v + heard)
    const n = left * (state?.n ?? 0) + let_in
    return { c, n, m, h: (sigmoid(v) * c) / n }
  }
  const first = [unit(x[0], 0, null), unit(x[1], 0, null)]
  const second = [unit(x[2], 0, first[0]), unit(x[3], 1.5 * first[0].h, first[1])]
  centred(second.map(({ h }) => h)).forEach((value, i) => expect(out[DH + i]).toBeCloseTo(value, 10))
})

test('Mamba-2 gates before its norm: rows leave the norm at an RMS of one, whatever the gate', async () => {
  const d_model = 8
  const out = await outputs('mamba2', { expand: 1, headdim: 4, d_state: 4 }, { d_model, seqlen: 3 }, (initial) => ({
    'in_proj.weight': initial['in_proj.weight'].map((w) => 30 * w),
    'out_proj.weight': identity(d_model),
  }))
  for (let t = 0; t < 3; t++) expect(rms(out.slice(t * d_model, (t + 1) * d_model))).toBeCloseTo(1, 2)
})

test('S4 of version 4 has A = −exp(A_real) − i·A_imag, S4D has + i·A_imag', async () => {
  // One pair of modes, one channel whose output is what the state space makes of an impulse.
  const [omega, decay, dt] = [3, 0.5, 0.1]
  const pair = (re: number, im: number): Float32Array => Float32Array.of(re, im)
  const impulse = Float32Array.of(1, 0)
  const glu = { 'output_linear.0.weight': Float32Array.of(1, 0), 'output_linear.0.bias': Float32Array.of(0, 40) } // the gate open
  const gelu = (v: number): number => {
    let erf = 0
    for (let n = 0, term = v / Math.SQRT2; n < 60; n++, term *= -(v * v) / 2 / n) erf += term / (2 * n + 1)
    return (v / 2) * (1 + (2 / Math.sqrt(Math.PI)) * erf)
  }
  const s4 = await outputs('s4', { d_state: 2 }, { d_model: 1, seqlen: 2, x: impulse }, () => ({
    ...glu,
    'layer.D': new Float32Array(1),
    'layer.kernel.inv_dt': Float32Array.of(Math.log(dt)),
    'layer.kernel.A_real': Float32Array.of(Math.log(decay)),
    'layer.kernel.A_imag': Float32Array.of(omega),
    'layer.kernel.B': pair(1, 0),
    'layer.kernel.C': pair(0, 1),
    'layer.kernel.P': pair(0, 0),
  }))
  // bilinear: Ā = (1 + a)/(1 − a), B̄ = Δ/(1 − a) with a = Δ A/2; K₁ = 2 Re(i Ā B̄) = −2 Im(Ā B̄)
  const second = (sign: number): number => {
    const [re, im] = [(-decay * dt) / 2, (sign * omega * dt) / 2]
    const norm = (1 - re) ** 2 + im ** 2
    const inverse = [(1 - re) / norm, im / norm]
    const A = [(1 + re) * inverse[0] - im * inverse[1], (1 + re) * inverse[1] + im * inverse[0]]
    return -2 * dt * (A[0] * inverse[1] + A[1] * inverse[0])
  }
  expect(second(-1)).toBeGreaterThan(0)
  expect(s4[1]).toBeCloseTo(gelu(second(-1)), 7)
  const s4d = await outputs('s4d', { d_state: 2 }, { d_model: 1, seqlen: 2, x: impulse }, () => ({
    ...glu,
    D: new Float32Array(1),
    'kernel.log_dt': Float32Array.of(Math.log(dt)),
    'kernel.log_A_real': Float32Array.of(Math.log(decay)),
    'kernel.A_imag': Float32Array.of(omega),
    'kernel.C': pair(0, 1),
  }))
  expect(Math.sign(s4d[1])).toBe(-Math.sign(s4[1]))
})
