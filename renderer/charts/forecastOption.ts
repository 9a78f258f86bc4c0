import type { EChartsCoreOption } from 'echarts/core'
import { decimalsOf, niceRange, niceStep } from './axes.ts'
import { SANS, type Colours } from './colours.ts'

export interface ForecastPicture {
  history: (number | null)[]
  truth: (number | null)[]
  forecast: number[]
  repeatLast?: number[]
}

type Pair = [number, number | null]

/** What the model saw, what it forecast, and what came. A gap in the data is a gap in the line. */
export function forecastOption({ history, truth, forecast, repeatLast }: ForecastPicture, colours: Colours): EChartsCoreOption {
  const seen: Pair[] = history.map((value, i) => [i - history.length, value])
  const came: Pair[] = truth.map((value, i) => [i, value])
  const values = [...history, ...truth, ...forecast, ...(repeatLast ?? [])].filter(
    (value): value is number => value !== null && Number.isFinite(value),
  )
  const { min, max, interval } = niceRange(Math.min(...values), Math.max(...values), 6)
  const decimals = decimalsOf(interval)
  const ahead = Math.max(truth.length, forecast.length, 1)
  const step = niceStep(ahead + history.length, 9)
  const left = -Math.floor(history.length / step) * step
  const line = (name: string, data: Pair[], style: object, extra: object = {}): object => ({
    type: 'line',
    name,
    data,
    symbol: 'none',
    connectNulls: false,
    lineStyle: style,
    ...extra,
  })
  return {
    grid: { left: 60, right: 24, top: 28, bottom: 28 },
    xAxis: {
      type: 'value',
      min: -history.length,
      max: ahead,
      splitLine: { show: false },
      axisLine: { show: true, onZero: false },
      axisTick: { show: true, length: 4, customValues: ticks(left, ahead, step) },
      axisLabel: {
        customValues: ticks(left, ahead, step),
        formatter: (value: number) => (value === 0 ? 'now' : `${value > 0 ? '+' : '−'}${Math.abs(value)}`),
      },
    },
    yAxis: { type: 'value', min, max, interval, axisLabel: { formatter: (value: number) => value.toFixed(decimals).replace('-', '−') } },
    series: [
      line(
        'truth',
        [...seen, ...came],
        { color: colours.text, width: 1.25 },
        {
          z: 4,
          markLine: {
            silent: true,
            symbol: 'none',
            data: [{ xAxis: 0, label: { show: false } }],
            lineStyle: { color: colours['line-2'], type: 'solid', width: 1 },
          },
          markArea: regions(history.length, ahead, colours),
        },
      ),
      ...(repeatLast
        ? [
            line(
              'repeat the last value',
              repeatLast.map((value, i): Pair => [i, value]),
              { color: colours.baseline, type: [1, 3], width: 1.5 },
            ),
          ]
        : []),
      line(
        'forecast',
        forecast.map((value, i): Pair => [i, value]),
        { color: colours.c1, width: 2.25 },
        { z: 5 },
      ),
    ],
  }
}

function ticks(from: number, to: number, step: number): number[] {
  const marks: number[] = []
  for (let at = from; at <= to; at += step) marks.push(at)
  return marks
}

function regions(history: number, ahead: number, colours: Colours): object {
  return {
    silent: true,
    itemStyle: { color: 'transparent' },
    label: { color: colours['text-2'], fontSize: 11, fontFamily: SANS, position: 'insideTopLeft', offset: [4, -24] },
    data: [
      [{ name: `${history} rows the model saw`, xAxis: -history }, { xAxis: 0 }],
      [{ name: `${ahead} rows it forecast`, xAxis: 0 }, { xAxis: ahead }],
    ],
  }
}
