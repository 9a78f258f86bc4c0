import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { type Complex, plus, scale, times } from '../diagonal_scan/discretise.ts'
import { defineOp } from '../op.ts'
import { advance, dplr, dplrInputs, dplrRanges, expectDplr } from './dplr.ts'

const testCase = (batch: number, d_model: number, modes: number) => ({
  inputs: [f32(batch, d_model), ...dplrInputs(d_model, modes), f32(1, d_model), f32(batch, d_model * 2 * modes)],
  attrs: {},
  range: [[-1, 1] as const, ...dplrRanges, [-1, 1] as const, [-1, 1] as const],
})

/**
 * One time step of the state space whose kernel dplr_kernel gives, with the skip D: s ← Ā s + B̄ u, y = 2 Re C s + D u. u, y (batch, d_model) ·
 * state (batch, d_model·2·modes), re, im pairs of each channel, overwritten.
 */
export const dplr_step = defineOp({
  name: 'dplr_step',
  inputs: ['u', 'log_dt', 'A_real', 'A_imag', 'B', 'C', 'P', 'D', 'state'],
  outputs: ['y', 'state'],
  inPlace: { 1: 8 },
  infer([u, ...rest]) {
    expectDplr('dplr_step', u.cols, rest)
    expectType('dplr_step: D', rest[6], f32(1, u.cols))
    expectType('dplr_step: state', rest[7], f32(u.rows, u.cols * rest[4].cols))
    return [u, rest[7]]
  },
  reference([u, log_dt, A_real, A_imag, B, C, P, D, state], [y, next]) {
    for (let h = 0; h < u.cols; h++) {
      const channel = dplr({ log_dt, A_real, A_imag, B, C, P }, h)
      for (let b = 0; b < u.rows; b++) {
        const x = at(u, b, h)
        const column = (n: number): number => h * C.cols + 2 * n
        const s: Complex[] = channel.modes.map((_, n) => [at(state, b, column(n)), at(state, b, column(n) + 1)])
        advance(channel, s)
        let sum = at(D, 0, h) * x
        channel.modes.forEach((m, n) => {
          const moved = plus(s[n], scale(x, m.b))
          set(next, b, column(n), moved[0])
          set(next, b, column(n) + 1, moved[1])
          sum += 2 * times(m.C, moved)[0]
        })
        set(y, b, h, sum)
      }
    }
  },
  cost: ([u, A_real]) => ({ flops: elements(u) * A_real.cols * 24 }),
  tolerance: 4e-6,
  cases: [testCase(1, 1, 1), testCase(2, 65, 5), testCase(3, 6, 32)],
})
