import { at, elements, expectType, f32, i32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/**
 * Softmax cross-entropy in nats. logits (R, vocab), targets (R, 1) i32, a negative target is ignored.
 * nll (R, 1) = lse − logits[target], 0 where ignored · lse (R, 1) = log Σ exp(logits) · count (1, 1) = rows not ignored ·
 * loss (1, 1) = Σ nll / max(count, 1). Only `loss` has a gradient.
 */
export const cross_entropy = defineOp({
  name: 'cross_entropy',
  inputs: ['logits', 'targets'],
  outputs: ['loss', 'nll', 'lse', 'count'],
  infer: ([logits, targets]) => (
    expectType('cross_entropy: targets', targets, i32(logits.rows, 1)),
    [f32(1, 1), f32(logits.rows, 1), f32(logits.rows, 1), f32(1, 1)]
  ),
  reference([logits, targets], [loss, nll, lse, count]) {
    let [sum, rows] = [0, 0]
    for (let r = 0; r < logits.rows; r++) {
      let max = -Infinity
      for (let v = 0; v < logits.cols; v++) max = Math.max(max, at(logits, r, v))
      let total = 0
      for (let v = 0; v < logits.cols; v++) total += Math.exp(at(logits, r, v) - max)
      set(lse, r, 0, max + Math.log(total))
      const target = at(targets, r, 0)
      set(nll, r, 0, target < 0 ? 0 : max + Math.log(total) - at(logits, r, target))
      sum += at(nll, r, 0)
      if (target >= 0) rows++
    }
    set(count, 0, 0, rows)
    set(loss, 0, 0, sum / Math.max(rows, 1))
  },
  gradient: (builder, { inputs: [logits, targets], outputs: [, , lse, count] }, [dloss]) =>
    dloss ? [builder.one('cross_entropy_grad', [logits, targets, lse, count, dloss])] : [],
  cost: ([logits]) => ({ flops: 4 * elements(logits), exps: elements(logits) }),
  tolerance: 4e-6,
  cases: [
    {
      inputs: [f32(1, 1), i32(1, 1)],
      attrs: {},
      range: [
        [-1, 1],
        [0, 1],
      ],
    },
    {
      inputs: [f32(37, 101), i32(37, 1)],
      attrs: {},
      range: [
        [-20, 20],
        [-3, 101],
      ],
    },
    {
      inputs: [f32(130, 65), i32(130, 1)],
      attrs: {},
      range: [
        [-3, 3],
        [0, 65],
      ],
    },
  ],
})
