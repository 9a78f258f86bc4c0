import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** y (1, 1) = √ Σ x²: the global gradient norm over the flat gradient arena. NaN or infinite if any entry is. Fixed order. */
export const global_norm = defineOp({
  name: 'global_norm',
  inputs: ['x'],
  outputs: ['y'],
  infer: () => [f32(1, 1)],
  reference([x], [y]) {
    let sum = 0
    for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) sum += at(x, r, c) ** 2
    set(y, 0, 0, Math.sqrt(sum))
  },
  cost: ([x]) => ({ flops: 2 * elements(x) }),
  tolerance: 2e-6,
  cases: [
    { inputs: [f32(1, 1)], attrs: {} },
    { inputs: [f32(1, 7001)], attrs: {} },
  ],
})
