import { at, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** y = x. Makes a strided view contiguous, or moves a value to where the caller wants it. f32 or i32. */
export const copy = defineOp({
  name: 'copy',
  inputs: ['x'],
  outputs: ['y'],
  infer: ([x]) => [x],
  reference: ([x], [y]) => {
    for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(x, r, c))
  },
  gradient: (_builder, _node, [dy]) => [dy],
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [f32(1, 1)], attrs: {} },
    { inputs: [f32(63, 65)], attrs: {} },
  ],
})
