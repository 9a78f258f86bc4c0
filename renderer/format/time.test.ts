import { expect, test } from 'vitest'
import { ago, duration, roughly, timeLeft } from './time.ts'

test('time left is said in minutes, not in clock digits', () => {
  expect([4, 30, 50, 244, 3600, 7800].map(timeLeft)).toEqual([
    '4 s left',
    'under 1 min left',
    '1 min left',
    '4 min left',
    '1 h left',
    '2 h 10 min left',
  ])
  expect(roughly(0)).toBe('1 s')
})

test('time spent is told to the second', () => {
  expect([48, 120, 396, 3840].map(duration)).toEqual(['48 s', '2 min', '6 min 36 s', '1 h 04 min'])
})

test('moments are told from now', () => {
  const now = new Date(2026, 10, 24, 15, 0)
  const before = (...parts: [number, number, number, number, number]): string => ago(new Date(...parts).toISOString(), now)
  expect([
    before(2026, 10, 24, 14, 59),
    before(2026, 10, 24, 14, 48),
    before(2026, 10, 24, 13, 0),
    before(2026, 10, 23, 23, 0),
    before(2026, 10, 20, 9, 0),
    before(2026, 2, 3, 9, 0),
  ]).toEqual(['1 min ago', '12 min ago', '2 h ago', 'yesterday', 'Friday', '3 Mar'])
})
