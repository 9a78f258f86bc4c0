import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const testCase = (batch: number, seqlen: number, d: number, d_conv: number) => ({
  inputs: [f32(batch * seqlen, d), f32(d, d_conv), f32(1, d)],
  attrs: { batch, seqlen },
})

/**
 * Causal depthwise convolution over time, then SiLU (Gu & Dao 2023, fig. 3): with zeros before t = 0,
 *   p_t = bias + Σ_k weight[:, k] ⊙ x_{t − (d_conv − 1) + k},   y_t = p_t · σ(p_t).
 * x, y (batch·seqlen, d) · weight (d, d_conv) · bias (1, d). The gradient recomputes p instead of storing it.
 */
export const conv1d_silu = defineOp({
  name: 'conv1d_silu',
  inputs: ['x', 'weight', 'bias'],
  outputs: ['y'],
  infer([x, weight, bias], attrs) {
    requireShape(
      x.rows === num(attrs, 'batch') * num(attrs, 'seqlen'),
      `conv1d_silu: x has ${x.rows} rows, batch · seqlen is ${num(attrs, 'batch') * num(attrs, 'seqlen')}`,
    )
    expectType('conv1d_silu: weight', weight, f32(x.cols, weight.cols))
    expectType('conv1d_silu: bias', bias, f32(1, x.cols))
    return [x]
  },
  reference([x, weight, bias], [y], attrs) {
    const [batch, seqlen, width] = [num(attrs, 'batch'), num(attrs, 'seqlen'), weight.cols]
    for (let b = 0; b < batch; b++)
      for (let t = 0; t < seqlen; t++)
        for (let d = 0; d < x.cols; d++) {
          let p = at(bias, 0, d)
          for (let k = 0; k < width; k++) {
            const s = t - (width - 1) + k
            if (s >= 0) p += at(weight, d, k) * at(x, b * seqlen + s, d)
          }
          set(y, b * seqlen + t, d, p * sigmoid(p))
        }
  },
  gradient: (builder, { inputs, attrs }, [dy]) => (dy ? builder.apply('conv1d_silu_grad', [dy, ...inputs], attrs) : []),
  cost: ([x, weight]) => ({ flops: elements(x) * (2 * weight.cols + 4), exps: elements(x) }),
  tolerance: 2e-6,
  cases: [testCase(1, 1, 1, 4), testCase(2, 33, 65, 4), testCase(3, 7, 32, 2), testCase(1, 130, 12, 3)],
})
