import type { EChartsCoreOption } from 'echarts/core'
import { thousands } from '../format/numbers.ts'
import { baselineLine } from './lossOption.ts'
import { decimalsOf, niceRange } from './axes.ts'
import type { Colours } from './colours.ts'

/** Mean score by position in the window: falls where context helps, rises where the horizon is far. */
export function positionOption(
  points: readonly { position: number; value: number }[],
  baseline: { name: string; value: number } | null,
  colours: Colours,
): EChartsCoreOption {
  const values = points.map((point) => point.value)
  const high = Math.max(...values, baseline?.value ?? -Infinity)
  const low = Math.min(...values, baseline?.value ?? Infinity)
  // bars need zero; a line may start where the data are when they lie close together
  const { min, max, interval } = niceRange(high - low < high * 0.4 ? low : Math.min(low, 0), high, 4)
  const last = points.at(-1)?.position ?? 1
  return {
    grid: { left: 48, right: 20, top: 14, bottom: 26 },
    xAxis: {
      type: 'value',
      min: 0,
      max: last,
      splitLine: { show: false },
      axisLine: { show: true, onZero: false },
      axisTick: { show: true, length: 4 },
      axisLabel: { formatter: (value: number) => thousands(value), hideOverlap: true },
    },
    yAxis: { type: 'value', min, max, interval, axisLabel: { formatter: (value: number) => value.toFixed(decimalsOf(interval)) } },
    series: [
      {
        type: 'line',
        data: points.map((point) => [point.position, point.value]),
        symbol: 'none',
        lineStyle: { color: colours.c1, width: 2.25 },
        markLine: baseline ? baselineLine(baseline.value, `${baseline.name} ${baseline.value.toFixed(2)}`, colours) : undefined,
      },
    ],
  }
}
