import { set, f32 } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'

/** A (rows, cols) matrix of one value. */
export const fill = defineOp({
  name: 'fill',
  inputs: [],
  outputs: ['y'],
  infer: (_inputs, attrs) => [f32(num(attrs, 'rows'), num(attrs, 'cols'))],
  reference: (_inputs, [y], attrs) => {
    for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, num(attrs, 'value'))
  },
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [], attrs: { rows: 3, cols: 65, value: 0 } },
    { inputs: [], attrs: { rows: 1, cols: 1, value: 1 } },
  ],
})
