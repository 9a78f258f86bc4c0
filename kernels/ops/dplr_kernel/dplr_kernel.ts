import { f32, set } from '../../tensor/tensor.ts'
import type { Complex } from '../diagonal_scan/discretise.ts'
import { times } from '../diagonal_scan/discretise.ts'
import { defineOp, num } from '../op.ts'
import { advance, dplr, dplrInputs, dplrRanges, expectDplr } from './dplr.ts'

const testCase = (lags: number, d_model: number, modes: number) => ({
  inputs: dplrInputs(d_model, modes),
  attrs: { lags },
  range: dplrRanges,
})

/**
 * The convolution kernel of one state space per channel whose A is diagonal minus rank one in Hurwitz form (S4 and SaShiMi; Gu et al. 2022,
 * arXiv:2111.00396, §3; Goel et al. 2022, arXiv:2202.09729, §4.1): A = Λ − P P*, Λ = −e^{A_real} − i·A_imag, so that every eigenvalue stays in the
 * left half-plane whatever is learned. kernel (lags, d_model) = 2 Re C Ā^l B̄ with the bilinear Ā, B̄, the modes standing for conjugate
 * pairs. Computed by the recurrence itself, which by the Woodbury identity costs a state as much as a diagonal one and half again: the same
 * operations as the Cauchy sums of the paper, no roots of unity, and C stays C, whatever the length.
 * log_dt (1, d_model) · A_real, A_imag (d_model, modes) · B, C, P (d_model, 2·modes) as re, im pairs. `saved` keeps some of the states.
 */
export const dplr_kernel = defineOp({
  name: 'dplr_kernel',
  inputs: ['log_dt', 'A_real', 'A_imag', 'B', 'C', 'P'],
  outputs: ['kernel', 'saved'],
  opaque: [1],
  infer(inputs, attrs) {
    expectDplr('dplr_kernel', inputs[0].cols, inputs)
    return [f32(num(attrs, 'lags'), inputs[0].cols), f32(1, 0)]
  },
  reference([log_dt, A_real, A_imag, B, C, P], [kernel]) {
    for (let h = 0; h < kernel.cols; h++) {
      const channel = dplr({ log_dt, A_real, A_imag, B, C, P }, h)
      const s: Complex[] = channel.modes.map(({ b }) => b)
      for (let l = 0; l < kernel.rows; l++) {
        set(
          kernel,
          l,
          h,
          channel.modes.reduce((sum, m, n) => sum + 2 * times(m.C, s[n])[0], 0),
        )
        advance(channel, s)
      }
    }
  },
  gradient: (builder, { inputs, outputs: [, saved], attrs }, [dkernel]) =>
    dkernel ? builder.apply('dplr_kernel_grad', [dkernel, saved, ...inputs], attrs) : [],
  cost: ([, A_real], attrs) => ({ flops: num(attrs, 'lags') * A_real.rows * A_real.cols * 20 }),
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: [testCase(1, 1, 1), testCase(63, 5, 3), testCase(130, 9, 32), testCase(1100, 3, 16)],
})
