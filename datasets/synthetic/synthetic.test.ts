import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { answerCounts, openTaskWindows } from '../batching/taskWindows.ts'
import { PADDING } from '../batching/tokenWindows.ts'
import { all } from '../store/connection.ts'
import { getDatasetDetail, listSegments } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import { findTask, tasks } from './registry.ts'
import { synthesise, taskOptions } from './synthesise.ts'
import { NOT_SCORED, type TaskOptions, type TokenRecord } from './task.ts'

/** One record of a token task as words, and its answers by position. */
function example(
  id: string,
  given: TaskOptions,
  split: 'train' | 'test' = 'train',
  seed = 1,
  index = 0,
): { words: string[]; answers: [number, string][]; record: TokenRecord } {
  const task = findTask(id)
  if (task.kind !== 'tokens') throw new Error('not a token task')
  const options = taskOptions(task, given)
  const symbols = task.symbols(options)
  const record = task.record(options, split, index, new RandomStream(seed, index))
  expect(record.targets.length).toBe(record.tokens.length)
  const answers: [number, string][] = []
  record.targets.forEach((target, t) => target !== NOT_SCORED && answers.push([t, symbols[target]]))
  return { words: Array.from(record.tokens, (token) => symbols[token]), answers, record }
}
const seeds = Array.from({ length: 20 }, (_, i) => i + 1)

