import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** y = a + b, elementwise. `graph/fuse.ts` folds most of these into the op before. */
export const add = defineOp({
  name: 'add',
  inputs: ['a', 'b'],
  outputs: ['y'],
  infer: ([a, b]) => (expectType('add: b', b, a), [a]),
  mayOverwrite: { 0: 0 },
  reference: ([a, b], [y]) => {
    for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(a, r, c) + at(b, r, c))
  },
  gradient: (_builder, _node, [dy]) => [dy, dy],
  cost: ([a]) => ({ flops: elements(a) }),
  tolerance: 1e-7,
  cases: [
    { inputs: [f32(1, 1), f32(1, 1)], attrs: {} },
    { inputs: [f32(63, 65), f32(63, 65)], attrs: {} },
  ],
})
