import { expect, test } from 'vitest'
import { bitsOption, runningMean } from './bitsOption.ts'
import type { Colours } from './colours.ts'
import { toCsv } from './figure.ts'
import { forecastOption } from './forecastOption.ts'
import { positionOption } from './positionOption.ts'
import { selfTestOption } from './selfTestOption.ts'
import { smallOption } from './smallOption.ts'

const colours = new Proxy({}, { get: (_, name) => (name === 'dark' ? false : `colour ${String(name)}`) }) as Colours
interface Built {
  xAxis: { min: number; max: number }
  yAxis: { min: number; max: number }
  series: { name?: string; data: unknown[]; connectNulls?: boolean }[]
}

test('a forecast joins history and truth on one line, with gaps left open, and stands over repeat-last', () => {
  const built = forecastOption(
    { history: [1, null, 3], truth: [4, 5], forecast: [3.5, 4.5], repeatLast: [3, 3] },
    colours,
  ) as unknown as Built
  expect(built.series.map((series) => [series.name, series.data])).toEqual([
    [
      'truth',
      [
        [-3, 1],
        [-2, null],
        [-1, 3],
        [0, 4],
        [1, 5],
      ],
    ],
    [
      'repeat the last value',
      [
        [0, 3],
        [1, 3],
      ],
    ],
    [
      'forecast',
      [
        [0, 3.5],
        [1, 4.5],
      ],
    ],
  ])
  expect(built.series[0].connectNulls).toBe(false)
  expect([built.xAxis.min, built.xAxis.max]).toEqual([-3, 2])
})

test('the self-test draws errors as powers of ten and an exact result at the edge', () => {
  const cases = [
    { backend: 'cpu' as const, op: 'linear', case: 'a', error: 1e-7, limit: 1e-4, passed: true },
    { backend: 'webgpu' as const, op: 'linear', case: 'a', error: 0, limit: 1e-4, passed: true },
  ]
  const built = selfTestOption(cases, colours) as unknown as Built
  expect((built.series[0].data[0] as number[])[0]).toBeCloseTo(-7, 9)
  expect((built.series[1].data[0] as number[])[0]).toBe(built.xAxis.min)
})

test('axes of the small multiples start at zero and one spike does not set them', () => {
  const norms = Array.from({ length: 400 }, (_, i) => (i === 77 ? 500 : 0.4))
  const built = smallOption(
    norms.map((_, i) => i),
    norms,
    { steps: 1000, colour: 'x', clip: 1 },
  ) as unknown as Built
  expect(built.yAxis.min).toBe(0)
  expect(built.yAxis.max).toBeLessThan(10)
  expect(built.xAxis.max).toBe(1000)
})

test('the position chart starts at zero unless its values lie close together', () => {
  const wide = positionOption(
    [
      { position: 0, value: 3 },
      { position: 9, value: 1 },
    ],
    { name: 'uniform', value: 4 },
    colours,
  ) as unknown as Built
  const close = positionOption(
    [
      { position: 0, value: 1.97 },
      { position: 9, value: 1.95 },
    ],
    { name: 'uniform', value: 2 },
    colours,
  ) as unknown as Built
  expect(wide.yAxis.min).toBe(0)
  expect(close.yAxis.min).toBeGreaterThan(1.9)
})

test('the mean of bits uses as many as there are', () => {
  expect(runningMean([2, 4, 6, 8], 2)).toEqual([2, 3, 5, 7])
  const built = bitsOption(
    { bits: Array(100).fill(1.9), length: 500, window: 32, reference: { name: 'uniform', value: 2 } },
    colours,
  ) as unknown as Built
  expect(built.xAxis.max).toBe(500)
})

test('CSV quotes only what needs it', () => {
  expect(
    toCsv({
      columns: ['step', 'text'],
      rows: [
        [1, 'a,b'],
        [2, 'say "x"'],
        [3, null],
      ],
    }),
  ).toBe('step,text\r\n1,"a,b"\r\n2,"say ""x"""\r\n3,\r\n')
})