describe('what each task asks', () => {
  test.each(seeds)('parity %i: after each bit, whether the ones so far are odd', (seed) => {
    const { words, answers } = example('parity', {}, 'train', seed)
    expect(words.length).toBeGreaterThanOrEqual(3)
    expect(words.length).toBeLessThanOrEqual(40)
    expect(answers.map(([t]) => t)).toEqual([...words.keys()])
    for (const [t, answer] of answers) expect(answer).toBe(String(words.slice(0, t + 1).filter((bit) => bit === '1').length % 2))
    expect(example('parity', { labels: 'last' }, 'test', seed, 3).answers.map(([t]) => t)).toEqual([255])
  })

  test.each(seeds)('selective copying %i: the items in their order', (seed) => {
    const { words, answers } = example('selective-copying', { length: 40, items: 5 }, 'train', seed)
    const items = words.slice(0, 40).filter((word) => word !== '.')
    expect(words.slice(40)).toEqual(Array(5).fill('>'))
    expect(answers).toEqual(items.map((item, k) => [40 + k, item]))
    expect(items.every((item) => /^i\d+$/.test(item))).toBe(true)
  })

  test.each(seeds)('induction heads %i: what followed the trigger', (seed) => {
    const { words, answers } = example('induction-heads', { length: 20 }, 'train', seed)
    const places = words.flatMap((word, t) => (word === '!' ? [t] : []))
    expect(places).toHaveLength(2)
    expect(places[1]).toBe(19)
    expect(answers).toEqual([[19, words[places[0] + 1]]])
  })

  test.each(seeds)('MQAR %i: at each key asked again, its value; every key once', (seed) => {
    const { words, answers } = example('mqar', { length: 64, pairs: 8, vocab: 256 }, 'train', seed)
    const pairs = new Map(Array.from({ length: 8 }, (_, i) => [words[2 * i], words[2 * i + 1]]))
    expect([...pairs.keys()].every((key) => key.startsWith('k'))).toBe(true)
    expect([...pairs.values()].every((value) => value.startsWith('v'))).toBe(true)
    expect(new Set(pairs.values()).size).toBe(8)
    expect(answers).toHaveLength(8)
    expect(new Set(answers.map(([t]) => words[t]))).toEqual(new Set(pairs.keys()))
    for (const [t, answer] of answers) {
      expect(t).toBeGreaterThanOrEqual(16)
      expect(answer).toBe(pairs.get(words[t]))
    }
  })

  test.each(seeds)('copying %i: the items after the lag', (seed) => {
    const { words, answers } = example('copying', { items: 4, lag: 9 }, 'train', seed)
    expect(words.slice(4, 13)).toEqual(Array(9).fill('.'))
    expect(words.slice(13)).toEqual(Array(4).fill('>'))
    expect(answers).toEqual(words.slice(0, 4).map((item, k) => [13 + k, item]))
  })

  test.each(seeds)('modular arithmetic %i: the value of the sum, × first', (seed) => {
    const { words, answers } = example('modular-arithmetic', {}, 'train', seed)
    const terms = words.slice(0, -1).join('').replaceAll('-', '+-').split('+')
    const value = terms.map((term) => term.split('*').reduce((product, n) => product * Number(n), 1)).reduce((a, b) => a + b)
    expect(words.at(-1)).toBe('=')
    expect(answers).toEqual([[words.length - 1, String(((value % 5) + 5) % 5)]])
  })

  test.each(seeds)('cycle navigation %i: the place after each move', (seed) => {
    const { words, answers } = example('cycle-navigation', {}, 'train', seed)
    answers.forEach(([t, answer]) => {
      const moves = words.slice(0, t + 1)
      const sum = moves.filter((word) => word === '+').length - moves.filter((word) => word === '-').length
      expect(answer).toBe(`p${((sum % 5) + 5) % 5}`)
    })
    expect(answers).toHaveLength(words.length)
  })

  test.each(seeds)('Dyck %i: balanced, never too deep, and the bracket that fits', (seed) => {
    const { words, answers } = example('dyck', { kinds: 3, depth: 4 }, 'train', seed)
    const open: string[] = []
    words.forEach((word, t) => {
      if (word.startsWith('(')) open.push(word.slice(1))
      else expect(word).toBe(`${open.pop()})`)
      expect(open.length).toBeLessThanOrEqual(4)
      expect(answers[t]).toEqual([t, open.length ? `${open.at(-1)})` : '.'])
    })
    expect(open).toEqual([])
  })

  test.each(seeds)('ListOps %i: the value of the whole, its length between the limits', (seed) => {
    const { words, answers } = example('listops', { min_length: 20, max_length: 100 }, 'train', seed)
    expect(words.length).toBeGreaterThan(20)
    expect(words.length).toBeLessThan(100)
    const evaluate = (at: number): [value: number, next: number] => {
      if (!words[at].startsWith('[')) return [Number(words[at]), at + 1]
      const values: number[] = []
      let next = at + 1
      while (words[next] !== ']') {
        const [value, after] = evaluate(next)
        values.push(value)
        next = after
      }
      const sorted = [...values].sort((a, b) => a - b)
      const median = Math.floor((sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2)
      const sum = values.reduce((a, b) => a + b) % 10
      return [{ '[MIN': sorted[0], '[MAX': sorted.at(-1)!, '[MED': median, '[SM': sum }[words[at]]!, next + 1]
    }
    expect(evaluate(0)).toEqual([Number(answers[0][1]), words.length])
    expect(answers.map(([t]) => t)).toEqual([words.length - 1])
  })

  it('MQAR asks nearer questions more often, unless told to be uniform', () => {
    const mean = (power_a: number): number => {
      const gaps = seeds.flatMap((seed) =>
        example('mqar', { length: 128, pairs: 2, vocab: 256, power_a }, 'train', seed).answers.map(([t]) => t),
      )
      return gaps.reduce((a, b) => a + b, 0) / gaps.length
    }
    expect(mean(0.01)).toBeLessThan(mean(1) - 15)
  })
})

describe('series and sequences', () => {
  const rowsOf = (id: string, given: TaskOptions, count: number, seed = 1): Float32Array[] => {
    const task = findTask(id)
    if (task.kind !== 'series') throw new Error('not a series')
    return [...task.rows(taskOptions(task, given), count, new RandomStream(seed, 0))]
  }

  it('Mackey-Glass moves within its attractor, and follows its equation', () => {
    const x = rowsOf('mackey-glass', {}, 5000).flatMap((piece) => [...piece])
    expect(x).toHaveLength(5000)
    expect(Math.min(...x)).toBeGreaterThan(0.2)
    expect(Math.max(...x)).toBeLessThan(1.5)
    // the derivative by central differences over rows against the equation: coarse, as rows are one unit apart
    let worst = 0
    for (let t = 20; t < 4990; t++) {
      const slope = (8 * (x[t + 1] - x[t - 1]) - (x[t + 2] - x[t - 2])) / 12
      worst = Math.max(worst, Math.abs(slope - ((0.2 * x[t - 17]) / (1 + x[t - 17] ** 10) - 0.1 * x[t])))
    }
    expect(worst).toBeLessThan(0.01)
  })

  it('sine mixtures have the variance they say, and nothing else than their sines', () => {
    const pieces = rowsOf('sine-mixtures', { channels: 1, sines: 2, noise: 0 }, 20_000)
    const x = pieces.flatMap((piece) => [...piece])
    expect(x.reduce((sum, value) => sum + value ** 2, 0) / x.length).toBeCloseTo(1, 1)
    // two sines obey x(t+4) = a (x(t+3) + x(t+1)) + b x(t+2) - x(t) for some a, b: solve for them, then predict
    const row = (t: number): [number, number, number] => [x[t + 3] + x[t + 1], x[t + 2], x[t + 4] + x[t]]
    let [aa, ab, bb, ay, by] = [0, 0, 0, 0, 0]
    for (let t = 0; t < 1000; t++) {
      const [a, b, y] = row(t)
      ;[aa, ab, bb, ay, by] = [aa + a * a, ab + a * b, bb + b * b, ay + a * y, by + b * y]
    }
    const det = aa * bb - ab * ab
    const [a, b] = [(ay * bb - by * ab) / det, (by * aa - ay * ab) / det]
    for (let t = 10_000; t < 10_100; t++) expect(Math.abs(a * row(t)[0] + b * row(t)[1] - row(t)[2])).toBeLessThan(1e-3)
  })

  it('toy promoters hold their boxes in order, the background the other way round', () => {
    const task = findTask('toy-promoters')
    if (task.kind !== 'sequences') throw new Error('not sequences')
    const options = taskOptions(task, { mutation: 0 })
    for (let index = 0; index < 100; index++) {
      const { letters, label } = task.record(options, 'train', index, new RandomStream(1, index))
      const text = Buffer.from(letters).toString('latin1')
      expect(text).toMatch(label === 'promoter' ? /TTGACA[ACGT]{16,18}TATAAT/ : /TATAAT[ACGT]{16,18}TTGACA/)
      expect(label).toBe(index % 2 ? 'promoter' : 'background')
    }
  })
})

test.each(tasks.map((task) => [task.id, task] as const))(
  '%s describes itself: help for every option, a source, valid defaults',
  (_id, task) => {
    expect(task.description).toMatch(/\.$/)
    expect(task.citation).toMatch(/\d{4}/)
    const options = taskOptions(task)
    expect(options).toMatchObject({ train: expect.any(Number), validation: expect.any(Number), test: expect.any(Number) })
    expect(() => taskOptions(task, { ...options, nonsense: 1 })).toThrow('has no option "nonsense"')
    expect(() => taskOptions(task, { train: 0 })).toThrow(`${task.title}: "train" is 0;`)
  },
)

describe('a generated dataset', () => {
  let project: TestProject
  beforeEach(() => (project = testProject()))
  afterEach(() => project.remove())
  const few = { train: 30, validation: 4, test: 8 }

  it('is a dataset like any other: splits, a hash that its seed decides, and no half of it after a cancel', async () => {
    const { store } = project
    const make = (seed: number): Promise<{ datasetId: number }> => synthesise(store, { task: 'parity', options: few, seed })
    const [one, two, three] = [await make(1), await make(1), await make(2)].map(({ datasetId }) => getDatasetDetail(store, datasetId))
    expect(one).toMatchObject({ name: 'Parity', domain: 'text', unit: 'tokens', records: 42, version: 1, report: { accepted: 42 } })
    expect(one.options.synthetic).toMatchObject({ task: 'parity', seed: 1, options: { max_length: 40 } })
    expect(one.codec).toEqual({ name: 'symbols', vocab: 2, symbols: ['0', '1'] })
    expect(one.splits.map(({ split, records }) => [split, records])).toEqual([
      ['train', 30],
      ['validation', 4],
      ['test', 8],
    ])
    expect(two.hash).toBe(one.hash)
    expect(three.hash).not.toBe(one.hash)
    expect(new Set(listSegments(store, one.id, 'test').map(({ length }) => length))).toEqual(new Set([40, 80, 160, 256]))
    const stop = new AbortController()
    const cancelled = synthesise(store, { task: 'parity' }, { signal: stop.signal, onProgress: () => stop.abort() })
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    expect(all(store, 'SELECT id FROM dataset')).toHaveLength(3)
    expect(all(store, 'SELECT id FROM chunk WHERE dataset_id NOT IN (SELECT id FROM dataset)')).toEqual([])
  })

  it('is made by every task, small', async () => {
    for (const task of tasks) {
      const { datasetId } = await synthesise(project.store, { task: task.id, options: few, seed: 5 })
      const made = getDatasetDetail(project.store, datasetId)
      expect(made.splits.map(({ split }) => split)).toEqual(['train', 'validation', 'test'])
      if (task.kind === 'series') expect(made.length).toBe(42)
      if (task.kind === 'sequences') expect(made.labels).toEqual({ kind: 'class', names: task.classes })
    }
  })

  it('comes as whole records padded behind, shorter ones first under a curriculum', async () => {
    const { datasetId } = await synthesise(project.store, { task: 'parity', options: few })
    const windows = openTaskWindows(project.store, datasetId, 'train')
    const [tokens, targets] = [new Int32Array(16 * 40), new Int32Array(16 * 40)]
    for (const atMost of [10, 25, undefined]) {
      windows.random(7, 3, 16, 40, tokens, targets, atMost)
      for (let row = 0; row < 16; row++) {
        const asked = targets.subarray(row * 40, row * 40 + 40)
        const length = asked.indexOf(PADDING) < 0 ? 40 : asked.indexOf(PADDING)
        expect(length).toBeLessThanOrEqual(atMost ?? 40)
        expect([...asked.subarray(length)].every((target) => target === PADDING)).toBe(true)
        let odd = 0
        for (let t = 0; t < length; t++) expect(asked[t]).toBe((odd ^= tokens[row * 40 + t]))
      }
    }
    const again = new Int32Array(16 * 40)
    windows.random(7, 3, 16, 40, again, new Int32Array(16 * 40))
    expect(again).toEqual(tokens)
    expect(answerCounts(windows).reduce((a, b) => a + b)).toBe(windows.records.reduce((sum, { length }) => sum + length, 0))
    expect(() => windows.random(1, 1, 16, 8, tokens, targets)).toThrow('Raise data.seqlen.')
  })
})
