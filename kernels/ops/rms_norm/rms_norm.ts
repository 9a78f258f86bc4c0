import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'

/**
 * y (R, d) = x · rstd · weight, rstd (R, 1) = (mean(x²) + eps)^−½ per row (Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4).
 * weight (1, d). rstd is kept for the gradient. attrs eps.
 */
export const rms_norm = defineOp({
  name: 'rms_norm',
  inputs: ['x', 'weight'],
  outputs: ['y', 'rstd'],
  infer: ([x, weight]) => (expectType('rms_norm: weight', weight, f32(1, x.cols)), [x, f32(x.rows, 1)]),
  reference([x, weight], [y, rstd], attrs) {
    for (let r = 0; r < x.rows; r++) {
      let sum = 0
      for (let c = 0; c < x.cols; c++) sum += at(x, r, c) ** 2
      const scale = 1 / Math.sqrt(sum / x.cols + num(attrs, 'eps'))
      set(rstd, r, 0, scale)
      for (let c = 0; c < x.cols; c++) set(y, r, c, at(x, r, c) * scale * at(weight, 0, c))
    }
  },
  gradient: (builder, { inputs: [x, weight], outputs: [, rstd] }, [dy]) =>
    dy ? builder.apply('rms_norm_grad', [dy, x, weight, rstd]) : [],
  cost: ([x]) => ({ flops: 4 * elements(x) }),
  tolerance: 2e-6,
  cases: [
    // One column and a small eps would leave dx ≈ 0 as the difference of two equal numbers, which no f32 can tell.
    { inputs: [f32(1, 1), f32(1, 1)], attrs: { eps: 0.5 } },
    { inputs: [f32(1, 65), f32(1, 65)], attrs: { eps: 1e-5 } },
    { inputs: [f32(65, 2), f32(1, 2)], attrs: { eps: 1e-5 } },
    { inputs: [f32(63, 65), f32(1, 65)], attrs: { eps: 1e-5 } },
    {
      inputs: [f32(130, 128), f32(1, 128)],
      attrs: { eps: 1e-5 },
      range: [
        [-30, 30],
        [0.5, 2],
      ],
    },
  ],
})
