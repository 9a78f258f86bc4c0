import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { softplus } from '../selective_scan/selective_scan.ts'
import { ssdTypes } from './ssd.ts'

const testCase = ([batch, H, P, G, N]: readonly number[]) => ({
  inputs: [f32(batch, H * P), f32(batch, H), f32(1, H), f32(batch, G * N), f32(batch, G * N), f32(1, H), f32(1, H), f32(batch, H * P * N)],
  attrs: { groups: G },
  range: [
    [-1, 1],
    [-4, 1],
    [-16, -0.5],
    [-1, 1],
    [-1, 1],
    [-1, 1],
    [-1, 1],
    [-1, 1],
  ] as const,
})

/**
 * One time step of ssd. x, y (batch, H·P), dt (batch, H), B, C (batch, G·N); state (batch, H·P·N) holds Sᵀ head after head as
 * mamba_ssm's cache does, overwritten. Constant memory per token: this is what generation runs. attrs groups.
 */
export const ssd_step = defineOp({
  name: 'ssd_step',
  inputs: ['x', 'dt', 'A', 'B', 'C', 'D', 'dt_bias', 'state'],
  outputs: ['y', 'state'],
  inPlace: { 1: 7 },
  infer(inputs, attrs) {
    const [x, , , B] = inputs
    expectType('ssd_step: state', inputs[7], f32(x.rows, (x.cols * B.cols) / num(attrs, 'groups')))
    return [ssdTypes('ssd_step', inputs, x.rows, num(attrs, 'groups')), inputs[7]]
  },
  reference([x, dt, A, B, C, D, dt_bias, state], [y, next], attrs) {
    const [groups, H] = [num(attrs, 'groups'), dt.cols]
    const [P, N] = [x.cols / H, B.cols / groups]
    for (let b = 0; b < x.rows; b++)
      for (let h = 0; h < H; h++) {
        const first = Math.floor((h * groups) / H) * N
        const step = softplus(at(dt, b, h) + at(dt_bias, 0, h))
        const decay = Math.exp(step * at(A, 0, h))
        for (let p = 0; p < P; p++) {
          const [xp, row] = [at(x, b, h * P + p), (h * P + p) * N]
          let sum = at(D, 0, h) * xp
          for (let n = 0; n < N; n++) {
            const s = decay * at(state, b, row + n) + step * at(B, b, first + n) * xp
            set(next, b, row + n, s)
            sum += at(C, b, first + n) * s
          }
          set(y, b, h * P + p, sum)
        }
      }
  },
  cost: ([x, dt, , B], attrs) => ({ flops: elements(x) * ((5 * B.cols) / num(attrs, 'groups') + 2), exps: 3 * elements(dt) }),
  tolerance: 4e-6,
  cases: [testCase([1, 1, 1, 1, 1]), testCase([2, 3, 5, 1, 7]), testCase([3, 4, 8, 2, 16])],
})
