import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planSplits } from '../splits/planSplits.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { ngramBaseline, repeatLastBaseline } from './baselines.ts'
import { CellCache } from './cellCache.ts'
import { openSeriesWindows } from './seriesWindows.ts'
import { openTokenWindows, PADDING } from './tokenWindows.ts'
import { getStoredDataset, listSegments, readCells, type PlannedRecord } from '../store/store.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

const random = (n: number, alphabet: string): string => {
  let x = 7
  return Array.from({ length: n }, () => alphabet[((x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16) % alphabet.length]).join('')
}

describe('splits', () => {
  const record = (length: number, start = 0): PlannedRecord => ({ name: 'r', start, length, label: null, group: null, fixed: null })

  it('cuts one record by position, without overlap and without loss', () => {
    for (const length of [1, 2, 3, 9, 10, 11, 1000, 48_502]) {
      const [cuts] = planSplits([record(length)], 'genomics', {}).records
      if (typeof cuts === 'string') throw new Error('expected cuts')
      expect(cuts[0].start).toBe(0)
      cuts.forEach((cut, i) => expect(cut.start).toBe(i === 0 ? 0 : cuts[i - 1].stop))
      expect(cuts.at(-1)!.stop).toBe(length)
    }
  })

  it('gives whole records to splits when there are many, the same way each time, text in file order', () => {
    const many = Array.from({ length: 1000 }, (_, i) => record(100 + (i % 7), 0))
    const { records } = planSplits(many, 'audio', {})
    expect(planSplits(many, 'audio', {}).records).toEqual(records)
    const share = (split: string): number => records.filter((part) => part === split).length / 1000
    expect([share('train'), share('validation'), share('test')].map((x) => Math.round(x * 20) / 20)).toEqual([0.8, 0.1, 0.1])
    expect(records.indexOf('test')).toBeLessThan(100)
    const text = planSplits(many, 'text', {}).records
    expect(text.lastIndexOf('train')).toBeLessThan(text.indexOf('validation'))
    expect(text.lastIndexOf('validation')).toBeLessThan(text.indexOf('test'))
  })

  it('cuts every record when one is longer than a split would be', () => {
    const uneven = [record(1_000_000), ...Array.from({ length: 20 }, () => record(100))]
    expect(planSplits(uneven, 'genomics', {}).records.every((part) => typeof part !== 'string')).toBe(true)
  })

  it('keeps exact rows', () => {
    const plan = planSplits([record(17_420)], 'timeseries', { splitRows: [8640, 11_520, 14_400] })
    expect(plan.rule).toBe('Cut at rows 8,640, 11,520, 14,400: train, validation, test, in this order. The last 3,020 rows are unused.')
    expect(plan.records[0]).toEqual([
      { split: 'train', start: 0, stop: 8640 },
      { split: 'validation', start: 8640, stop: 11_520 },
      { split: 'test', start: 11_520, stop: 14_400 },
    ])
  })
})

describe('token windows', () => {
  it('hold the text of the split, shifted by one for the targets, and nothing else', async () => {
    const text = random(100_000, 'abcdefgh ')
    const { id } = await project.add('t.txt', text)
    const windows = openTokenWindows(project.store, id, 'validation')
    const part = text.slice(80_000, 90_000)
    expect(windows.length).toBe(10_000)
    const tokens = new Int32Array(32 * 50)
    const targets = new Int32Array(32 * 50)
    const starts = new Set<number>()
    for (let step = 0; step < 20; step++) {
      windows.random(3, step, 32, 50, tokens, targets)
      for (let row = 0; row < 32; row++) {
        const read = windows.codec.decode(tokens.subarray(row * 50, row * 50 + 50))
        const at = part.indexOf(read)
        expect(at).toBeGreaterThanOrEqual(0)
        expect(windows.codec.decode(targets.subarray(row * 50, row * 50 + 50))).toBe(part.slice(at + 1, at + 51))
        starts.add(at)
      }
    }
    expect(starts.size).toBeGreaterThan(500)
    expect(Math.max(...starts) - Math.min(...starts)).toBeGreaterThan(9000)
  })

  it('depend on seed, step and row alone', async () => {
    const { id } = await project.add('t.txt', random(10_000, 'abc'))
    const one = openTokenWindows(project.store, id, 'train')
    const two = openTokenWindows(project.store, id, 'train')
    const batch = (windows: typeof one, seed: number, step: number, rows: number): number[] => {
      const tokens = new Int32Array(rows * 20)
      windows.random(seed, step, rows, 20, tokens, new Int32Array(rows * 20))
      return [...tokens]
    }
    const late = batch(one, 1, 500, 4)
    expect(batch(two, 1, 500, 4)).toEqual(late)
    expect(batch(two, 1, 500, 2)).toEqual(late.slice(0, 40))
    expect(batch(two, 1, 501, 4)).not.toEqual(late)
    expect(batch(two, 2, 500, 4)).not.toEqual(late)
  })

  it('never cross the border of a record, and pad the short ones', async () => {
    const fasta = Array.from({ length: 40 }, (_, i) => `>r${i}\n${'ACGT'[i % 4].repeat(5 + (i % 3))}\n`).join('')
    const { id } = await project.add('r.fa', fasta)
    const windows = openTokenWindows(project.store, id, 'train')
    const tokens = new Int32Array(64 * 16)
    const targets = new Int32Array(64 * 16)
    windows.random(1, 0, 64, 16, tokens, targets)
    for (let row = 0; row < 64; row++) {
      const scored = targets.subarray(row * 16, row * 16 + 16).filter((target) => target !== PADDING)
      expect(scored.length).toBeGreaterThanOrEqual(4)
      expect(scored.length).toBeLessThanOrEqual(6)
      expect(new Set([tokens[row * 16], ...scored]).size).toBe(1)
    }
  })

  it('in sequence cover every token but the first of each segment, once', async () => {
    const text = random(12_345, 'xyz')
    const { id } = await project.add('t.txt', text, { split: { train: 0.5, validation: 0.5, test: 0 } })
    const windows = openTokenWindows(project.store, id, 'validation')
    let scored = ''
    for (const window of windows.sequential(100)) {
      expect(window.position).toBe(6172 + scored.length)
      scored += windows.codec.decode(window.targets.subarray(0, window.count))
    }
    expect(scored).toBe(text.slice(6173))
  })

  it('read DNA from either strand when asked', async () => {
    const { id } = await project.add('g.fa', `>a\n${'A'.repeat(5000)}\n`)
    const windows = openTokenWindows(project.store, id, 'train', { reverseComplement: true })
    const tokens = new Int32Array(200 * 4)
    windows.random(1, 0, 200, 4, tokens, new Int32Array(200 * 4))
    const forward = tokens.filter((id) => id === 0).length / 800
    expect([...new Set(tokens)].sort()).toEqual([0, 3])
    expect(forward).toBeGreaterThan(0.35)
    expect(forward).toBeLessThan(0.65)
  })

  it('tell an empty split in a sentence', async () => {
    const { id, name } = await project.add('t.txt', 'some words here', { split: { train: 0.9, validation: 0.1, test: 0 } })
    expect(() => openTokenWindows(project.store, id, 'test')).toThrow(`The test split of "${name}" is empty.`)
  })

  it('come chunk by chunk the same when a dataset is too large to hold', async () => {
    const { id } = await project.add('t.txt', random(300_000, 'abcdef'))
    const dataset = getStoredDataset(project.store, id)
    const cache = new CellCache<Uint8Array>(project.store, dataset, (bytes, into, at) => into.set(bytes, at))
    for (const [start, count] of [
      [0, 10],
      [65_530, 12],
      [131_000, 140_000],
      [299_990, 10],
    ]) {
      const into = new Uint8Array(count)
      cache.read(start, count, into)
      expect(into).toEqual(readCells(project.store, dataset, start, count))
    }
  })
})

describe('series windows', () => {
  const csv = (rows: number): string =>
    `date,a,b\n${Array.from({ length: rows }, (_, i) => `${new Date(i * 3_600_000).toISOString().slice(0, 19)},${i},${(i % 10) * 2}`).join('\n')}\n`

  it('scale by the training rows only, and put the past before the future', async () => {
    const { id } = await project.add('s.csv', csv(100), { splitRows: [60, 80, 100] })
    const windows = openSeriesWindows(project.store, id, 'test', { lookback: 5, horizon: 3 })
    expect(windows.scaler.mean[0]).toBeCloseTo(29.5, 10)
    expect(windows.scaler.std[0]).toBeCloseTo(Math.sqrt((60 ** 2 - 1) / 12), 10)
    expect(windows.count).toBe(20 - 3 + 1)
    const unscale = (value: number): number => value * windows.scaler.std[0] + windows.scaler.mean[0]
    const first = windows.at(0)
    expect(first.position).toBe(80)
    expect([0, 1, 2, 3, 4].map((i) => Math.round(unscale(first.inputs[2 * i])))).toEqual([75, 76, 77, 78, 79])
    expect([0, 1, 2].map((i) => Math.round(unscale(first.targets[2 * i])))).toEqual([80, 81, 82])
    const last = [...windows.sequential(1)].length
    expect(last).toBe(18)
    expect(Math.round(unscale(windows.at(17).targets[4]))).toBe(99)
    const train = openSeriesWindows(project.store, id, 'train', { lookback: 5, horizon: 3 })
    expect(train.count).toBe(60 - 5 - 3 + 1)
    expect(train.at(train.count - 1).position + 3).toBe(60)
  })

  it('mask missing targets and carry the last known input', async () => {
    const { id } = await project.add('s.csv', 'a\n1\n2\nNaN\n4\n5\nNaN\n7\n8\n9\n10\n', { split: { train: 1, validation: 0, test: 0 } })
    const windows = openSeriesWindows(project.store, id, 'train', { lookback: 3, horizon: 3 })
    const { inputs, mask } = windows.at(0)
    expect(inputs[2]).toBe(inputs[1])
    expect([...mask]).toEqual([1, 1, 0])
  })

  it('are drawn by seed, step and row alone', async () => {
    const { id } = await project.add('s.csv', csv(300))
    const draw = (step: number): number[] => {
      const windows = openSeriesWindows(project.store, id, 'train', { lookback: 4, horizon: 2 })
      const inputs = new Float32Array(8 * 4 * 2)
      windows.random(5, step, 8, inputs, new Float32Array(8 * 2 * 2), new Float32Array(8 * 2 * 2))
      return [...inputs]
    }
    expect(draw(9)).toEqual(draw(9))
    expect(draw(9)).not.toEqual(draw(10))
  })

  it('say when a split is too short', async () => {
    const { id } = await project.add('s.csv', csv(50))
    expect(() => openSeriesWindows(project.store, id, 'test', { lookback: 4, horizon: 24 })).toThrow(
      'too short for 4 rows of past and 24 of future',
    )
  })
})

describe('baselines', () => {
  it('of order 0 is the entropy of the letters', async () => {
    const { id } = await project.add('t.txt', random(200_000, 'abcd'))
    const { nats, count } = ngramBaseline(openTokenWindows(project.store, id, 'train'), openTokenWindows(project.store, id, 'test'), 0)
    expect(nats).toBeCloseTo(Math.log(4), 3)
    expect(count).toBe(19_999)
  })

  it('of higher order sees what repeats, and equals the formula written out', async () => {
    const { id } = await project.add('t.txt', 'abcade'.repeat(4000))
    const train = openTokenWindows(project.store, id, 'train')
    expect(ngramBaseline(train, openTokenWindows(project.store, id, 'test'), 4).nats).toBeLessThan(0.01)
    // Witten-Bell over "abab" for "ab", order 1, 5 symbols: p(b) = (2 + 2 / 5) / (4 + 2), p(b | a) = (2 + 1 × p(b)) / (2 + 1)
    const small = await project.add('u.txt', 'abab cd', { split: { train: 4 / 7, validation: 3 / 7, test: 0 } })
    const model = openTokenWindows(project.store, small.id, 'train').counts(1)
    const pb = (2 + 2 / 5) / 6
    expect(model.score(Uint8Array.of(1, 2), 1)).toBeCloseTo(-Math.log((2 + pb) / 3), 12)
  })

  it('repeat-last is exact on a ramp', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => i)
    const { id } = await project.add('s.csv', `a\n${rows.join('\n')}\n`)
    const windows = openSeriesWindows(project.store, id, 'test', { lookback: 2, horizon: 2 })
    const step = 1 / windows.scaler.std[0]
    const { mse, mae } = repeatLastBaseline(windows)
    expect(mse).toBeCloseTo((step ** 2 + (2 * step) ** 2) / 2, 5)
    expect(mae).toBeCloseTo(1.5 * step, 5)
  })
})

it('no cell lies in two splits', async () => {
  for (const [name, content] of [
    ['a.fa', Array.from({ length: 50 }, (_, i) => `>r${i}\n${random(50 + i, 'ACGT')}\n`).join('')],
    ['b.fa', `>one\n${random(5000, 'ACGT')}\n>two\n${random(300, 'ACGT')}\n`],
  ]) {
    const { id, length } = await project.add(name, content)
    const seen = new Uint8Array(length)
    for (const split of ['train', 'validation', 'test'] as const)
      for (const segment of listSegments(project.store, id, split)) for (let i = 0; i < segment.length; i++) seen[segment.start + i]++
    expect(seen.every((n) => n === 1)).toBe(true)
  }
})
