import { at, elements, expectType, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { sigmoid } from './conv1d_silu.ts'

/**
 * With dp = dy · σ(p) (1 + p (1 − σ(p))): dx_s = Σ_k weight[:, k] ⊙ dp_{s + (d_conv − 1) − k} inside the same sequence,
 * dweight[:, k] = Σ_t dp_t ⊙ x_{t − (d_conv − 1) + k}, dbias = Σ_t dp_t. Inputs dy, x, weight, bias; p is recomputed.
 */
export const conv1d_silu_grad = defineOp({
  name: 'conv1d_silu_grad',
  inputs: ['dy', 'x', 'weight', 'bias'],
  outputs: ['dx', 'dweight', 'dbias'],
  infer: ([dy, x, weight, bias]) => (expectType('conv1d_silu_grad: dy', dy, x), [x, weight, bias]),
  reference([dy, x, weight, bias], [dx, dweight, dbias], attrs) {
    const [batch, seqlen, width] = [num(attrs, 'batch'), num(attrs, 'seqlen'), weight.cols]
    for (let d = 0; d < x.cols; d++) {
      set(dbias, 0, d, 0)
      for (let k = 0; k < width; k++) set(dweight, d, k, 0)
      for (let r = 0; r < x.rows; r++) set(dx, r, d, 0)
      for (let b = 0; b < batch; b++)
        for (let t = 0; t < seqlen; t++) {
          const row = b * seqlen + t
          let p = at(bias, 0, d)
          for (let k = 0; k < width; k++) if (t - (width - 1) + k >= 0) p += at(weight, d, k) * at(x, row - (width - 1) + k, d)
          const s = sigmoid(p)
          const dp = at(dy, row, d) * s * (1 + p * (1 - s))
          set(dbias, 0, d, at(dbias, 0, d) + dp)
          for (let k = 0; k < width; k++) {
            if (t - (width - 1) + k < 0) continue
            const from = row - (width - 1) + k
            set(dweight, d, k, at(dweight, d, k) + dp * at(x, from, d))
            set(dx, from, d, at(dx, from, d) + dp * at(weight, d, k))
          }
        }
    }
  },
  cost: ([, x, weight]) => ({ flops: elements(x) * (6 * weight.cols + 8), exps: elements(x) }),
  tolerance: 4e-6,
  cases: [],
})
