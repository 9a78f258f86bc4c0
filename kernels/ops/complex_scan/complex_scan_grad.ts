import { at, elements, set } from '../../tensor/tensor.ts'
import { type Complex, conj, plus, scale, times } from '../diagonal_scan/discretise.ts'
import { parameterGradients } from '../diagonal_scan/diagonal_scan_grad.ts'
import { defineOp, num } from '../op.ts'
import { sharedMode } from './complex_scan.ts'

/**
 * With g_t the gradient of x_t (2 dy, the imaginary half negated) and λ_t = g_t + ā λ_{t+1}: dv_t = β̄ λ_t, ∂β = Σ λ_t v̄_t,
 * ∂a = Σ λ_t x̄_{t−1}, then through a = e^{ΔΛ} and β = (a − 1)/Λ. Inputs dy, y, then those of complex_scan; outputs their gradients.
 */
export const complex_scan_grad = defineOp({
  name: 'complex_scan_grad',
  inputs: ['dy', 'y', 'v', 'Lambda_re', 'Lambda_im', 'log_step'],
  outputs: ['dv', 'dLambda_re', 'dLambda_im', 'dlog_step'],
  infer: ([, , ...inputs]) => [...inputs],
  reference([dy, y, v, Lambda_re, Lambda_im, log_step], [dv, dLambda_re, dLambda_im, dlog_step], attrs) {
    const [modes, seqlen] = [Lambda_re.cols, num(attrs, 'seqlen')]
    for (let n = 0; n < modes; n++) {
      const { Lambda, clipped, dt, a, beta } = sharedMode(Lambda_re, Lambda_im, log_step, n, attrs)
      let [adjoint, dbeta, da]: Complex[] = [
        [0, 0],
        [0, 0],
        [0, 0],
      ]
      for (let r = v.rows - 1; r >= 0; r--) {
        if (r % seqlen === seqlen - 1) adjoint = [0, 0]
        adjoint = plus([2 * at(dy, r, n), -2 * at(dy, r, modes + n)], times(conj(a), adjoint))
        const dvr = times(conj(beta), adjoint)
        set(dv, r, n, dvr[0])
        set(dv, r, modes + n, dvr[1])
        dbeta = plus(dbeta, times(adjoint, [at(v, r, n), -at(v, r, modes + n)]))
        if (r % seqlen) da = plus(da, times(adjoint, [at(y, r - 1, n) / 2, at(y, r - 1, modes + n) / 2])) // y holds conj(x)
      }
      // As one mode of diagonal_scan with C = 1, so that ∂w is ∂β.
      const mode = { dt, A: Lambda, z: scale(dt, Lambda), a, beta, C: [1, 0] as const, w: beta }
      const d = parameterGradients(mode, dbeta, times(da, conj(a)))
      set(dLambda_re, 0, n, clipped ? 0 : d.log_A_real / Lambda[0])
      set(dLambda_im, 0, n, d.A_imag)
      set(dlog_step, 0, n, d.log_dt)
    }
  },
  cost: ([dy]) => ({ flops: 20 * elements(dy) }),
  tolerance: 2e-5,
  cases: [],
})
