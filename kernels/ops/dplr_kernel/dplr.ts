import { at, expectType, f32, type HostMatrix, type TensorType } from '../../tensor/tensor.ts'
import { type Complex, conj, over, plus, scale, times } from '../diagonal_scan/discretise.ts'
import { requireShape } from '../op.ts'

/** The parameters, as the inputs of every op on DPLR state spaces carry them. */
export interface DplrParameters {
  readonly log_dt: HostMatrix
  readonly A_real: HostMatrix
  readonly A_imag: HostMatrix
  readonly B: HostMatrix
  readonly C: HostMatrix
  readonly P: HostMatrix
}

/**
 * One channel's A = Λ − P P* after the bilinear transform, for modes that stand for conjugate pairs. With R = (1 − ΔΛ/2)⁻¹, and by the
 * Woodbury identity, a step is s ← s + μ s + w Re⟨v, s⟩ with μ = ΔΛR, v = conj(P) R, w = −2γΔ R P, γ = 1/(1 + Δ g), g = Σ |P|² Re R,
 * and the input enters by b = Δ R B + (Δ h/2) w, h = Re Σ conj(P) R B. (Re⟨v, s⟩ means Re Σ v s.)
 */
export interface Dplr {
  readonly dt: number
  readonly g: number
  readonly gamma: number
  readonly h: number
  readonly modes: readonly Readonly<Record<'lambda' | 'R' | 'P' | 'B' | 'C' | 'mu' | 'v' | 'w' | 'b', Complex>>[]
}

const pair = (m: HostMatrix, row: number, n: number): Complex => [at(m, row, 2 * n), at(m, row, 2 * n + 1)]

export function dplr(p: DplrParameters, channel: number): Dplr {
  const dt = Math.exp(at(p.log_dt, 0, channel))
  const raw = Array.from({ length: p.A_real.cols }, (_, n) => {
    const lambda: Complex = [-Math.exp(at(p.A_real, channel, n)), -at(p.A_imag, channel, n)]
    const R = over([1, 0], plus([1, 0], scale(-dt / 2, lambda)))
    return { lambda, R, P: pair(p.P, channel, n), B: pair(p.B, channel, n), C: pair(p.C, channel, n) }
  })
  const g = raw.reduce((sum, { P, R }) => sum + (P[0] ** 2 + P[1] ** 2) * R[0], 0)
  const h = raw.reduce((sum, { P, R, B }) => sum + times(conj(P), times(R, B))[0], 0)
  const gamma = 1 / (1 + dt * g)
  const modes = raw.map((m) => {
    const w = scale(-2 * gamma * dt, times(m.R, m.P))
    const b = plus(scale(dt, times(m.R, m.B)), scale((dt * h) / 2, w))
    return { ...m, mu: scale(dt, times(m.lambda, m.R)), v: times(conj(m.P), m.R), w, b }
  })
  return { dt, g, gamma, h, modes }
}

/** Moves the states on by one step without input. */
export function advance({ modes }: Dplr, s: Complex[]): void {
  const t = modes.reduce((sum, { v }, n) => sum + times(v, s[n])[0], 0)
  modes.forEach(({ mu, w }, n) => (s[n] = plus(plus(s[n], times(mu, s[n])), scale(t, w))))
}

/** Checks the parameters' shapes for d_model channels. */
export function expectDplr(where: string, d_model: number, inputs: readonly TensorType[]): void {
  const [log_dt, A_real, A_imag, B, C, P] = inputs
  requireShape(A_real.rows === d_model, `${where}: A_real has ${A_real.rows} rows, expected ${d_model}`)
  requireShape(A_real.cols <= 128, `${where}: at most 128 modes, not ${A_real.cols}`)
  expectType(`${where}: log_dt`, log_dt, f32(1, d_model))
  expectType(`${where}: A_imag`, A_imag, A_real)
  for (const [name, type] of Object.entries({ B, C, P })) expectType(`${where}: ${name}`, type, f32(d_model, 2 * A_real.cols))
}

/** Test inputs like HiPPO's: log_dt, A_real, A_imag, B, C, P. */
export const dplrInputs = (d_model: number, modes: number) => [
  f32(1, d_model),
  f32(d_model, modes),
  f32(d_model, modes),
  ...Array.from({ length: 3 }, () => f32(d_model, 2 * modes)),
]
export const dplrRanges: readonly (readonly [number, number])[] = [
  [Math.log(1e-3), Math.log(0.1)],
  [Math.log(0.3), Math.log(0.8)],
  [0, 60],
  [-2, 2],
  [-1, 1],
  [-2, 2],
]
