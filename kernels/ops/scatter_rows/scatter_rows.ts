import { at, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'

/** The gradient of `everyRow`: y is zero except y[firstRow + k·rowStep] = x[k]. attrs rows, firstRow, rowStep. */
export const scatter_rows = defineOp({
  name: 'scatter_rows',
  inputs: ['x'],
  outputs: ['y'],
  infer: ([x], attrs) => [f32(num(attrs, 'rows'), x.cols)],
  reference: ([x], [y], attrs) => {
    const [first, step] = [num(attrs, 'firstRow'), num(attrs, 'rowStep')]
    for (let r = 0; r < y.rows; r++) {
      const k = (r - first) / step
      for (let c = 0; c < y.cols; c++) set(y, r, c, Number.isInteger(k) && k >= 0 && k < x.rows ? at(x, k, c) : 0)
    }
  },
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [f32(3, 65)], attrs: { rows: 63, firstRow: 20, rowStep: 21 } },
    { inputs: [f32(1, 1)], attrs: { rows: 1, firstRow: 0, rowStep: 1 } },
  ],
})
