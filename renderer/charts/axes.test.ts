import { expect, test } from 'vitest'
import { cutAbove, decimalsOf, niceRange, niceStep } from './axes.ts'

test('ranges end at round numbers and hold every value', () => {
  expect(niceRange(1.52, 4.17, 6)).toEqual({ min: 1.5, max: 4.5, interval: 0.5 })
  expect(niceRange(0, 96, 4)).toEqual({ min: 0, max: 100, interval: 25 })
  expect(niceRange(3, 3, 5).max).toBeGreaterThan(3)
  expect(niceStep(5000, 10)).toBe(500)
  expect([0.25, 0.5, 1, 0.01].map(decimalsOf)).toEqual([2, 1, 0, 2])
})

test('outliers are cut, a curve without them is not, and the baseline always shows', () => {
  const falling = Array.from({ length: 500 }, (_, i) => 1.5 + 2.5 * Math.exp(-i / 4))
  const cut = cutAbove(falling, 2.46)
  expect(cut).toBeGreaterThan(2.46)
  expect(cut).toBeLessThan(4)
  expect(
    cutAbove(
      Array.from({ length: 500 }, (_, i) => 1 + (i % 10) / 10),
      1.9,
    ),
  ).toBeNull()
  expect(cutAbove([9, 1, 1], 1)).toBeNull()
})
