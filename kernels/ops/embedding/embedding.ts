import { at, expectType, f32, i32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** y (R, d_model) = weight[ids]. ids (R, 1) i32 in [0, vocab). */
export const embedding = defineOp({
  name: 'embedding',
  inputs: ['ids', 'weight'],
  outputs: ['y'],
  infer: ([ids, weight]) => (expectType('embedding: ids', ids, i32(ids.rows, 1)), [f32(ids.rows, weight.cols)]),
  reference: ([ids, weight], [y]) => {
    for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(weight, at(ids, r, 0), c))
  },
  gradient: (builder, { inputs: [ids, weight] }, [dy]) =>
    dy ? [undefined, builder.one('embedding_grad', [ids, dy], { vocab: weight.type.rows })] : [],
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  gradientTolerance: 2e-6,
  cases: [
    {
      inputs: [i32(1, 1), f32(1, 1)],
      attrs: {},
      range: [
        [0, 1],
        [-1, 1],
      ],
    },
    {
      inputs: [i32(63, 1), f32(17, 65)],
      attrs: {},
      range: [
        [0, 17],
        [-1, 1],
      ],
    },
  ],
})
