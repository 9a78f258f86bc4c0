import { at, set } from '../../tensor/tensor.ts'
import { type Complex, conj, plus, scale, times } from '../diagonal_scan/discretise.ts'
import { defineOp, num } from '../op.ts'
import { advance, type Dplr, dplr } from './dplr.ts'

/** Gradients of what a step is made of, for one mode. */
interface StepGradients {
  readonly mu: Complex
  readonly v: Complex
  readonly w: Complex
  readonly b: Complex
}
const zero: Complex = [0, 0]

/**
 * With t_l = Re Σ v s_l and λ_l the adjoint of s_l: τ_l = Re Σ w̄ λ_{l+1}, λ_l = 2 dkernel_l C̄ + λ_{l+1} + μ̄ λ_{l+1} + τ_l v̄;
 * ∂μ = Σ λ_{l+1} s̄_l, ∂w = Σ λ_{l+1} t_l, ∂v = Σ τ_l s̄_l, ∂C = Σ 2 dkernel_l s̄_l, ∂b = λ_0; then through dplr.ts to the parameters.
 */
export const dplr_kernel_grad = defineOp({
  name: 'dplr_kernel_grad',
  inputs: ['dkernel', 'saved', 'log_dt', 'A_real', 'A_imag', 'B', 'C', 'P'],
  outputs: ['dlog_dt', 'dA_real', 'dA_imag', 'dB', 'dC', 'dP'],
  infer: ([, , ...inputs]) => [...inputs],
  reference([dkernel, , log_dt, A_real, A_imag, B, C, P], [dlog_dt, dA_real, dA_imag, dB, dC, dP]) {
    for (let h = 0; h < dkernel.cols; h++) {
      const channel = dplr({ log_dt, A_real, A_imag, B, C, P }, h)
      const { modes } = channel
      const states: Complex[][] = [modes.map(({ b }) => b)]
      for (let l = 1; l < dkernel.rows; l++) {
        states.push([...states[l - 1]])
        advance(channel, states[l])
      }
      const grads = modes.map(() => ({ mu: zero, v: zero, w: zero, b: zero }))
      const dCs = modes.map(() => zero)
      let adjoint = modes.map(() => zero)
      for (let l = dkernel.rows - 1; l >= 0; l--) {
        const [s, g] = [states[l], 2 * at(dkernel, l, h)]
        const t = modes.reduce((sum, { v }, n) => sum + times(v, s[n])[0], 0)
        const tau = modes.reduce((sum, { w }, n) => sum + times(conj(w), adjoint[n])[0], 0)
        adjoint = modes.map(({ mu, v, C: c }, n) => {
          grads[n].mu = plus(grads[n].mu, times(adjoint[n], conj(s[n])))
          grads[n].w = plus(grads[n].w, scale(t, adjoint[n]))
          grads[n].v = plus(grads[n].v, scale(tau, conj(s[n])))
          dCs[n] = plus(dCs[n], scale(g, conj(s[n])))
          return plus(plus(scale(g, conj(c)), scale(tau, conj(v))), plus(adjoint[n], times(conj(mu), adjoint[n])))
        })
      }
      grads.forEach((d, n) => (d.b = adjoint[n]))
      const d = dplrGradients(channel, grads)
      set(dlog_dt, 0, h, channel.dt * d.dt)
      modes.forEach(({ lambda }, n) => {
        set(dA_real, h, n, d.lambda[n][0] * lambda[0])
        set(dA_imag, h, n, -d.lambda[n][1])
        for (const [m, value] of [
          [dB, d.B[n]],
          [dC, dCs[n]],
          [dP, d.P[n]],
        ] as const) {
          set(m, h, 2 * n, value[0])
          set(m, h, 2 * n + 1, value[1])
        }
      })
    }
  },
  cost: ([, , , A_real], attrs) => ({ flops: num(attrs, 'lags') * A_real.rows * A_real.cols * 60 }),
  tolerance: 2e-5,
  cases: [],
})

/** Backwards through the formulas of dplr.ts. */
export function dplrGradients(
  { dt, g, gamma, h, modes }: Dplr,
  grads: readonly StepGradients[],
): { dt: number; lambda: Complex[]; P: Complex[]; B: Complex[] } {
  const real = (x: Complex, y: Complex): number => times(conj(x), y)[0]
  const sum = (f: (n: number) => number): number => modes.reduce((total, _, n) => total + f(n), 0)
  // b = Δ R B + (Δ h/2) w
  const dHalf = sum((n) => real(modes[n].w, grads[n].b))
  const dh = (dt / 2) * dHalf
  const dw = grads.map((d) => plus(d.w, scale((dt * h) / 2, d.b)))
  // w = k R P with k = −2γΔ
  const k = -2 * gamma * dt
  const dk = sum((n) => real(times(modes[n].R, modes[n].P), dw[n]))
  const dgamma = -2 * dt * dk
  const dg = -gamma * gamma * dt * dgamma
  let ddt = (h / 2) * dHalf - 2 * gamma * dk - gamma * gamma * g * dgamma
  const result = { dt: 0, lambda: [] as Complex[], P: [] as Complex[], B: [] as Complex[] }
  modes.forEach(({ lambda, R, P, B }, n) => {
    const { mu, v, b } = grads[n]
    let dR = plus(times(scale(dt, conj(B)), b), scale(k, times(conj(P), dw[n])))
    dR = plus(dR, scale(dh, times(P, conj(B))))
    dR = plus(dR, [dg * (P[0] ** 2 + P[1] ** 2), 0])
    dR = plus(dR, plus(times(P, v), scale(dt, times(conj(lambda), mu))))
    const dP = plus(scale(k, times(conj(R), dw[n])), plus(scale(dh, times(R, B)), plus(scale(2 * dg * R[0], P), times(R, conj(v)))))
    // R = 1/(1 − ΔΛ/2)
    const dz = times(scale(0.5, conj(times(R, R))), dR)
    result.P.push(dP)
    result.B.push(plus(scale(dt, times(conj(R), b)), scale(dh, times(P, conj(R)))))
    result.lambda.push(scale(dt, plus(dz, times(conj(R), mu))))
    ddt += real(times(R, B), b) + real(times(lambda, R), mu) + real(lambda, dz)
  })
  return { ...result, dt: ddt }
}
