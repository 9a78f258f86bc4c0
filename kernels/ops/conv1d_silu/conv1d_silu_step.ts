import { at, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, requireShape } from '../op.ts'
import { sigmoid } from './conv1d_silu.ts'

/**
 * One time step of conv1d_silu. x, y (batch, d); state (batch, d·(d_conv − 1)) holds, per channel, the last d_conv − 1 inputs, oldest
 * first; it is overwritten with the window moved on by one. Zeros before t = 0.
 */
export const conv1d_silu_step = defineOp({
  name: 'conv1d_silu_step',
  inputs: ['x', 'state', 'weight', 'bias'],
  outputs: ['y', 'state'],
  inPlace: { 1: 1 },
  infer([x, state, weight, bias]) {
    requireShape(weight.cols >= 2, 'conv1d_silu_step: d_conv is at least 2')
    expectType('conv1d_silu_step: state', state, f32(x.rows, x.cols * (weight.cols - 1)))
    expectType('conv1d_silu_step: bias', bias, f32(1, x.cols))
    return [x, state]
  },
  reference([x, state, weight, bias], [y, next]) {
    const keep = weight.cols - 1
    for (let b = 0; b < x.rows; b++)
      for (let d = 0; d < x.cols; d++) {
        const window = Array.from({ length: keep }, (_, k) => at(state, b, d * keep + k))
        window.push(at(x, b, d))
        const p = window.reduce((sum, value, k) => sum + value * at(weight, d, k), at(bias, 0, d))
        set(y, b, d, p * sigmoid(p))
        for (let k = 0; k < keep; k++) set(next, b, d * keep + k, window[k + 1])
      }
  },
  cost: ([x, , weight]) => ({ flops: x.rows * x.cols * (2 * weight.cols + 4), exps: x.rows * x.cols }),
  tolerance: 2e-6,
  cases: [
    { inputs: [f32(1, 1), f32(1, 3), f32(1, 4), f32(1, 1)], attrs: {} },
    { inputs: [f32(3, 65), f32(3, 195), f32(65, 4), f32(1, 65)], attrs: {} },
  ],
})
