import { at, elements, type HostMatrix, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { type Complex, conj, type Mode, mode, over, plus, scale, times } from './discretise.ts'

/**
 * All gradients of diagonal_scan from dy = g. With ∂x = ∂L/∂Re x + i ∂L/∂Im x and λ_t = κ g_t w̄ + ā λ_{t+1}:
 *   du_t = D g_t + Re Σ_n λ_t,  ∂w = κ Σ_t g_t s̄_t,  ∂a = Σ_t λ_t s̄_{t−1},  dD = Σ g u,
 * then through w = C β, β = (e^z − 1)/A, a = e^z, z = ΔA. Inputs dy, saved, then those of diagonal_scan; outputs their gradients in order.
 */
export const diagonal_scan_grad = defineOp({
  name: 'diagonal_scan_grad',
  inputs: ['dy', 'saved', 'u', 'log_dt', 'log_A_real', 'C', 'D', 'A_imag'],
  outputs: ['du', 'dlog_dt', 'dlog_A_real', 'dC', 'dD', 'dA_imag'],
  infer: ([, , ...inputs]) => [...inputs],
  reference([dy, , u, log_dt, log_A_real, C, D, A_imag], [du, dlog_dt, dlog_A_real, dC, dD, dA_imag], attrs) {
    const [batch, seqlen, factor] = [num(attrs, 'batch'), num(attrs, 'seqlen'), attrs.real ? 1 : 2]
    const add = (m: HostMatrix, r: number, c: number, value: number): void => set(m, r, c, at(m, r, c) + value)
    for (let h = 0; h < u.cols; h++) {
      set(dD, 0, h, 0)
      set(dlog_dt, 0, h, 0)
      for (let row = 0; row < u.rows; row++) {
        set(du, row, h, at(D, 0, h) * at(dy, row, h))
        add(dD, 0, h, at(dy, row, h) * at(u, row, h))
      }
      for (let n = 0; n < log_A_real.cols; n++) {
        const m = mode({ log_dt, log_A_real, C, A_imag }, h, n)
        let [dw, da]: Complex[] = [
          [0, 0],
          [0, 0],
        ]
        for (let b = 0; b < batch; b++) {
          const states: Complex[] = [[0, 0]]
          for (let t = 0; t < seqlen; t++) states.push(plus(times(m.a, states[t]), [at(u, b * seqlen + t, h), 0]))
          let adjoint: Complex = [0, 0]
          for (let t = seqlen - 1; t >= 0; t--) {
            const g = factor * at(dy, b * seqlen + t, h)
            adjoint = plus(scale(g, conj(m.w)), times(conj(m.a), adjoint))
            add(du, b * seqlen + t, h, adjoint[0])
            dw = plus(dw, scale(g, conj(states[t + 1])))
            da = plus(da, times(adjoint, conj(states[t])))
          }
        }
        const d = parameterGradients(m, dw, times(da, conj(m.a)))
        add(dlog_dt, 0, h, d.log_dt)
        set(dlog_A_real, h, n, d.log_A_real)
        if (attrs.real) set(dC, h, n, d.C[0])
        else {
          set(dC, h, 2 * n, d.C[0])
          set(dC, h, 2 * n + 1, d.C[1])
          set(dA_imag, h, n, d.A_imag)
        }
      }
    }
  },
  cost: ([, , u, , , C]) => ({ flops: elements(u) * (8 * C.cols + 64) }),
  tolerance: 2e-5,
  cases: [],
})

/** From ∂w and the part of ∂z that came through a = e^z to the published parameters. */
export function parameterGradients(
  m: Mode,
  dw: Complex,
  dzOfPowers: Complex,
): { log_dt: number; log_A_real: number; C: Complex; A_imag: number } {
  const dbeta = times(dw, conj(m.C))
  const dz = plus(dzOfPowers, times(dbeta, conj(over(m.a, m.A))))
  const dA = plus(scale(m.dt, dz), scale(-1, times(dbeta, conj(over(m.beta, m.A)))))
  return { log_dt: m.dt * times(dz, conj(m.A))[0], log_A_real: dA[0] * m.A[0], C: times(dw, conj(m.beta)), A_imag: dA[1] }
}
