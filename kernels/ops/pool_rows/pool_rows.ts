import { at, elements, expectType, f32, i32, set } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** First and last row (exclusive) that sequence `b` is pooled over; a length outside 1 … seqlen counts as the nearest. */
export function pooledRows(length: number, seqlen: number, last: boolean): { from: number; to: number } {
  const to = Math.min(seqlen, Math.max(1, length))
  return { from: last ? to - 1 : 0, to }
}

export const isLast = (attrs: Attributes): boolean => num(attrs, 'last') === 1

/**
 * One row for each sequence of a batch whose sequences have lengths of their own, padded behind: y (batch, d) = mean over the first
 * lengths[b] rows of sequence b in x (batch·seqlen, d), or with `last` its row lengths[b] − 1. lengths (batch, 1) i32. attrs batch, seqlen,
 * last (0 or 1). With full lengths it is mean_pool.
 */
export const pool_rows = defineOp({
  name: 'pool_rows',
  inputs: ['x', 'lengths'],
  outputs: ['y'],
  infer([x, lengths], attrs) {
    requireShape(x.rows === num(attrs, 'batch') * num(attrs, 'seqlen'), 'pool_rows: rows of x are not batch · seqlen')
    expectType('pool_rows: lengths', lengths, i32(num(attrs, 'batch'), 1))
    return [f32(num(attrs, 'batch'), x.cols)]
  },
  reference([x, lengths], [y], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let b = 0; b < y.rows; b++) {
      const { from, to } = pooledRows(at(lengths, b, 0), seqlen, isLast(attrs))
      for (let c = 0; c < y.cols; c++) {
        let sum = 0
        for (let t = from; t < to; t++) sum += at(x, b * seqlen + t, c)
        set(y, b, c, sum / (to - from))
      }
    }
  },
  gradient: (builder, { inputs: [, lengths], attrs }, [dy]) => (dy ? [builder.one('pool_rows_grad', [dy, lengths], attrs), undefined] : []),
  cost: ([x]) => ({ flops: elements(x) }),
  tolerance: 2e-6,
  cases: [
    { inputs: [f32(1, 1), i32(1, 1)], attrs: { batch: 1, seqlen: 1, last: 0 } },
    {
      inputs: [f32(5 * 63, 65), i32(5, 1)],
      attrs: { batch: 5, seqlen: 63, last: 0 },
      range: [
        [-1, 1],
        [-2, 70],
      ],
    },
    {
      inputs: [f32(5 * 63, 65), i32(5, 1)],
      attrs: { batch: 5, seqlen: 63, last: 1 },
      range: [
        [-1, 1],
        [1, 64],
      ],
    },
    {
      inputs: [f32(3 * 200, 16), i32(3, 1)],
      attrs: { batch: 3, seqlen: 200, last: 0 },
      range: [
        [-1, 1],
        [100, 201],
      ],
    },
  ],
})
