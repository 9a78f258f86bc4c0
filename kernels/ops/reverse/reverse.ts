import { at, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/** y (batch·seqlen, d): each sequence of x read from its end. Its own inverse and its own gradient. attrs batch, seqlen. */
export const reverse = defineOp({
  name: 'reverse',
  inputs: ['x'],
  outputs: ['y'],
  infer([x], attrs) {
    requireShape(x.rows === num(attrs, 'batch') * num(attrs, 'seqlen'), 'reverse: rows of x are not batch · seqlen')
    return [x]
  },
  reference([x], [y], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let r = 0; r < y.rows; r++)
      for (let c = 0; c < y.cols; c++) set(y, r, c, at(x, Math.floor(r / seqlen) * seqlen + seqlen - 1 - (r % seqlen), c))
  },
  gradient: (builder, { attrs }, [dy]) => (dy ? [builder.one('reverse', [dy], attrs)] : []),
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [f32(1, 1)], attrs: { batch: 1, seqlen: 1 } },
    { inputs: [f32(3 * 63, 65)], attrs: { batch: 3, seqlen: 63 } },
    { inputs: [f32(2 * 8, 4)], attrs: { batch: 2, seqlen: 8 } },
  ],
})
