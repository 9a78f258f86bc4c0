import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'
import { mode, parameterRanges, stateSize } from './discretise.ts'

/** A case with `modes` complex states a channel, or real ones. `slowest` is the smallest Δ, whose memory is about 2/Δ steps. */
const testCase = (batch: number, seqlen: number, d_model: number, modes: number, real = false, slowest = 1e-3) => ({
  inputs: [
    f32(batch * seqlen, d_model),
    f32(1, d_model),
    f32(d_model, modes),
    f32(d_model, real ? modes : 2 * modes),
    f32(1, d_model),
    ...(real ? [] : [f32(d_model, modes)]),
  ],
  attrs: { batch, seqlen, real },
  range: [[-1, 1] as const, ...parameterRanges(slowest)],
})

/**
 * One independent diagonal state space per channel (S4D; Gu et al. 2022, arXiv:2206.11893, eq. 2 and §3.2, zero-order hold), with its skip:
 *   A = −e^{log_A_real} + i·A_imag, Δ = e^{log_dt}, s_t = e^{ΔA} s_{t−1} + u_t, y_t = κ Re Σ_n C_n (e^{ΔA_n} − 1)/A_n · s_{t,n} + D u_t, s_{−1} = 0,
 * where κ = 2 stands for the conjugate half of the states. With attrs.real the states and C are real, A_imag is left out and κ = 1.
 * u, y (batch·seqlen, d_model) · log_dt, D (1, d_model) · log_A_real, A_imag (d_model, modes) · C (d_model, 2·modes) as re, im pairs.
 * The kernels use that nothing depends on time: inside a chunk of Q steps y is a small Toeplitz product, and chunks meet only in the
 * state at their border, so all work but one short recurrence over chunks is matrix products per channel. `saved` keeps those states.
 */
export const diagonal_scan = defineOp({
  name: 'diagonal_scan',
  inputs: ['u', 'log_dt', 'log_A_real', 'C', 'D', 'A_imag'],
  outputs: ['y', 'saved'],
  opaque: [1],
  infer([u, ...parameters], attrs) {
    requireShape(u.rows === num(attrs, 'batch') * num(attrs, 'seqlen'), `diagonal_scan: u has ${u.rows} rows, not batch · seqlen`)
    stateSize('diagonal_scan', u.cols, parameters, attrs)
    return [u, f32(1, 0)]
  },
  reference([u, log_dt, log_A_real, C, D, A_imag], [y], attrs) {
    const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
    for (let h = 0; h < u.cols; h++) {
      const modes = Array.from({ length: log_A_real.cols }, (_, n) => mode({ log_dt, log_A_real, C, A_imag }, h, n))
      for (let b = 0; b < batch; b++) {
        const s = modes.map(() => [0, 0])
        for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
          let sum = 0
          modes.forEach(({ a, w }, n) => {
            s[n] = [a[0] * s[n][0] - a[1] * s[n][1] + at(u, row, h), a[0] * s[n][1] + a[1] * s[n][0]]
            sum += w[0] * s[n][0] - w[1] * s[n][1]
          })
          set(y, row, h, (attrs.real ? 1 : 2) * sum + at(D, 0, h) * at(u, row, h))
        }
      }
    }
  },
  gradient: (builder, { inputs, outputs: [, saved], attrs }, [dy]) =>
    dy ? builder.apply('diagonal_scan_grad', [dy, saved, ...inputs], attrs) : [],
  // A multiply-add per state to form the state and one to read it, and half a chunk of the Toeplitz product.
  cost: ([u, , , C]) => ({ flops: elements(u) * (4 * C.cols + 32) }),
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: [
    testCase(1, 1, 1, 1),
    testCase(2, 63, 5, 3),
    testCase(1, 65, 33, 4, true),
    testCase(3, 130, 7, 5, true),
    testCase(2, 300, 9, 32),
    testCase(1, 2100, 3, 32, false, 1e-3),
  ],
})
