import { expect, test } from 'vitest'
import { explained, spearman } from './numberScores.ts'

test('R² is 1 for the truth, 0 for its mean, below for worse, and unknown where nothing varies', () => {
  expect(explained([1, 2, 3, 4], [1, 2, 3, 4])).toBe(1)
  expect(explained([1, 2, 3, 4], [2.5, 2.5, 2.5, 2.5])).toBe(0)
  expect(explained([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-3)
  expect(explained([2, 2], [1, 3])).toBeNull()
})

test('Spearman compares ranks, equal values sharing theirs (scipy.stats.spearmanr)', () => {
  expect(spearman([1, 2, 3, 4], [1, 8, 27, 64])).toBeCloseTo(1, 12)
  expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12)
  expect(spearman([1, 2, 3], [1, 1, 1])).toBeNull()
})
