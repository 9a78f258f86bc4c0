import type { MetricPoint } from '../../main/contract/run.ts'

/** A run's metrics as columns, in step order. Grown in place; readers take `version` to know that it changed. */
export interface MetricSeries {
  version: number
  step: number[]
  train: number[]
  learningRate: number[]
  gradNorm: number[]
  tokensPerSecond: number[]
  validation: { step: number; value: number }[]
}

export const emptySeries = (): MetricSeries => ({
  version: 0,
  step: [],
  train: [],
  learningRate: [],
  gradNorm: [],
  tokensPerSecond: [],
  validation: [],
})

/** Adds points. After a resume the steps since the checkpoint come again: what was there from that step on is replaced. */
export function append(series: MetricSeries, points: readonly MetricPoint[]): void {
  if (points.length === 0) return
  const from = points[0].step
  if (series.step.length > 0 && series.step[series.step.length - 1] >= from) cutFrom(series, from)
  for (const point of points) {
    series.step.push(point.step)
    // NaN crosses the wire as null
    series.train.push(point.trainLoss ?? NaN)
    series.learningRate.push(point.learningRate)
    series.gradNorm.push(point.gradNorm)
    series.tokensPerSecond.push(point.tokensPerSecond)
    if (point.validationLoss !== undefined && point.validationLoss !== null)
      series.validation.push({ step: point.step, value: point.validationLoss })
  }
  series.version++
}

function cutFrom(series: MetricSeries, step: number): void {
  const keep = indexAtOrAfter(series.step, step)
  for (const column of [series.step, series.train, series.learningRate, series.gradNorm, series.tokensPerSecond]) column.length = keep
  series.validation = series.validation.filter((point) => point.step < step)
}

/** First index whose value is not below `value`; the columns are sorted. */
export function indexAtOrAfter(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}
