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
