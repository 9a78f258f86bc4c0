import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { at, elements, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { softplus } from './selective_scan.ts'

/**
 * All gradients of selective_scan from dy: with g = dy · silu(z) and λ_t the adjoint of h_t (λ_t = C_t g_t + exp(Δ_{t+1} A) λ_{t+1}),
 *   dC_t = Σ_d g_t h_t,  dB_t = Σ_d λ_t Δ_t u_t,  dΔ_t = Σ_n λ_t (A e^{Δ_t A} h_{t−1} + u_t B_t),  du_t = g_t D + Δ_t Σ_n λ_t B_t,
 *   dA = Σ_t λ_t Δ_t e^{Δ_t A} h_{t−1},  dD = Σ g u,  ddelta = dΔ · σ(delta + bias),  ddelta_bias = Σ ddelta,  dz = dy · y_pre · silu′(z).
 * Inputs dy, saved, then those of selective_scan in order; outputs the gradients of those in order.
 */
export const selective_scan_grad = defineOp({
  name: 'selective_scan_grad',
  inputs: ['dy', 'saved', 'u', 'delta', 'A', 'B', 'C', 'D', 'z', 'delta_bias'],
  outputs: ['du', 'ddelta', 'dA', 'dB', 'dC', 'dD', 'dz', 'ddelta_bias'],
  infer: ([, , ...inputs]) => [...inputs],
  reference([dy, , u, delta, A, B, C, D, z, delta_bias], [du, ddelta, dA, dB, dC, dD, dz, ddelta_bias], attrs) {
    const [batch, seqlen, d_state] = [num(attrs, 'batch'), num(attrs, 'seqlen'), A.cols]
    const clear = (m: typeof dA): void => {
      for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) set(m, r, c, 0)
    }
    ;[dA, dB, dC, dD, ddelta_bias].forEach(clear)
    const add = (m: typeof dA, r: number, c: number, value: number): void => set(m, r, c, at(m, r, c) + value)
    for (let b = 0; b < batch; b++)
      for (let d = 0; d < u.cols; d++) {
        const h = new Float64Array((seqlen + 1) * d_state)
        const y = new Float64Array(seqlen)
        for (let t = 0; t < seqlen; t++) {
          const row = b * seqlen + t
          const step = softplus(at(delta, row, d) + at(delta_bias, 0, d))
          y[t] = at(D, 0, d) * at(u, row, d)
          for (let n = 0; n < d_state; n++) {
            h[(t + 1) * d_state + n] = Math.exp(step * at(A, d, n)) * h[t * d_state + n] + step * at(u, row, d) * at(B, row, n)
            y[t] += at(C, row, n) * h[(t + 1) * d_state + n]
          }
        }
        const carried = new Float64Array(d_state)
        for (let t = seqlen - 1; t >= 0; t--) {
          const row = b * seqlen + t
          const raw = at(delta, row, d) + at(delta_bias, 0, d)
          const [step, zt, ut] = [softplus(raw), at(z, row, d), at(u, row, d)]
          const gate = sigmoid(zt)
          const g = at(dy, row, d) * zt * gate
          set(dz, row, d, at(dy, row, d) * y[t] * gate * (1 + zt * (1 - gate)))
          let [dstep, dInput] = [0, 0]
          for (let n = 0; n < d_state; n++) {
            const decay = Math.exp(step * at(A, d, n))
            const before = h[t * d_state + n]
            const adjoint = carried[n] + g * at(C, row, n)
            add(dC, row, n, g * h[(t + 1) * d_state + n])
            add(dB, row, n, adjoint * step * ut)
            add(dA, d, n, adjoint * step * decay * before)
            dstep += adjoint * (at(A, d, n) * decay * before + ut * at(B, row, n))
            dInput += adjoint * at(B, row, n)
            carried[n] = adjoint * decay
          }
          set(du, row, d, g * at(D, 0, d) + step * dInput)
          set(ddelta, row, d, dstep * sigmoid(raw))
          add(ddelta_bias, 0, d, dstep * sigmoid(raw))
          add(dD, 0, d, g * ut)
        }
      }
  },
  cost: ([, , u, , A]) => ({ flops: elements(u) * (18 * A.cols + 16), exps: elements(u) * (2 * A.cols + 3) }),
  tolerance: 2e-5,
  cases: [],
})
