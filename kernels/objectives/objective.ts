import type { GraphBuilder, Value } from '../graph/graph.ts'
import { quantileAttributes } from '../ops/quantile_loss/quantile_loss.ts'
import { f32, i32 } from '../tensor/tensor.ts'

export interface LossValues {
  /** (1, 1), what is minimised. */
  readonly loss: Value
  /** What evaluation reads: nll (R, 1) per position, or the prediction itself. */
  readonly scores: Value
}

/** From a model's output to a loss. Targets arrive in external buffers of the names and types given. */
export interface Objective {
  readonly name: string
  targets(rows: number, width: number): Record<string, ReturnType<typeof f32>>
  loss(builder: GraphBuilder, output: Value, targets: Record<string, Value>): LossValues
  /** What the loss is the mean over, in host memory: targets that are scored. A step of several micro-batches weighs each by its count. */
  count(targets: Readonly<Record<string, ArrayLike<number>>>): number
}

const scored = ({ targets }: Readonly<Record<string, ArrayLike<number>>>): number => {
  let count = 0
  for (let i = 0; i < targets.length; i++) if (targets[i] >= 0) count++
  return count
}
const weighed = ({ weights }: Readonly<Record<string, ArrayLike<number>>>): number => {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i]
  return sum
}

/** Mean cross-entropy in nats of the next token; a negative target is not scored. */
export const crossEntropy: Objective = {
  name: 'cross_entropy',
  targets: (rows) => ({ targets: i32(rows, 1) }),
  count: scored,
  loss(builder, output, { targets }) {
    const [loss, nll] = builder.apply('cross_entropy', [output, targets])
    return { loss, scores: nll }
  },
}

/** Mean cross-entropy in nats of a class per sequence; a negative target is not scored. Evaluation reads the logits themselves. */
export const classification: Objective = {
  name: 'classification',
  targets: (rows) => ({ targets: i32(rows, 1) }),
  count: scored,
  loss(builder, output, { targets }) {
    const [loss] = builder.apply('cross_entropy', [output, targets])
    return { loss, scores: output }
  },
}

/** Mean squared error over the targets whose weight is 1; weight is 0 where the value is missing. */
export const squaredError: Objective = {
  name: 'squared_error',
  targets: (rows, width) => ({ targets: f32(rows, width), weights: f32(rows, width) }),
  count: weighed,
  loss(builder, output, { targets, weights }) {
    const [loss] = builder.apply('mse', [output, targets, weights])
    return { loss, scores: output }
  },
}

/** Mean absolute error over the targets whose weight is 1: what a median forecast minimises. */
export const absoluteError: Objective = { ...quantileError([0.5]), name: 'absolute_error' }

/**
 * Twice the mean pinball loss of several quantiles per target (quantile_loss.ts). The head gives taus.length · T columns, those of the
 * first level first; the targets have T. Evaluation reads the level nearest the median.
 */
export function quantileError(taus: readonly number[]): Objective {
  return {
    name: 'quantile_error',
    targets: (rows, width) => ({ targets: f32(rows, width / taus.length), weights: f32(rows, width / taus.length) }),
    count: weighed,
    loss(builder, output, { targets, weights }) {
      const [loss] = builder.apply('quantile_loss', [output, targets, weights], quantileAttributes(taus))
      const columns = output.type.cols / taus.length
      const middle = taus.map((tau) => Math.abs(tau - 0.5)).reduce((best, d, i, all) => (d < all[best] ? i : best), 0)
      return {
        loss,
        scores: builder.split(
          output,
          taus.map(() => columns),
        )[middle],
      }
    },
  }
}
