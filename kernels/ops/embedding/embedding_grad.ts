import { at, elements, expectType, f32, i32, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'

/** dweight (vocab, d_model): row v is the sum of dy's rows whose id is v, in row order. attrs vocab. */
export const embedding_grad = defineOp({
  name: 'embedding_grad',
  inputs: ['ids', 'dy'],
  outputs: ['dweight'],
  infer: ([ids, dy], attrs) => (expectType('embedding_grad: ids', ids, i32(dy.rows, 1)), [f32(num(attrs, 'vocab'), dy.cols)]),
  reference: ([ids, dy], [dweight]) => {
    for (let v = 0; v < dweight.rows; v++) for (let c = 0; c < dweight.cols; c++) set(dweight, v, c, 0)
    for (let r = 0; r < dy.rows; r++)
      for (let c = 0; c < dy.cols; c++) set(dweight, at(ids, r, 0), c, at(dweight, at(ids, r, 0), c) + at(dy, r, c))
  },
  cost: ([, dy]) => ({ flops: elements(dy) }),
  tolerance: 2e-6,
  cases: [
    {
      inputs: [i32(1000, 1), f32(1000, 63)],
      attrs: { vocab: 5 },
      range: [
        [0, 5],
        [-1, 1],
      ],
    },
  ],
})
