import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

const testCase = (batch: number, seqlen: number, d_model: number, lags: number) => ({
  inputs: [f32(batch * seqlen, d_model), f32(lags, d_model), f32(1, d_model)],
  attrs: { batch, seqlen },
})

/** Points of the transforms: nothing wraps around. */
export const fftSize = (seqlen: number): number => 2 ** Math.ceil(Math.log2(2 * seqlen))

/**
 * Long causal convolution of each channel with a kernel of its own, and a skip (Gu et al. 2022, arXiv:2111.00396, §2.3; Fu et al. 2023,
 * arXiv:2212.14052): y_t = Σ_{l ≤ t} kernel_l ⊙ u_{t−l} + D ⊙ u_t inside a sequence. u, y (batch·seqlen, d_model) · kernel (lags, d_model), whose
 * lags at or beyond seqlen are not used · D (1, d_model). The kernels transform two sequences at once, as real and imaginary part.
 */
export const fft_conv = defineOp({
  name: 'fft_conv',
  inputs: ['u', 'kernel', 'D'],
  outputs: ['y'],
  infer([u, kernel, D], attrs) {
    requireShape(u.rows === num(attrs, 'batch') * num(attrs, 'seqlen'), `fft_conv: u has ${u.rows} rows, not batch · seqlen`)
    expectType('fft_conv: kernel', kernel, f32(kernel.rows, u.cols))
    expectType('fft_conv: D', D, f32(1, u.cols))
    return [u]
  },
  reference([u, kernel, D], [y], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let h = 0; h < u.cols; h++)
      for (let r = 0; r < u.rows; r++) {
        let sum = at(D, 0, h) * at(u, r, h)
        for (let l = 0; l <= r % seqlen && l < kernel.rows; l++) sum += at(kernel, l, h) * at(u, r - l, h)
        set(y, r, h, sum)
      }
  },
  gradient: (builder, { inputs, attrs }, [dy]) => (dy ? builder.apply('fft_conv_grad', [dy, ...inputs], attrs) : []),
  // A complex transform and back for two sequences, and one of the kernel; 5 n log2 n each.
  cost([u], attrs) {
    const n = fftSize(num(attrs, 'seqlen'))
    return { flops: u.cols * (Math.ceil(num(attrs, 'batch') / 2) * 2 + 1) * 5 * n * Math.log2(n) + 2 * elements(u) }
  },
  tolerance: 4e-6,
  cases: [testCase(1, 1, 1, 1), testCase(2, 63, 5, 63), testCase(3, 65, 33, 40), testCase(1, 64, 4, 100), testCase(2, 300, 3, 300)],
})
