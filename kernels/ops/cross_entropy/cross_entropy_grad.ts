import { at, elements, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** dlogits = (softmax(logits) − onehot(target)) · dloss / max(count, 1), zero in ignored rows. May overwrite logits. */
export const cross_entropy_grad = defineOp({
  name: 'cross_entropy_grad',
  inputs: ['logits', 'targets', 'lse', 'count', 'dloss'],
  outputs: ['dlogits'],
  mayOverwrite: { 0: 0 },
  infer: ([logits]) => [logits],
  reference([logits, targets, lse, count, dloss], [dlogits]) {
    const scale = at(dloss, 0, 0) / Math.max(at(count, 0, 0), 1)
    for (let r = 0; r < logits.rows; r++) {
      const target = at(targets, r, 0)
      for (let v = 0; v < logits.cols; v++)
        set(dlogits, r, v, target < 0 ? 0 : scale * (Math.exp(at(logits, r, v) - at(lse, r, 0)) - (v === target ? 1 : 0)))
    }
  },
  cost: ([logits]) => ({ flops: 3 * elements(logits), exps: elements(logits) }),
  tolerance: 4e-6,
  cases: [],
})
