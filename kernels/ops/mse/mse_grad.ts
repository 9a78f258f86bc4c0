import { at, elements, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/** dpred = 2 weight (pred − target) · dloss / max(count, 1e-12). May overwrite pred. */
export const mse_grad = defineOp({
  name: 'mse_grad',
  inputs: ['pred', 'target', 'weight', 'count', 'dloss'],
  outputs: ['dpred'],
  mayOverwrite: { 0: 0 },
  infer: ([pred]) => [pred],
  reference([pred, target, weight, count, dloss], [dpred]) {
    const scale = (2 * at(dloss, 0, 0)) / Math.max(at(count, 0, 0), 1e-12)
    for (let r = 0; r < pred.rows; r++)
      for (let c = 0; c < pred.cols; c++) set(dpred, r, c, scale * at(weight, r, c) * (at(pred, r, c) - at(target, r, c)))
  },
  cost: ([pred]) => ({ flops: 3 * elements(pred) }),
  tolerance: 2e-6,
  cases: [],
})
