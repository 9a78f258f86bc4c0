import type { EChartsCoreOption } from 'echarts/core'
import { thousands } from '../format/numbers.ts'
import type { MetricSeries } from '../stores/metricSeries.ts'
import { cutAbove, decimalsOf, niceRange, niceStep } from './axes.ts'
import { MONO, SANS, type Colours } from './colours.ts'
import { bucketMeans, lttb, minMax, type Point } from './decimate.ts'
import { learningTrend } from './smoothing.ts'

/** More points than this say nothing more on a screen. */
const LIMIT = 2000
/** The trend is fitted to at most so many means of neighbours. */
const TREND_LIMIT = 6000

export interface LossPicture {
  series: MetricSeries
  /** Steps of the whole run: what is not there yet is part of the picture. */
  steps: number
  /** loss × scale = the unit shown. */
  scale: number
  beta: number
  log: boolean
  baseline: { name: string; value: number } | null
  flags: { step: number; text: string }[]
  live: boolean
  /** The last step of another objective; lines do not cross it. */
  border?: number | null
}

const parts = (points: readonly Point[], border: number | null): Point[][] =>
  border === null
    ? [[...points]]
    : [points.filter(([step]) => step <= border), points.filter(([step]) => step > border)].filter((p) => p.length > 0)

function trendOf(raw: readonly Point[], beta: number): Point[] {
  const means = bucketMeans(raw, TREND_LIMIT)
  const width = (1 / (1 - beta)) * (means.length / Math.max(1, raw.length))
  return learningTrend(
    means.map(([, y]) => y),
    width <= 1 ? 0 : 1 - 1 / width,
  ).map((y, i) => [means[i][0], y])
}

/** Loss against step: raw train faint, smoothed train thin, validation bold with dots, baseline dotted, events as flags. */
export function lossOption(picture: LossPicture, colours: Colours): { option: EChartsCoreOption; cut: number | null } {
  const { series, steps, scale, beta, log, baseline, flags, live, border = null } = picture
  const raw: Point[] = series.step.map((step, i) => [step, series.train[i] * scale])
  const smooth = parts(raw, border).map((part) => trendOf(part, beta))
  const validation: Point[] = series.validation.map(({ step, value }) => [step, value * scale])
  const thin = parts(raw, border).map((part) => minMax(part, LIMIT))
  const values = [...thin.flat(), ...validation].map(([, y]) => y).filter(Number.isFinite)
  const cut = log ? null : cutAbove(values, Math.max(baseline?.value ?? -Infinity, ...validation.map(([, y]) => y)))
  const y = log ? logAxis(values, baseline?.value) : linearAxis(values, baseline?.value, cut)
  const at = series.step.at(-1) ?? 0
  const end = Math.max(steps, at, 1)
  const step = niceStep(end, 10)
  const lastTrain = smooth.at(-1)?.at(-1)
  const lastValidation = validation.at(-1)
  const nudge =
    lastTrain && lastValidation && Math.abs(y.place(lastTrain[1]) - y.place(lastValidation[1])) < 0.07
      ? lastTrain[1] < lastValidation[1]
        ? 9
        : -9
      : 0
  /** A gap stands between two parts. */
  const joined = (all: readonly (readonly Point[])[]): [number, number | null][] =>
    all.flatMap((part, i) => [
      ...(i > 0 ? [[border!, null] as [number, null]] : []),
      ...part.map(([x, value]) => [x, y.of(value)] as Point),
    ])
  const word = (text: string, point: Point | undefined, colour: string, shift: number): object => ({
    show: point !== undefined,
    formatter: `${text} ${point ? point[1].toFixed(2) : ''}`,
    color: colour,
    fontSize: 12,
    fontWeight: 600,
    fontFamily: SANS,
    distance: 8,
    offset: [0, shift],
  })
  const option: EChartsCoreOption = {
    grid: { left: 52, right: end - at < end * 0.14 ? 118 : 22, top: 30, bottom: 28 },
    xAxis: {
      type: 'value',
      min: 0,
      max: end,
      interval: step,
      splitLine: { show: false },
      axisLine: { show: true },
      axisTick: { show: true, length: 4 },
      axisLabel: {
        formatter: (value: number) => thousands(value),
        hideOverlap: true,
        showMaxLabel: end % step === 0 || end % step > step * 0.6,
      },
    },
    yAxis: y.axis,
    series: [
      {
        type: 'line',
        name: 'train, each step',
        data: joined(thin),
        symbol: 'none',
        silent: true,
        z: 1,
        lineStyle: { color: colours.c1, width: 1, opacity: colours.dark ? 0.34 : 0.32 },
        markArea: toCome(at, end, live, colours),
        markLine: flagLines(spreadFlags(flags, end), colours),
      },
      {
        type: 'line',
        name: 'train',
        data: joined(
          smooth.map((part) =>
            lttb(
              part.filter(([, value]) => Number.isFinite(value)),
              LIMIT,
            ),
          ),
        ),
        symbol: 'none',
        z: 3,
        lineStyle: { color: colours.c1, width: 1.25 },
        endLabel: word('train', lastTrain, colours.c1, nudge),
      },
      {
        type: 'line',
        name: 'validation',
        data: joined(parts(validation, border)),
        symbol: 'circle',
        symbolSize: validation.length > 80 ? 0 : 4.5,
        showSymbol: true,
        z: 4,
        itemStyle: { color: colours.c2 },
        lineStyle: { color: colours.c2, width: 2.25 },
        endLabel: word('validation', lastValidation, colours['c2-text'], -nudge),
      },
      {
        type: 'line',
        name: baseline?.name ?? 'baseline',
        data: [],
        markLine: baseline ? baselineLine(y.of(baseline.value), `${baseline.name} ${baseline.value.toFixed(2)}`, colours) : undefined,
      },
    ],
  }
  return { option, cut }
}

