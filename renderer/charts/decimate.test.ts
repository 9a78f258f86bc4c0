import { expect, test } from 'vitest'
import { bucketMeans, lttb, minMax, type Point } from './decimate.ts'

const noisy = Array.from({ length: 50_000 }, (_, i): Point => [i, Math.sin(i / 300) + (i === 31_337 ? 9 : 0)])

test('a spike survives in a fiftieth of the points, in order, with both ends', () => {
  for (const thin of [lttb(noisy, 1000), minMax(noisy, 1000)]) {
    expect(thin.length).toBeLessThanOrEqual(1000)
    expect(thin.some(([x]) => x === 31_337)).toBe(true)
    expect(thin.every(([x], i) => i === 0 || x > thin[i - 1][0])).toBe(true)
  }
  expect(lttb(noisy, 1000).at(0)).toEqual(noisy[0])
  expect(lttb(noisy, 1000).at(-1)).toEqual(noisy.at(-1))
})

test('few points stay as they are', () => {
  const few: Point[] = [
    [0, 1],
    [1, 2],
  ]
  expect([lttb(few, 100), minMax(few, 100)]).toEqual([few, few])
})

test('means of neighbours keep the level and the last step, and skip gaps', () => {
  const points: Point[] = [
    [1, 2],
    [2, 4],
    [3, NaN],
    [4, 6],
    [5, 1],
  ]
  expect(bucketMeans(points, 3)).toEqual([
    [2, 3],
    [4, 6],
    [5, 1],
  ])
  expect(bucketMeans(points, 10)).toEqual(points)
})
