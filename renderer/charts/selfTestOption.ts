import type { EChartsCoreOption } from 'echarts/core'
import type { SelfTestCase } from '../../main/contract/system.ts'
import { SANS, type Colours } from './colours.ts'

/** A dot per case on a log axis against the dotted limit; an error of zero stands at the left edge. */
export function selfTestOption(cases: readonly SelfTestCase[], colours: Colours): EChartsCoreOption {
  const ops = [...new Set(cases.map((one) => one.op))]
  const limit = Math.max(...cases.map((one) => one.limit), 1e-12)
  const smallest = Math.min(limit, ...cases.map((one) => one.error).filter((error) => error > 0))
  const low = Math.floor(Math.log10(smallest)) - 1
  const high = Math.ceil(Math.log10(Math.max(limit, ...cases.map((one) => (Number.isFinite(one.error) ? one.error : limit))))) + 1
  const place = (backend: 'cpu' | 'webgpu'): [number, number][] =>
    cases
      .filter((one) => one.backend === backend)
      .map((one) => [
        Math.log10(Math.max(one.error, Math.pow(10, low))),
        ops.length - 1 - ops.indexOf(one.op) + (backend === 'cpu' ? 0.14 : -0.14),
      ])
  return {
    grid: { left: 132, right: 24, top: 18, bottom: 26 },
    xAxis: {
      type: 'value',
      min: low,
      max: high,
      interval: 1,
      splitLine: { show: false },
      axisLine: { show: true, onZero: false },
      axisTick: { show: true, length: 4 },
      axisLabel: { formatter: (value: number) => `1e${value}`.replace('-', '−'), hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      min: -0.6,
      max: ops.length - 0.4,
      interval: 1,
      splitLine: { show: false },
      axisLabel: {
        customValues: ops.map((_, i) => i),
        formatter: (value: number) => ops[ops.length - 1 - Math.round(value)] ?? '',
        color: colours.text,
        fontFamily: SANS,
        hideOverlap: true,
      },
    },
    series: [
      {
        type: 'scatter',
        name: 'CPU',
        data: place('cpu'),
        symbolSize: 6,
        itemStyle: { color: colours.c1, opacity: 0.75 },
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: colours.baseline, type: [1, 3], width: 1.5 },
          data: [
            {
              xAxis: Math.log10(limit),
              label: {
                formatter: `limit ${limit.toExponential(0).replace('-', '−')}`,
                position: 'end',
                color: colours['text-2'],
                fontSize: 11,
              },
            },
          ],
        },
      },
      {
        type: 'scatter',
        name: 'WebGPU',
        data: place('webgpu'),
        symbol: 'triangle',
        symbolSize: 7,
        itemStyle: { color: colours.c2, opacity: 0.75 },
      },
    ],
  }
}
