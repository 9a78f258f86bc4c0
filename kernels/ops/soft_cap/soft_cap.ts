import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/**
 * y = cap · tanh(x / cap), elementwise: keeps logits or gates inside ±cap (Gemma team 2024, arXiv:2408.00118, §2; the gates of xLSTM 7B,
 * Beck et al. 2025, arXiv:2503.13427, §3). attrs cap.
 */
export const soft_cap = defineOp({
  name: 'soft_cap',
  inputs: ['x'],
  outputs: ['y'],
  mayOverwrite: { 0: 0 },
  infer: ([x], attrs) => (requireShape(num(attrs, 'cap') > 0, 'soft_cap: cap must be positive'), [x]),
  reference([x], [y], attrs) {
    const cap = num(attrs, 'cap')
    for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) set(y, r, c, cap * Math.tanh(at(x, r, c) / cap))
  },
  gradient: (builder, { inputs: [x], attrs }, [dy]) => (dy ? [builder.one('soft_cap_grad', [dy, x], attrs)] : []),
  cost: ([x]) => ({ flops: 8 * elements(x), exps: elements(x) }),
  tolerance: 2e-6,
  cases: [
    { inputs: [f32(1, 1)], attrs: { cap: 15 }, range: [[1, 20]] },
    { inputs: [f32(63, 65)], attrs: { cap: 15 }, range: [[-30, 30]] },
    { inputs: [f32(9, 8)], attrs: { cap: 0.5 } },
  ],
})

/** dx = dy · (1 − tanh²(x / cap)). */
export const soft_cap_grad = defineOp({
  name: 'soft_cap_grad',
  inputs: ['dy', 'x'],
  outputs: ['dx'],
  mayOverwrite: { 0: 0 },
  infer: ([dy, x]) => (expectType('soft_cap_grad: x', x, dy), [dy]),
  reference([dy, x], [dx], attrs) {
    for (let r = 0; r < x.rows; r++)
      for (let c = 0; c < x.cols; c++) set(dx, r, c, at(dy, r, c) * (1 - Math.tanh(at(x, r, c) / num(attrs, 'cap')) ** 2))
  },
  cost: ([x]) => ({ flops: 8 * elements(x), exps: elements(x) }),
  tolerance: 2e-6,
  cases: [],
})
