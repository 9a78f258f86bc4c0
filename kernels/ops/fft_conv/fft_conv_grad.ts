import { at, elements, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { fftSize } from './fft_conv.ts'

/**
 * du_s = Σ_t kernel_{t−s} ⊙ dy_t + D ⊙ dy_s, dkernel_l = Σ_t dy_t ⊙ u_{t−l} over all sequences (zero for lags at or beyond seqlen),
 * dD = Σ dy ⊙ u.
 */
export const fft_conv_grad = defineOp({
  name: 'fft_conv_grad',
  inputs: ['dy', 'u', 'kernel', 'D'],
  outputs: ['du', 'dkernel', 'dD'],
  infer: ([, ...inputs]) => [...inputs],
  reference([dy, u, kernel, D], [du, dkernel, dD], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let h = 0; h < u.cols; h++) {
      for (let l = 0; l < kernel.rows; l++) {
        let sum = 0
        for (let r = 0; r < u.rows; r++) if (r % seqlen >= l) sum += at(dy, r, h) * at(u, r - l, h)
        set(dkernel, l, h, sum)
      }
      let skip = 0
      for (let r = 0; r < u.rows; r++) {
        skip += at(dy, r, h) * at(u, r, h)
        let sum = at(D, 0, h) * at(dy, r, h)
        for (let l = 0; (r % seqlen) + l < seqlen && l < kernel.rows; l++) sum += at(kernel, l, h) * at(dy, r + l, h)
        set(du, r, h, sum)
      }
      set(dD, 0, h, skip)
    }
  },
  cost([, u], attrs) {
    const n = fftSize(num(attrs, 'seqlen'))
    return { flops: u.cols * (Math.ceil(num(attrs, 'batch') / 2) * 3 + 2) * 5 * n * Math.log2(n) + 4 * elements(u) }
  },
  tolerance: 4e-6,
  cases: [],
})
