import { at, elements, expectType, f32, i32, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { isLast, pooledRows } from './pool_rows.ts'

/** dx[b·seqlen + t] = dy[b] / (rows pooled) where row t was pooled, else 0. attrs as pool_rows. */
export const pool_rows_grad = defineOp({
  name: 'pool_rows_grad',
  inputs: ['dy', 'lengths'],
  outputs: ['dx'],
  infer([dy, lengths], attrs) {
    expectType('pool_rows_grad: lengths', lengths, i32(num(attrs, 'batch'), 1))
    return [f32(num(attrs, 'batch') * num(attrs, 'seqlen'), dy.cols)]
  },
  reference([dy, lengths], [dx], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let r = 0; r < dx.rows; r++) {
      const b = Math.floor(r / seqlen)
      const { from, to } = pooledRows(at(lengths, b, 0), seqlen, isLast(attrs))
      const pooled = r - b * seqlen >= from && r - b * seqlen < to
      for (let c = 0; c < dx.cols; c++) set(dx, r, c, pooled ? at(dy, b, c) / (to - from) : 0)
    }
  },
  cost: ([dy], attrs) => ({ flops: elements(dy) * num(attrs, 'seqlen') }),
  tolerance: 1e-6,
  cases: [],
})
