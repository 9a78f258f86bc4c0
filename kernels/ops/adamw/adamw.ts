import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'

/** Columns of `hyper`, written by the host before each step. bias1 = 1 / (1 − beta1^t), bias2 = 1 / (1 − beta2^t). clip ≤ 0 means no clipping. slow: factor on lr for the elements from slow_from on. step: from 0, what dropout draws its mask by. */
export const HYPER = { lr: 0, weight_decay: 1, bias1: 2, bias2: 3, clip: 4, slow: 5, step: 6 } as const
export const HYPER_COLUMNS = 8

const testCase = (n: number, decay_elements: number, slow_from = n) => ({
  inputs: [f32(1, n), f32(1, n), f32(1, n), f32(1, n), f32(1, 1), f32(1, HYPER_COLUMNS)],
  attrs: { decay_elements, slow_from, beta1: 0.9, beta2: 0.99, eps: 1e-8 },
  range: [
    [-1, 1],
    [-1, 1],
    [-0.1, 0.1],
    [0, 0.1],
    [0.5, 3],
    [0.01, 0.9],
  ] as const,
})

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2) over the flat arenas, in place, with global-norm clipping:
 *   g ← grad · min(1, clip / (norm + 1e-6)),  m ← β1 m + (1 − β1) g,  v ← β2 v + (1 − β2) g²,
 *   p ← p (1 − lr · weight_decay) − lr · bias1 · m / (√(bias2 · v) + eps).
 * Weight decay applies to the first decay_elements elements only; from element slow_from on lr is multiplied by slow (state space
 * parameters, Gu et al. 2022, arXiv:2111.00396, appendix D). When norm is not finite nothing changes (the step is skipped).
 * params, grads, m, v (1, P) · norm (1, 1) · hyper (1, 8), see HYPER.
 */
export const adamw = defineOp({
  name: 'adamw',
  inputs: ['params', 'grads', 'm', 'v', 'norm', 'hyper'],
  outputs: ['params', 'm', 'v'],
  inPlace: { 0: 0, 1: 2, 2: 3 },
  infer([params, grads, m, v, norm, hyper]) {
    for (const [name, type] of Object.entries({ grads, m, v })) expectType(`adamw: ${name}`, type, params)
    expectType('adamw: norm', norm, f32(1, 1))
    expectType('adamw: hyper', hyper, f32(1, HYPER_COLUMNS))
    return [params, m, v]
  },
  reference([params, grads, m, v, norm, hyper], [p1, m1, v1], attrs) {
    const length = at(norm, 0, 0)
    const {
      lr: fast,
      weight_decay: decay,
      bias1,
      bias2,
      clip,
      slow,
    } = Object.fromEntries(Object.entries(HYPER).map(([k, c]) => [k, at(hyper, 0, c)]))
    const [beta1, beta2, eps] = [num(attrs, 'beta1'), num(attrs, 'beta2'), num(attrs, 'eps')]
    const scale = clip > 0 ? Math.min(1, clip / (length + 1e-6)) : 1
    for (let i = 0; i < params.cols; i++) {
      const [p, mi, vi] = [at(params, 0, i), at(m, 0, i), at(v, 0, i)]
      if (!Number.isFinite(length)) {
        set(p1, 0, i, p)
        set(m1, 0, i, mi)
        set(v1, 0, i, vi)
        continue
      }
      const lr = i < num(attrs, 'slow_from') ? fast : fast * slow
      const g = at(grads, 0, i) * scale
      const mNext = beta1 * mi + (1 - beta1) * g
      const vNext = beta2 * vi + (1 - beta2) * g * g
      const kept = i < num(attrs, 'decay_elements') ? p * (1 - lr * decay) : p
      set(m1, 0, i, mNext)
      set(v1, 0, i, vNext)
      set(p1, 0, i, kept - (lr * bias1 * mNext) / (Math.sqrt(bias2 * vNext) + eps))
    }
  },
  cost: ([params]) => ({ flops: 14 * elements(params) }),
  tolerance: 4e-6,
  cases: [testCase(1, 0), testCase(1, 1), testCase(7001, 4001), testCase(7001, 4001, 5003), testCase(64, 8, 32)],
})
