import type { EChartsCoreOption } from 'echarts/core'
import { compactText } from '../format/numbers.ts'
import { niceRange } from './axes.ts'
import type { Colours } from './colours.ts'

export interface Bin {
  from: number
  to: number
  records: number
}

/** Figures that tell two neighbouring edges apart. */
export function edgeText(value: number, bins: readonly Bin[]): string {
  const width = bins.length > 0 ? (bins[bins.length - 1].to - bins[0].from) / bins.length : 1
  const decimals = width > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(width)))) : 3
  return Math.abs(value) >= 10_000 ? compactText(value) : value.toFixed(decimals)
}

/** How many records lie in each bin; the chosen one stands out. */
export function histogramOption(bins: readonly Bin[], chosen: number | null, colours: Colours): EChartsCoreOption {
  const { max, interval } = niceRange(0, Math.max(1, ...bins.map(({ records }) => records)), 3)
  return {
    grid: { left: 48, right: 20, top: 14, bottom: 26 },
    xAxis: {
      type: 'category',
      data: bins.map(({ from }) => edgeText(from, bins)),
      axisTick: { show: true, length: 4, alignWithLabel: false },
      axisLine: { show: true },
      axisLabel: { hideOverlap: true },
    },
    yAxis: { type: 'value', min: 0, max, interval: Math.max(1, interval), axisLabel: { formatter: (value: number) => compactText(value) } },
    series: [
      {
        type: 'bar',
        barCategoryGap: '8%',
        data: bins.map(({ records }, i) => ({ value: records, itemStyle: { color: i === chosen ? colours.accent : colours.c1 } })),
      },
    ],
  }
}
