import type { EChartsCoreOption } from 'echarts/core'
import { thousands } from '../format/numbers.ts'
import { decimalsOf, niceRange } from './axes.ts'
import { minMax, type Point } from './decimate.ts'

/** One of the small multiples under the loss: same x axis, one line, an own y axis from zero. */
export function smallOption(
  step: readonly number[],
  values: readonly number[],
  { steps, colour, clip }: { steps: number; colour: string; clip?: number },
): EChartsCoreOption {
  const points: Point[] = step.map((x, i) => [x, values[i]])
  const end = Math.max(steps, step.at(-1) ?? 0, 1)
  // one spike must not press the rest to the floor
  const stride = Math.ceil(values.length / 4000)
  const sorted = values.filter((value, i) => i % stride === 0 && Number.isFinite(value)).sort((a, b) => a - b)
  const high = sorted.length ? Math.min(sorted[sorted.length - 1], sorted[Math.floor(sorted.length * 0.98)] * 1.6) : 1
  const { max, interval } = niceRange(0, Math.max(high, clip ?? 0) || 1, 2)
  return {
    grid: { left: 40, right: 20, top: 8, bottom: 24 },
    xAxis: {
      type: 'value',
      min: 0,
      max: end,
      interval: end / 2,
      splitLine: { show: false },
      axisLine: { show: true },
      axisTick: { show: true, length: 4 },
      axisLabel: { formatter: (value: number) => thousands(value), hideOverlap: true },
    },
    yAxis: { type: 'value', min: 0, max, interval, axisLabel: { formatter: (value: number) => value.toFixed(decimalsOf(interval)) } },
    series: [{ type: 'line', data: minMax(points, 600), symbol: 'none', lineStyle: { color: colour, width: 1.25 } }],
  }
}
