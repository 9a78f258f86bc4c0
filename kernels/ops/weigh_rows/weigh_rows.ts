import { at, elements, expectType, f32, i32, set } from '../../tensor/tensor.ts'
import { defineOp, requireShape } from '../op.ts'

/**
 * y (R, d) = w x, where w is 0: `otherwise` (1, d), zero when left out; what x holds there does not matter. w i32, (R, 1) for whole rows or
 * (R, d). w and `otherwise` get no gradient: it marks and signs positions, and gives what stands between two records (kernels/models/packing.ts).
 */
export const weigh_rows = defineOp({
  name: 'weigh_rows',
  inputs: ['x', 'w', 'otherwise'],
  outputs: ['y'],
  mayOverwrite: { 0: 0 },
  infer([x, w, otherwise]) {
    requireShape(w.cols === 1 || w.cols === x.cols, `weigh_rows: w has ${w.cols} columns, neither 1 nor ${x.cols}`)
    expectType('weigh_rows: w', w, i32(x.rows, w.cols))
    if (otherwise) expectType('weigh_rows: otherwise', otherwise, f32(1, x.cols))
    return [x]
  },
  reference([x, w, otherwise], [y]) {
    for (let r = 0; r < x.rows; r++)
      for (let c = 0; c < x.cols; c++) {
        const weight = at(w, r, w.cols === 1 ? 0 : c)
        set(y, r, c, weight === 0 ? (otherwise ? at(otherwise, 0, c) : 0) : weight * at(x, r, c))
      }
  },
  gradient: (builder, { inputs: [, w] }, [dy]) => (dy ? [builder.one('weigh_rows', [dy, w]), undefined, undefined] : []),
  cost: ([x]) => ({ flops: elements(x) }),
  tolerance: 1e-7,
  cases: [
    { inputs: [f32(1, 1), i32(1, 1)], attrs: {} },
    {
      inputs: [f32(67, 65), i32(67, 1)],
      attrs: {},
      range: [
        [-1, 1],
        [-1, 2],
      ],
    },
    {
      inputs: [f32(130, 8), i32(130, 1), f32(1, 8)],
      attrs: {},
      range: [
        [-1, 1],
        [-1, 2],
        [-9, 9],
      ],
    },
    {
      inputs: [f32(63, 6), i32(63, 6), f32(1, 6)],
      attrs: {},
      range: [
        [-1, 1],
        [0, 2],
        [-9, 9],
      ],
    },
  ],
})
