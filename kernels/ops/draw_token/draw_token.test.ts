import { expect, test } from 'vitest'
import type { HostMatrix } from '../../tensor/tensor.ts'
import { CURSOR, CURSOR_COLUMNS, draw_token } from './draw_token.ts'

const row = (data: Float64Array | Int32Array): HostMatrix => ({ data, offset: 0, rows: 1, cols: data.length, ld: data.length })

/** How often each id is drawn at so many positions. */
function counts(logits: number[], settings: [temperature: number, top_k: number, top_p: number], draws: number): number[] {
  const cursor = new Int32Array(CURSOR_COLUMNS)
  cursor[CURSOR.given] = 1
  cursor[CURSOR.seed_low] = 5
  const token = new Int32Array(1)
  // one place, the given token's: what is drawn behind it is told and not kept
  const matrices = [row(cursor), row(new Int32Array(1)), row(new Float64Array(1))]
  const found = logits.map(() => 0)
  for (let n = 0; n < draws; n++) {
    const inputs = [row(Float64Array.from(logits)), row(Float64Array.from([...settings, 0])), ...matrices]
    draw_token.reference(inputs, [row(token), ...matrices], {})
    found[token[0]]++
  }
  expect(cursor[CURSOR.position]).toBe(draws)
  return found
}

const LOGITS = [0, 1, 2, -3]
const N = 20_000

test('draws follow softmax(logits / temperature) among the top k', () => {
  const found = counts(LOGITS, [2, 2, 1], N)
  expect(found[0] + found[3]).toBe(0)
  // three standard deviations of 20,000 draws are 0.011
  expect(Math.abs(found[2] / N - Math.exp(1) / (Math.exp(1) + Math.exp(0.5)))).toBeLessThan(0.011)
})

test('the fewest likeliest tokens that reach top p are left, and all of them are drawn in proportion', () => {
  const p = LOGITS.map(Math.exp)
  const sum = p.reduce((a, b) => a + b)
  expect(counts(LOGITS, [1, 0, p[2] / sum - 1e-6], 50)).toEqual([0, 0, 50, 0])
  const found = counts(LOGITS, [1, 0, p[2] / sum + 1e-6], N)
  expect(found[0] + found[3]).toBe(0)
  expect(Math.abs(found[2] / N - p[2] / (p[1] + p[2]))).toBeLessThan(0.011)
  expect(counts(LOGITS, [1, 0, 1], N).every((count) => count > 0)).toBe(true)
})

test('temperature 0 takes the first of the likeliest', () => {
  expect(counts([0, 7, 1, 7], [0, 0, 1], 10)).toEqual([0, 10, 0, 0])
})
