import { expect, test } from 'vitest'
import { append, emptySeries, indexAtOrAfter } from './metricSeries.ts'

const point = (step: number, trainLoss: number, validationLoss?: number) => ({
  step,
  trainLoss,
  validationLoss,
  learningRate: 1e-3,
  gradNorm: 1,
  tokensPerSecond: 1,
})

test('points are appended as columns, and those after a resume replace what came again', () => {
  const series = emptySeries()
  append(series, [point(1, 4), point(2, 3, 3.1), point(3, 2.5), point(4, 2.2, 2.3)])
  append(series, [point(3, 2.6), point(4, 2.4)])
  expect({ step: series.step, train: series.train, validation: series.validation }).toEqual({
    step: [1, 2, 3, 4],
    train: [4, 3, 2.6, 2.4],
    validation: [{ step: 2, value: 3.1 }],
  })
  expect(series.version).toBe(2)
})

test('a loss that is not a number crosses the wire as null and becomes a gap', () => {
  const series = emptySeries()
  append(series, [point(1, null as unknown as number)])
  expect(series.train[0]).toBeNaN()
})

test('the first index at or after a step', () => {
  expect([0, 10, 15, 99].map((step) => indexAtOrAfter([10, 20, 30], step))).toEqual([0, 0, 1, 3])
})
