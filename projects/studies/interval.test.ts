import { expect, test } from 'vitest'
import { interval95 } from './interval.ts'

// scipy.stats.t.interval(0.95, 5, mean, sem)
test('the interval of a mean is that of a t test', () => {
  const [low, high] = interval95([3.1, 4.7, 2.2, 5.9, 4.1, 3.3])
  expect(low).toBeCloseTo(2.5095, 3)
  expect(high).toBeCloseTo(5.2571, 3)
  expect(() => interval95([1])).toThrow('2 to 10')
})
