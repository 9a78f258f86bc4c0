import { at, f32, set } from '../../tensor/tensor.ts'
import { defineOp, requireShape } from '../op.ts'

/**
 * A queue of columns: window (batch, s + c) is state (batch, s) with x (batch, c) behind it, and state becomes window's last s columns.
 * So a state of the last p − 1 positions gives the p newest, and a state of p frames gives them out one by one.
 */
export const window_step = defineOp({
  name: 'window_step',
  inputs: ['x', 'state'],
  outputs: ['window', 'state'],
  inPlace: { 1: 1 },
  infer([x, state]) {
    requireShape(x.rows === state.rows, `window_step: x has ${x.rows} rows, state ${state.rows}`)
    return [f32(x.rows, state.cols + x.cols), state]
  },
  reference([x, state], [window, next]) {
    for (let b = 0; b < x.rows; b++) {
      for (let c = 0; c < window.cols; c++) set(window, b, c, c < state.cols ? at(state, b, c) : at(x, b, c - state.cols))
      for (let c = 0; c < state.cols; c++) set(next, b, c, at(window, b, c + x.cols))
    }
  },
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [f32(1, 1), f32(1, 1)], attrs: {} },
    { inputs: [f32(2, 5), f32(2, 15)], attrs: {} },
    { inputs: [f32(3, 20), f32(3, 20)], attrs: {} },
    { inputs: [f32(2, 33), f32(2, 4)], attrs: {} },
  ],
})
