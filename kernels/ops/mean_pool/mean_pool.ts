import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/** y (batch, d) = mean over time of x (batch·seqlen, d). attrs batch, seqlen. */
export const mean_pool = defineOp({
  name: 'mean_pool',
  inputs: ['x'],
  outputs: ['y'],
  infer([x], attrs) {
    requireShape(x.rows === num(attrs, 'batch') * num(attrs, 'seqlen'), 'mean_pool: rows of x are not batch · seqlen')
    return [f32(num(attrs, 'batch'), x.cols)]
  },
  reference([x], [y], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let b = 0; b < y.rows; b++)
      for (let c = 0; c < y.cols; c++) {
        let sum = 0
        for (let t = 0; t < seqlen; t++) sum += at(x, b * seqlen + t, c)
        set(y, b, c, sum / seqlen)
      }
  },
  gradient: (builder, { attrs }, [dy]) => (dy ? [builder.one('mean_pool_grad', [dy], attrs)] : []),
  cost: ([x]) => ({ flops: elements(x) }),
  tolerance: 2e-6,
  cases: [
    { inputs: [f32(1, 1)], attrs: { batch: 1, seqlen: 1 } },
    { inputs: [f32(3 * 63, 65)], attrs: { batch: 3, seqlen: 63 } },
  ],
})
