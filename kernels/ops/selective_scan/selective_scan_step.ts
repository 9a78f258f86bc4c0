import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { scanTypes, softplus } from './selective_scan.ts'

const testCase = (batch: number, d_inner: number, d_state: number) => ({
  inputs: [
    f32(batch, d_inner),
    f32(batch, d_inner),
    f32(d_inner, d_state),
    f32(batch, d_state),
    f32(batch, d_state),
    f32(1, d_inner),
    f32(batch, d_inner),
    f32(1, d_inner),
    f32(batch, d_inner * d_state),
  ],
  attrs: {},
  range: [
    [-1, 1],
    [-4, 1],
    [-d_state, -0.1],
    [-1, 1],
    [-1, 1],
    [-1, 1],
    [-2, 2],
    [-1, 1],
    [-1, 1],
  ] as const,
})

/**
 * One time step of selective_scan. u, delta, z, y (batch, d_inner), B, C (batch, d_state); state (batch, d_inner·d_state) is h,
 * overwritten. Constant memory per token: this is what generation runs.
 */
export const selective_scan_step = defineOp({
  name: 'selective_scan_step',
  inputs: ['u', 'delta', 'A', 'B', 'C', 'D', 'z', 'delta_bias', 'state'],
  outputs: ['y', 'state'],
  inPlace: { 1: 8 },
  infer(inputs) {
    const [u, , A] = inputs
    expectType('selective_scan_step: state', inputs[8], f32(u.rows, u.cols * A.cols))
    return [scanTypes(inputs, u.rows), inputs[8]]
  },
  reference([u, delta, A, B, C, D, z, delta_bias, state], [y, next]) {
    for (let b = 0; b < u.rows; b++)
      for (let d = 0; d < u.cols; d++) {
        const step = softplus(at(delta, b, d) + at(delta_bias, 0, d))
        let sum = at(D, 0, d) * at(u, b, d)
        for (let n = 0; n < A.cols; n++) {
          const h = Math.exp(step * at(A, d, n)) * at(state, b, d * A.cols + n) + step * at(u, b, d) * at(B, b, n)
          set(next, b, d * A.cols + n, h)
          sum += at(C, b, n) * h
        }
        set(y, b, d, sum * at(z, b, d) * sigmoid(at(z, b, d)))
      }
  },
  cost: ([u, , A]) => ({ flops: elements(u) * (6 * A.cols + 8), exps: elements(u) * (A.cols + 2) }),
  tolerance: 4e-6,
  cases: [testCase(1, 1, 1), testCase(2, 65, 16), testCase(3, 7, 4)],
})
