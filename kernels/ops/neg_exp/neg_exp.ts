import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** y = −exp(x): the state matrix A of Mamba and S4D from its trained logarithm, so that A stays negative (Gu & Dao 2023, §3.6). */
export const neg_exp = defineOp({
  name: 'neg_exp',
  inputs: ['x'],
  outputs: ['y'],
  infer: ([x]) => [x],
  mayOverwrite: { 0: 0 },
  reference: ([x], [y]) => {
    for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, -Math.exp(at(x, r, c)))
  },
  gradient: (builder, { outputs: [y] }, [dy]) => (dy ? [builder.one('mul', [dy, y])] : []),
  cost: ([x]) => ({ flops: elements(x), exps: elements(x) }),
  tolerance: 1e-6,
  cases: [
    { inputs: [f32(1, 1)], attrs: {}, range: [[-4, 4]] },
    { inputs: [f32(63, 17)], attrs: {}, range: [[-4, 4]] },
  ],
})
