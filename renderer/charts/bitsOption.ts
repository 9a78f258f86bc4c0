import type { EChartsCoreOption } from 'echarts/core'
import { thousands } from '../format/numbers.ts'
import { decimalsOf, niceRange, niceStep } from './axes.ts'
import { SANS, type Colours } from './colours.ts'
import { minMax, type Point } from './decimate.ts'

export interface BitsPicture {
  bits: readonly number[]
  /** Tokens in the whole sample, so that the axis stands still while it grows. */
  length: number
  /** Running mean over this many tokens. */
  window: number
  reference: { name: string; value: number }
}

/** Surprise along a generated sequence: each token faint, the running mean bold. */
export function bitsOption({ bits, length, window, reference }: BitsPicture, colours: Colours): EChartsCoreOption {
  const raw = bits.map((value, i): Point => [i + 1, value])
  const mean = runningMean(bits, window)
    .map((value, i): Point => [i + 1, value])
    // a mean of a handful says nothing and would set the axis
    .slice(Math.min(window / 2, bits.length))
  const shown = mean.map(([, value]) => value)
  const { min, max, interval } = niceRange(Math.min(...shown, reference.value) - 0.15, Math.max(...shown, reference.value) + 0.15, 4)
  return {
    grid: { left: 52, right: 112, top: 10, bottom: 24 },
    xAxis: {
      type: 'value',
      min: 0,
      max: Math.max(length, 1),
      interval: niceStep(Math.max(length, 1), 8),
      splitLine: { show: false },
      axisLine: { show: true, onZero: false },
      axisTick: { show: true, length: 4 },
      axisLabel: { formatter: (value: number) => thousands(value), hideOverlap: true },
    },
    yAxis: { type: 'value', min, max, interval, axisLabel: { formatter: (value: number) => value.toFixed(decimalsOf(interval)) } },
    series: [
      { type: 'line', data: minMax(raw, 1500), symbol: 'none', silent: true, lineStyle: { color: colours.c1, width: 1, opacity: 0.25 } },
      {
        type: 'line',
        data: mean,
        symbol: 'none',
        lineStyle: { color: colours.c1, width: 2.25 },
        endLabel: {
          show: mean.length > 0,
          formatter: 'this sample',
          color: colours.c1,
          fontSize: 12,
          fontWeight: 600,
          fontFamily: SANS,
          distance: 6,
          offset: [0, 9],
        },
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: colours.baseline, type: [1, 3], width: 1.25 },
          data: [
            {
              yAxis: reference.value,
              label: {
                formatter: `${reference.name} ${reference.value.toFixed(2)}`,
                position: 'end',
                color: colours['text-2'],
                fontSize: 11,
              },
            },
          ],
        },
      },
    ],
  }
}

/** Mean of the last `window` values, of as many as there are at the start. */
export function runningMean(values: readonly number[], window: number): number[] {
  let sum = 0
  return values.map((value, i) => {
    sum += value
    if (i >= window) sum -= values[i - window]
    return sum / Math.min(i + 1, window)
  })
}