interface YAxis {
  axis: object
  of(value: number): number
  /** 0 … 1 of the height. */
  place(value: number): number
}

function linearAxis(values: number[], baseline: number | undefined, cut: number | null): YAxis {
  const low = values.length ? Math.min(...reach(values), baseline ?? Infinity) : 0
  const high = cut ?? Math.max(...reach(values), baseline ?? -Infinity, low)
  const { min, max, interval } = niceRange(low, high, 6)
  const decimals = decimalsOf(interval)
  return {
    axis: {
      type: 'value',
      min,
      max: cut ?? max,
      interval,
      axisLabel: { formatter: (value: number) => value.toFixed(decimals).replace('-', '−') },
    },
    of: (value) => value,
    place: (value) => (value - min) / (max - min),
  }
}

/** Drawn as log10 on a linear axis, so that ticks can stand at round losses and not only at powers of ten. */
function logAxis(values: number[], baseline: number | undefined): YAxis {
  const positive = values.filter((value) => value > 0)
  const low = Math.min(...reach(positive), baseline ?? Infinity)
  const high = Math.max(...reach(positive), baseline ?? -Infinity)
  if (!(high > 0)) return linearAxis([], undefined, null)
  const ticks = logTicks(low, high)
  const min = Math.log10(Math.min(low, ticks[0]))
  const max = Math.log10(Math.max(high, ticks[ticks.length - 1]))
  const marks = ticks.map(Math.log10)
  return {
    axis: {
      type: 'value',
      min,
      max,
      axisTick: { customValues: marks },
      splitLine: { show: false },
      axisLabel: { customValues: marks, formatter: (value: number) => Number(Math.pow(10, value).toPrecision(2)).toString() },
    },
    of: (value) => (value > 0 ? Math.log10(value) : NaN),
    place: (value) => (Math.log10(value) - min) / (max - min),
  }
}

/** Round numbers of one or two figures that cover the range: 1, 1.5, 2, 3, 4, 5, 7 times a power of ten. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const lead of [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 7]) ticks.push(Number((lead * Math.pow(10, power)).toPrecision(3)))
  }
  const first = Math.max(0, ticks.findIndex((tick) => tick > low) - 1)
  const last = ticks.findIndex((tick) => tick >= high)
  const inside = ticks.slice(first, last < 0 ? undefined : last + 1)
  const every = Math.max(1, Math.ceil(inside.length / 8))
  return inside.filter((_, i) => i % every === 0 || i === inside.length - 1)
}

/** Lowest and highest without spreading an array that may be long. */
function reach(values: readonly number[]): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

function toCome(at: number, end: number, live: boolean, colours: Colours): object | undefined {
  if (at >= end) return undefined
  const left = end - at
  return {
    silent: true,
    itemStyle: { color: colours.sunk },
    label: { color: colours['text-2'], fontSize: 11, position: 'insideBottomRight', offset: [-4, -4] },
    data: [[{ name: left > end * 0.14 ? `${thousands(left)} steps ${live ? 'to go' : 'not run'}` : '', xAxis: at }, { xAxis: end }]],
  }
}

export function baselineLine(y: number, text: string, colours: Colours): object {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: colours.baseline, type: [1, 3], width: 1.25 },
    data: [
      {
        yAxis: y,
        label: {
          formatter: text,
          position: 'insideEndTop',
          distance: [0, 3],
          color: colours['text-2'],
          backgroundColor: colours.panel,
          padding: [1, 3],
          fontSize: 11,
          fontFamily: SANS,
        },
      },
    ],
  }
}

/** A flag is a pointer; the whole text stands in the list of events. */
const shortFlag = (text: string): string => (text.length > 26 ? `${text.slice(0, 24).trimEnd()}…` : text)

/** Of several "best" the last says it all; of flags that would lie on each other the later stays. */
export function spreadFlags(flags: LossPicture['flags'], end: number): LossPicture['flags'] {
  const kept: LossPicture['flags'] = []
  let bestSeen = false
  for (const flag of [...flags].sort((a, b) => b.step - a.step)) {
    const best = flag.text.startsWith('best')
    // what happened before the first step stands in the list; there is no room for it left of the axis
    if (flag.step < end * 0.04 || (best && bestSeen) || kept.some((other) => Math.abs(other.step - flag.step) < end * 0.09)) continue
    bestSeen ||= best
    kept.push(flag)
  }
  return kept.reverse()
}

function flagLines(flags: LossPicture['flags'], colours: Colours): object {
  const label = {
    show: true,
    position: 'end',
    rotate: 0,
    color: colours['text-2'],
    fontSize: 11,
    fontFamily: MONO,
    backgroundColor: colours.panel,
    borderColor: colours['line-2'],
    borderWidth: 1,
    borderRadius: 3,
    padding: [2, 5],
    offset: [0, 6],
  }
  return {
    silent: true,
    symbol: 'none',
    data: flags.map(({ step, text }) => ({
      xAxis: step,
      lineStyle: { color: colours['line-2'], type: 'solid', width: 1 },
      label: { ...label, fontFamily: SANS, formatter: shortFlag(text) },
    })),
  }
}
