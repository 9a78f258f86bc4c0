import { expect, test } from 'vitest'
import { append, emptySeries } from '../stores/metricSeries.ts'
import type { Colours } from './colours.ts'
import { logTicks, lossOption, spreadFlags, type LossPicture } from './lossOption.ts'

const colours = new Proxy({}, { get: (_, name) => (name === 'dark' ? false : `colour ${String(name)}`) }) as Colours

function picture(change: Partial<LossPicture> = {}): LossPicture {
  const series = emptySeries()
  append(
    series,
    Array.from({ length: 40 }, (_, i) => ({
      step: (i + 1) * 10,
      trainLoss: 2 / (1 + i),
      learningRate: 1e-3,
      gradNorm: 1,
      tokensPerSecond: 100,
      ...(i % 10 === 9 ? { validationLoss: 1 } : {}),
    })),
  )
  return {
    series,
    steps: 1000,
    scale: 1 / Math.LN2,
    beta: 0.9,
    log: false,
    baseline: { name: 'bigram', value: 2.46 },
    flags: [],
    live: true,
    ...change,
  }
}
interface Line {
  name: string
  data: [number, number][]
  markLine?: { data: { yAxis?: number; xAxis?: number; label: { formatter: string } }[] }
  markArea?: { data: { name?: string; xAxis: number }[][] }
  endLabel?: { formatter: string }
}
const lines = (change?: Partial<LossPicture>): Line[] => lossOption(picture(change), colours).option.series as Line[]

test('train raw and smooth, validation where it was measured, in the unit of the metric', () => {
  const [raw, train, validation, baseline] = lines()
  expect(raw.data).toHaveLength(40)
  expect(raw.data[0]).toEqual([10, 2 / Math.LN2])
  expect(train.data).toHaveLength(40)
  expect(validation.data.map(([step]) => step)).toEqual([100, 200, 300, 400])
  expect(validation.data[0][1]).toBeCloseTo(1.4427, 4)
  expect(validation.endLabel?.formatter).toBe('validation 1.44')
  expect(baseline.markLine?.data[0]).toMatchObject({ yAxis: 2.46, label: { formatter: 'bigram 2.46' } })
})

test('what is not there yet is an area with its count; a run that ended says so', () => {
  expect(lines()[0].markArea?.data[0]).toEqual([{ name: '600 steps to go', xAxis: 400 }, { xAxis: 1000 }])
  expect(lines({ live: false })[0].markArea?.data[0][0].name).toBe('600 steps not run')
  expect(lines({ steps: 400 })[0].markArea).toBeUndefined()
})

test('on the log axis values and baseline are drawn as log10', () => {
  const [raw, , , baseline] = lines({ log: true, scale: 1 })
  expect(raw.data[0][1]).toBeCloseTo(Math.log10(2), 9)
  expect(baseline.markLine?.data[0].yAxis).toBeCloseTo(Math.log10(2.46), 9)
  expect(logTicks(1.5, 4.2)).toEqual([1.5, 2, 2.5, 3, 4, 5])
})

test('of flags that would lie on each other the later stays, of several best the last', () => {
  const flags = [
    { step: 0, text: 'on the CPU' },
    { step: 200, text: 'best 1.9' },
    { step: 500, text: 'resumed' },
    { step: 520, text: 'lr 1e-3' },
    { step: 800, text: 'best 1.6' },
  ]
  expect(spreadFlags(flags, 1000).map((flag) => flag.text)).toEqual(['lr 1e-3', 'best 1.6'])
})

test('lines do not cross the border between inputs and labels, and each side has a trend of its own', () => {
  const [raw, train, validation] = lines({ border: 200, beta: 0.95 })
  for (const { data } of [raw, train, validation]) {
    const gap = data.findIndex(([, value]) => value === null)
    expect(data[gap][0]).toBe(200)
    expect(data.slice(0, gap).every(([step]) => step <= 200)).toBe(true)
    expect(data.slice(gap + 1).every(([step]) => step > 200)).toBe(true)
  }
  const whole = lines({ beta: 0.95 })[1].data.find(([step]) => step === 210)![1]
  expect(train.data.find(([step]) => step === 210)![1]).not.toBe(whole)
})
