import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'
import { activate, ACTIVATIONS } from './functions.ts'

/**
 * y = f(x), elementwise; attrs kind, a number of ACTIVATIONS: silu x·σ(x), gelu x·Φ(x) with the error function (Hendrycks & Gimpel 2016,
 * arXiv:1606.08415; PyTorch's default), gelu_tanh its tanh form (same paper, §2), sigmoid, softplus log(1 + eˣ), tanh, relu.
 * The gradient recomputes from x.
 */
export const activation = defineOp({
  name: 'activation',
  inputs: ['x'],
  outputs: ['y'],
  infer([x], attrs) {
    requireShape(num(attrs, 'kind') in Object.values(ACTIVATIONS), `activation: there is no kind ${num(attrs, 'kind')}`)
    return [x]
  },
  mayOverwrite: { 0: 0 },
  reference: ([x], [y], attrs) => {
    for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, activate(num(attrs, 'kind'), at(x, r, c)))
  },
  gradient: (builder, { inputs: [x], attrs }, [dy]) => (dy ? [builder.one('activation_grad', [dy, x], attrs)] : []),
  cost: ([x]) => ({ flops: 4 * elements(x), exps: elements(x) }),
  tolerance: 2e-6,
  cases: [
    ...Object.values(ACTIVATIONS).map((kind) => ({ inputs: [f32(63, 65)], attrs: { kind }, range: [[-6, 6]] as const })),
    ...Object.values(ACTIVATIONS).map((kind) => ({ inputs: [f32(3, 8)], attrs: { kind }, range: [[-0.5, 0.5]] as const })),
    { inputs: [f32(1, 1)], attrs: { kind: ACTIVATIONS.gelu }, range: [[1, 2]] },
    { inputs: [f32(5, 64)], attrs: { kind: ACTIVATIONS.gelu }, range: [[-40, 40]] },
    { inputs: [f32(5, 64)], attrs: { kind: ACTIVATIONS.gelu_tanh }, range: [[-40, 40]] },
    { inputs: [f32(5, 64)], attrs: { kind: ACTIVATIONS.tanh }, range: [[-200, 200]] },
    { inputs: [f32(5, 64)], attrs: { kind: ACTIVATIONS.softplus }, range: [[-200, 200]] },
  ],
})
