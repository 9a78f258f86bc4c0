import { at, elements, expectType, f32, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

export const MAX_QUANTILES = 9

/** The levels τ of the attributes: `quantiles` of them, as q0, q1, …; at most MAX_QUANTILES. */
export const levels = (attrs: Attributes): number[] => Array.from({ length: num(attrs, 'quantiles') }, (_, k) => num(attrs, `q${k}`))
/** Levels as attributes. */
export const quantileAttributes = (taus: readonly number[]): Attributes => ({
  quantiles: taus.length,
  ...Object.fromEntries(taus.map((tau, k) => [`q${k}`, tau])),
})

export function checkQuantiles(op: string, [pred, target, weight]: readonly TensorType[], attrs: Attributes): void {
  const taus = levels(attrs)
  requireShape(taus.length >= 1 && taus.length <= MAX_QUANTILES, `${op}: ${taus.length} quantiles; 1 to ${MAX_QUANTILES} are possible`)
  requireShape(
    taus.every((tau) => tau > 0 && tau < 1),
    `${op}: a quantile lies between 0 and 1, not ${taus.join(', ')}`,
  )
  expectType(`${op}: pred`, pred, f32(target.rows, target.cols * taus.length))
  expectType(`${op}: weight`, weight, target)
}

const testCase = (rows: number, cols: number, taus: readonly number[], weight: readonly [number, number] = [0, 1]) => ({
  inputs: [f32(rows, cols * taus.length), f32(rows, cols), f32(rows, cols)],
  attrs: quantileAttributes(taus),
  range: [[-2, 2], [-2, 2], weight] as const,
})

/**
 * Quantile (pinball) loss (Koenker & Bassett 1978), twice, so that the median alone is the mean absolute error:
 *   loss (1, 1) = 2 Σ weight · max(τ e, (τ − 1) e) / (Q · max(count, 1e-12)),  e = target − pred,  count (1, 1) = Σ weight.
 * pred (R, Q·T): the T columns of the first quantile, then those of the second, … · target, weight (R, T), weight 0 where the target is
 * missing. attrs quantiles Q and the levels τ as q0, q1, …
 */
export const quantile_loss = defineOp({
  name: 'quantile_loss',
  inputs: ['pred', 'target', 'weight'],
  outputs: ['loss', 'count'],
  infer: (inputs, attrs) => (checkQuantiles('quantile_loss', inputs, attrs), [f32(1, 1), f32(1, 1)]),
  reference([pred, target, weight], [loss, count], attrs) {
    const taus = levels(attrs)
    let [sum, total] = [0, 0]
    for (let r = 0; r < target.rows; r++)
      for (let c = 0; c < target.cols; c++) {
        total += at(weight, r, c)
        taus.forEach((tau, k) => {
          const e = at(target, r, c) - at(pred, r, k * target.cols + c)
          sum += at(weight, r, c) * Math.max(tau * e, (tau - 1) * e)
        })
      }
    set(count, 0, 0, total)
    set(loss, 0, 0, (2 * sum) / (taus.length * Math.max(total, 1e-12)))
  },
  gradient: (builder, { inputs, outputs: [, count], attrs }, [dloss]) =>
    dloss ? [builder.one('quantile_loss_grad', [...inputs, count, dloss], attrs)] : [],
  cost: ([pred]) => ({ flops: 5 * elements(pred) }),
  tolerance: 2e-6,
  cases: [
    testCase(1, 1, [0.5], [1, 1]),
    testCase(63, 65, [0.5]),
    testCase(65, 24, [0.1, 0.5, 0.9]),
    testCase(33, 7, [0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95]),
  ],
})
