import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** Weighted mean squared error: loss (1, 1) = Σ weight (pred − target)² / max(count, 1e-12), count (1, 1) = Σ weight. weight is 0 where the target is missing. */
export const mse = defineOp({
  name: 'mse',
  inputs: ['pred', 'target', 'weight'],
  outputs: ['loss', 'count'],
  infer: ([pred, target, weight]) => (
    expectType('mse: target', target, pred),
    expectType('mse: weight', weight, pred),
    [f32(1, 1), f32(1, 1)]
  ),
  reference([pred, target, weight], [loss, count]) {
    let [sum, total] = [0, 0]
    for (let r = 0; r < pred.rows; r++)
      for (let c = 0; c < pred.cols; c++) {
        sum += at(weight, r, c) * (at(pred, r, c) - at(target, r, c)) ** 2
        total += at(weight, r, c)
      }
    set(count, 0, 0, total)
    set(loss, 0, 0, sum / Math.max(total, 1e-12))
  },
  gradient: (builder, { inputs, outputs: [, count] }, [dloss]) => (dloss ? [builder.one('mse_grad', [...inputs, count, dloss])] : []),
  cost: ([pred]) => ({ flops: 4 * elements(pred) }),
  tolerance: 2e-6,
  cases: [
    {
      inputs: [f32(1, 1), f32(1, 1), f32(1, 1)],
      attrs: {},
      range: [
        [-1, 1],
        [-1, 1],
        [1, 1],
      ],
    },
    {
      inputs: [f32(63, 65), f32(63, 65), f32(63, 65)],
      attrs: {},
      range: [
        [-1, 1],
        [-1, 1],
        [0, 1],
      ],
    },
  ],
})
