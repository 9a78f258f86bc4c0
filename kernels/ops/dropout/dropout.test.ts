import { expect, test } from 'vitest'
import type { HostMatrix } from '../../tensor/tensor.ts'
import { HYPER, HYPER_COLUMNS } from '../adamw/adamw.ts'
import { dropout } from './dropout.ts'

const matrix = (rows: number, cols: number, data: Float64Array): HostMatrix => ({ data, offset: 0, rows, cols, ld: cols })

/** The mask over 64 × 100 ones. */
function mask(step: number, attrs: { rate: number; stream: number; seed: number }): Float64Array {
  const [hyper, y] = [new Float64Array(HYPER_COLUMNS), new Float64Array(6400)]
  hyper[HYPER.step] = step
  dropout.reference([matrix(64, 100, new Float64Array(6400).fill(1)), matrix(1, HYPER_COLUMNS, hyper)], [matrix(64, 100, y)], attrs)
  return y
}
const attrs = { rate: 0.2, stream: 4, seed: 9 }
const agreement = (a: Float64Array, b: Float64Array): number => a.filter((x, i) => x === b[i]).length / a.length

test('the share that is dropped is the rate, and the mean stays', () => {
  const y = mask(0, attrs)
  // Three standard deviations of 6400 draws are 0.015.
  expect(Math.abs(y.filter((x) => x === 0).length / y.length - 0.2)).toBeLessThan(0.015)
  expect(Math.abs(y.reduce((a, x) => a + x, 0) / y.length - 1)).toBeLessThan(0.02)
})

test('step, stream and seed each give another mask, the same three the same', () => {
  const first = mask(5, attrs)
  expect(mask(5, attrs)).toEqual(first)
  // Independent masks agree on 0.2² + 0.8² = 0.68 of the places.
  for (const other of [mask(6, attrs), mask(5, { ...attrs, stream: 5 }), mask(5, { ...attrs, seed: 10 })])
    expect(Math.abs(agreement(other, first) - 0.68)).toBeLessThan(0.02)
})
