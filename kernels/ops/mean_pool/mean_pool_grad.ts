import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'

/** dx[b·seqlen + t] = dy[b] / seqlen. attrs batch, seqlen. */
export const mean_pool_grad = defineOp({
  name: 'mean_pool_grad',
  inputs: ['dy'],
  outputs: ['dx'],
  infer: ([dy], attrs) => [f32(num(attrs, 'batch') * num(attrs, 'seqlen'), dy.cols)],
  reference([dy], [dx], attrs) {
    const seqlen = num(attrs, 'seqlen')
    for (let r = 0; r < dx.rows; r++) for (let c = 0; c < dx.cols; c++) set(dx, r, c, at(dy, Math.floor(r / seqlen), c) / seqlen)
  },
  cost: ([dy], attrs) => ({ flops: elements(dy) * num(attrs, 'seqlen') }),
  tolerance: 1e-6,
  cases: [],
})
