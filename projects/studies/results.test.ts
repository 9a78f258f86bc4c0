import { expect, test } from 'vitest'
import { studies } from './registry.ts'
import { keptResult, merge, timedOf } from './results.ts'
import type { Study } from './study.ts'

const study: Study = {
  name: 'a',
  title: '',
  claim: '',
  setting: '',
  models: ['Mamba', 'LSTM'],
  cases: { column: 'data', all: ['x', 'y'] },
  run: () => Promise.resolve([]),
  conclude: () => ({ passed: true, sentence: '' }),
}
const making = (minutes: number) => ({
  date: '2026-01-01',
  machine: { cpu: 'c', cores: 2, memoryGB: 8 },
  device: 'CPU',
  node: 'v24',
  minutes,
})

test('parts of a study are put together in its order; a later part replaces the same model, case and seed, baselines are kept once', () => {
  const chain = { model: 'Markov chain', data: 'x', right: 4 }
  const first = {
    name: 'a',
    made: [making(1)],
    rows: [{ model: 'LSTM', data: 'x', seed: 2, right: 1 }, { model: 'LSTM', data: 'x', seed: 1, right: 2 }, chain],
  }
  const second = {
    name: 'a',
    made: [making(2)],
    rows: [{ model: 'Mamba', data: 'y', seed: 1, right: 5 }, { model: 'Mamba', data: 'x', seed: 1, right: 6 }, chain],
  }
  const third = { name: 'a', made: [making(3)], rows: [{ model: 'LSTM', data: 'x', seed: 2, right: 7 }] }
  expect(merge(study, [first, second, third])).toEqual({
    name: 'a',
    made: [making(1), making(2), making(3)],
    rows: [
      { model: 'Mamba', data: 'x', seed: 1, right: 6 },
      { model: 'LSTM', data: 'x', seed: 1, right: 2 },
      { model: 'LSTM', data: 'x', seed: 2, right: 7 },
      chain,
      { model: 'Mamba', data: 'y', seed: 1, right: 5 },
    ],
  })
})

test('a row of several cells (one for each length, say) is kept or replaced whole', () => {
  const cells = (right: number) => [32, 64].map((length) => ({ model: 'LSTM', data: 'x', seed: 1, length, right }))
  const rows = merge(study, [
    { name: 'a', made: [], rows: cells(1) },
    { name: 'a', made: [], rows: cells(2) },
  ]).rows
  expect(rows).toEqual(cells(2))
})

test('minutes elsewhere: the kept steps at the pace of the timed ones, a case that was not timed at the pace of its model', () => {
  const row = (data: string, seed: number, steps: number, seconds: number) => ({ model: 'LSTM', data, seed, steps, seconds })
  const kept = {
    name: 'a',
    made: [making(1)],
    rows: [row('x', 1, 600, 3), row('x', 1, 600, 3), row('y', 1, 1200, 5), { model: 'chain', data: 'x' }],
  }
  const timing = { name: 'a', made: [making(9)], rows: [row('x', 1, 10, 2)] }
  expect(timedOf(study, kept, timing)).toEqual({ machine: making(9).machine, device: 'CPU', minutes: (1800 * 0.2) / 60 })
  const other = { ...kept, rows: [{ ...row('x', 1, 600, 3), model: 'Mamba' }] }
  expect(() => timedOf(study, other, timing)).toThrow('No step of "Mamba" was timed.')
})

const ran = studies.filter(({ name }) => keptResult(name) !== null)

test.each(ran)('what is kept of $name says what its rows say, of models that it has', (one) => {
  const { rows, passed, sentence } = keptResult(one.name)!
  expect(one.conclude(rows)).toEqual({ passed, sentence })
  for (const model of one.models) expect(rows.some((row) => row.model === model)).toBe(true)
})
