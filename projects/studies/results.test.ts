import { expect, test } from 'vitest'
import { merge } from './results.ts'
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
