import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { mode, parameterRanges, stateSize } from './discretise.ts'

const testCase = (batch: number, d_model: number, modes: number, real = false) => {
  const size = real ? modes : 2 * modes
  return {
    inputs: [
      f32(batch, d_model),
      f32(1, d_model),
      f32(d_model, modes),
      f32(d_model, size),
      f32(1, d_model),
      f32(batch, d_model * size),
      ...(real ? [] : [f32(d_model, modes)]),
    ],
    attrs: { real },
    range: [[-1, 1] as const, ...parameterRanges(1e-3).slice(0, 4), [-1, 1] as const, [0, 60] as const],
  }
}

/**
 * One time step of diagonal_scan. u, y (batch, d_model); state (batch, d_model·2·modes) holds each channel's s as re, im pairs (real:
 * d_model·modes), overwritten. Constant memory per token.
 */
export const diagonal_scan_step = defineOp({
  name: 'diagonal_scan_step',
  inputs: ['u', 'log_dt', 'log_A_real', 'C', 'D', 'state', 'A_imag'],
  outputs: ['y', 'state'],
  inPlace: { 1: 5 },
  infer([u, log_dt, log_A_real, C, D, state, A_imag], attrs) {
    const size = stateSize('diagonal_scan_step', u.cols, [log_dt, log_A_real, C, D, A_imag], attrs)
    expectType('diagonal_scan_step: state', state, f32(u.rows, u.cols * size))
    return [u, state]
  },
  reference([u, log_dt, log_A_real, C, D, state, A_imag], [y, next], attrs) {
    const width = attrs.real ? 1 : 2
    for (let h = 0; h < u.cols; h++)
      for (let b = 0; b < u.rows; b++) {
        let sum = 0
        for (let n = 0; n < log_A_real.cols; n++) {
          const { a, w } = mode({ log_dt, log_A_real, C, A_imag }, h, n)
          const column = h * C.cols + width * n
          const [re, im] = [at(state, b, column), attrs.real ? 0 : at(state, b, column + 1)]
          const moved = [a[0] * re - a[1] * im + at(u, b, h), a[0] * im + a[1] * re]
          sum += w[0] * moved[0] - w[1] * moved[1]
          set(next, b, column, moved[0])
          if (!attrs.real) set(next, b, column + 1, moved[1])
        }
        set(y, b, h, width * sum + at(D, 0, h) * at(u, b, h))
      }
  },
  cost: ([u, , , C]) => ({ flops: elements(u) * 6 * C.cols, exps: C.rows * C.cols }),
  tolerance: 4e-6,
  cases: [testCase(1, 1, 1), testCase(2, 65, 5), testCase(3, 7, 6, true)],
})
