import { at, expectType, f32, i32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/** Row of the sequence from which row t is read: the first `length` rows change places, those behind stay. */
const from = (t: number, length: number): number => (t < length ? length - 1 - t : t)

/**
 * y (batch·seqlen, d): each sequence of x read from its end. With lengths (batch, 1) i32, from 0 to seqlen, only the first lengths[b] rows of
 * sequence b change places and padding stays behind. Its own inverse and its own gradient. attrs batch, seqlen.
 */
export const reverse = defineOp({
  name: 'reverse',
  inputs: ['x', 'lengths'],
  outputs: ['y'],
  infer([x, lengths], attrs) {
    requireShape(x.rows === num(attrs, 'batch') * num(attrs, 'seqlen'), 'reverse: rows of x are not batch · seqlen')
    if (lengths) expectType('reverse: lengths', lengths, i32(num(attrs, 'batch'), 1))
    return [x]
  },
  reference([x, lengths], [y], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let r = 0; r < y.rows; r++) {
      const b = Math.floor(r / seqlen)
      const source = b * seqlen + from(r % seqlen, lengths ? Math.min(seqlen, at(lengths, b, 0)) : seqlen)
      for (let c = 0; c < y.cols; c++) set(y, r, c, at(x, source, c))
    }
  },
  gradient: (builder, { inputs: [, lengths], attrs }, [dy]) =>
    dy ? [builder.one('reverse', lengths ? [dy, lengths] : [dy], attrs), undefined] : [],
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [f32(1, 1)], attrs: { batch: 1, seqlen: 1 } },
    { inputs: [f32(3 * 63, 65)], attrs: { batch: 3, seqlen: 63 } },
    { inputs: [f32(2 * 8, 4)], attrs: { batch: 2, seqlen: 8 } },
    {
      inputs: [f32(5 * 63, 65), i32(5, 1)],
      attrs: { batch: 5, seqlen: 63 },
      range: [
        [-1, 1],
        [0, 70],
      ],
    },
    {
      inputs: [f32(4 * 70, 8), i32(4, 1)],
      attrs: { batch: 4, seqlen: 70 },
      range: [
        [-1, 1],
        [0, 70],
      ],
    },
  ],
})
