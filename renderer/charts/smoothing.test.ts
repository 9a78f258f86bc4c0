import { expect, test } from 'vitest'
import { betaOf, learningTrend, localTrend } from './smoothing.ts'

test('a straight line comes out as it went in, at both ends too', () => {
  const line = Array.from({ length: 50 }, (_, i) => 4 - 0.03 * i)
  localTrend(line, 0.9).forEach((value, i) => expect(value).toBeCloseTo(line[i], 9))
})

test('it equals the weighted least-squares fit computed directly', () => {
  const values = [4.1, 3.2, 3.4, 2.9, 2.5, 2.6, 2.2]
  const beta = 0.7
  const direct = values.map((_, at) => {
    const sums = values.map((y, j) => ({ w: beta ** Math.abs(j - at), x: j - at, y }))
    const sum = (of: (one: { w: number; x: number; y: number }) => number): number => sums.reduce((total, one) => total + of(one), 0)
    const [s0, s1, s2] = [sum((o) => o.w), sum((o) => o.w * o.x), sum((o) => o.w * o.x * o.x)]
    const [t0, t1] = [sum((o) => o.w * o.y), sum((o) => o.w * o.x * o.y)]
    return (s2 * t0 - s1 * t1) / (s0 * s2 - s1 * s1)
  })
  localTrend(values, beta).forEach((value, i) => expect(value).toBeCloseTo(direct[i], 9))
})

test('NaN is a gap and does not spread', () => {
  const trend = localTrend([3, 3, NaN, 3, 3], 0.8)
  expect(trend[2]).toBeNaN()
  expect(trend.filter((value) => Number.isNaN(value))).toHaveLength(1)
  expect(trend[3]).toBeCloseTo(3, 9)
})

test('a curve that falls steeply at first is followed there and smoothed later', () => {
  const clean = Array.from({ length: 300 }, (_, i) => 0.05 + 1 / (1 + i))
  const noisy = clean.map((value, i) => value + (i % 2 ? 0.01 : -0.01))
  const trend = learningTrend(noisy, 0.95)
  const error = (from: number, to: number): number =>
    Math.max(...trend.slice(from, to).map((value, i) => Math.abs(value - clean[from + i])))
  expect(error(0, 10)).toBeLessThan(0.05)
  expect(error(100, 290)).toBeLessThan(0.002)
})

test('no smoothing is the values themselves', () => {
  expect([localTrend([1, 5, 2], betaOf(0)), learningTrend([1, 5, 2], 0)]).toEqual([
    [1, 5, 2],
    [1, 5, 2],
  ])
  expect(betaOf(1)).toBeCloseTo(0.995, 3)
})
