import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** y (1, N) = Σ over rows of x (M, N): the gradient of a bias. Summed in a fixed order. */
export const column_sum = defineOp({
  name: 'column_sum',
  inputs: ['x'],
  outputs: ['y'],
  infer: ([x]) => [f32(1, x.cols)],
  reference: ([x], [y]) => {
    for (let c = 0; c < x.cols; c++) {
      let sum = 0
      for (let r = 0; r < x.rows; r++) sum += at(x, r, c)
      set(y, 0, c, sum)
    }
  },
  cost: ([x]) => ({ flops: elements(x) }),
  tolerance: 2e-6,
  cases: [
    { inputs: [f32(1, 1)], attrs: {} },
    { inputs: [f32(1000, 63)], attrs: {} },
    { inputs: [f32(65, 257)], attrs: {} },
  ],
})
