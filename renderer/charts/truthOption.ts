import type { EChartsCoreOption } from 'echarts/core'
import { decimalsOf, niceRange } from './axes.ts'
import type { Colours } from './colours.ts'

/** What was said against the truth on the same range; on the diagonal it is right. */
export function truthOption(points: readonly { truth: number; said: number }[], colours: Colours): EChartsCoreOption {
  const all = points.flatMap(({ truth, said }) => [truth, said])
  const range = niceRange(Math.min(...all), Math.max(...all), 5)
  const axis = (name: string): object => ({
    type: 'value',
    name,
    nameLocation: 'middle',
    min: range.min,
    max: range.max,
    interval: range.interval,
    axisLine: { show: true, onZero: false },
    axisLabel: { formatter: (value: number) => value.toFixed(decimalsOf(range.interval)), hideOverlap: true },
  })
  return {
    grid: { left: 64, right: 32, top: 14, bottom: 44 },
    xAxis: { ...axis('true'), nameGap: 26 },
    yAxis: { ...axis('said'), nameGap: 46 },
    series: [
      {
        type: 'line',
        data: [
          [range.min, range.min],
          [range.max, range.max],
        ],
        symbol: 'none',
        silent: true,
        lineStyle: { color: colours.baseline, width: 1, type: [1, 4] },
      },
      {
        type: 'scatter',
        data: points.map(({ truth, said }) => [truth, said]),
        symbolSize: 5,
        itemStyle: { color: colours.c1, opacity: 0.7 },
      },
    ],
  }
}
