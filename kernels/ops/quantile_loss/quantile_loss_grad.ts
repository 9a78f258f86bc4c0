import { at, elements, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { checkQuantiles, levels } from './quantile_loss.ts'

/** dpred = 2 weight · dloss / (Q · max(count, 1e-12)) · (−τ where target > pred, 1 − τ where target < pred, 0 where equal). May overwrite pred. */
export const quantile_loss_grad = defineOp({
  name: 'quantile_loss_grad',
  inputs: ['pred', 'target', 'weight', 'count', 'dloss'],
  outputs: ['dpred'],
  mayOverwrite: { 0: 0 },
  infer: (inputs, attrs) => (checkQuantiles('quantile_loss_grad', inputs, attrs), [inputs[0]]),
  reference([pred, target, weight, count, dloss], [dpred], attrs) {
    const taus = levels(attrs)
    const scale = (2 * at(dloss, 0, 0)) / (taus.length * Math.max(at(count, 0, 0), 1e-12))
    for (let r = 0; r < target.rows; r++)
      taus.forEach((tau, k) => {
        for (let c = 0; c < target.cols; c++) {
          const e = at(target, r, c) - at(pred, r, k * target.cols + c)
          set(dpred, r, k * target.cols + c, scale * at(weight, r, c) * (e > 0 ? -tau : e < 0 ? 1 - tau : 0))
        }
      })
  },
  cost: ([pred]) => ({ flops: 4 * elements(pred) }),
  tolerance: 2e-6,
  cases: [],
})
