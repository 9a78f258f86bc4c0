/** What training changes about its windows: drawn from (seed, step, row) alone, and never seen by validation. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testProject, wav, type TestProject } from '../testing/project.ts'
import { addNoise, randomShare } from './counterRandom.ts'
import { openTokenWindows, type TokenWindowOptions } from './tokenWindows.ts'

let project: TestProject
let id: number
beforeAll(async () => {
  project = testProject()
  const samples = Int16Array.from({ length: 20_000 }, (_, i) => Math.round(8000 * Math.sin(i / 11)))
  ;({ id } = await project.add('tone.wav', wav(Buffer.from(samples.buffer)), { tokens: 'linear', bits: 12 }))
})
afterAll(() => project.remove())

const L = 512
function draw(options: TokenWindowOptions, step = 3): Int16Array[] {
  const windows = openTokenWindows(project.store, id, 'train', options)
  const [tokens, targets] = [new Int32Array(8 * L), new Int32Array(8 * L)]
  windows.random(5, step, 8, L, tokens, targets)
  expect([...targets.subarray(0, L - 1)]).toEqual([...tokens.subarray(1, L)])
  return Array.from({ length: 8 }, (_, row) => windows.codec.toInt16!(tokens.subarray(row * L, (row + 1) * L)))
}
const peak = (samples: Int16Array): number => samples.reduce((high, value) => Math.max(high, Math.abs(value)), 0)

it('gain: every window by its own factor within the decibels, the same for the same step', () => {
  const plain = draw({})
  const louder = draw({ gainDb: 6 })
  expect(draw({ gainDb: 6 })).toEqual(louder)
  expect(draw({ gainDb: 6 }, 4)).not.toEqual(louder)
  const factors = louder.map((window, row) => peak(window) / peak(plain[row]))
  for (const factor of factors) expect(Math.abs(20 * Math.log10(factor))).toBeLessThanOrEqual(6.05)
  expect(new Set(factors.map((factor) => factor.toFixed(2))).size).toBeGreaterThan(4)
  // the window lies where it lay
  louder.forEach((window, row) => window.forEach((value, i) => expect(Math.abs(value - plain[row][i] * factors[row])).toBeLessThan(60)))
})

it('noise: of the deviation asked for', () => {
  const plain = draw({})
  const noisy = draw({ noise: 0.01 })
  const off = noisy.flatMap((window, row) => Array.from(window, (value, i) => (value - plain[row][i]) / 32_768))
  const deviation = Math.sqrt(off.reduce((sum, value) => sum + value * value, 0) / off.length)
  expect(deviation).toBeCloseTo(0.01, 3)
})

it('what is scored in order is not changed', () => {
  const read = (options: TokenWindowOptions): number[] =>
    [...openTokenWindows(project.store, id, 'validation', options).sequential(100)].map(({ tokens }) => tokens[7])
  expect(read({ gainDb: 20, noise: 0.5 })).toEqual(read({}))
})

it('noise is normal, each value from its own counter', () => {
  const values = new Float32Array(40_000)
  addNoise(values, values.length, 2, 1, 2, 3)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  expect([mean, Math.sqrt(variance)]).toEqual([expect.closeTo(0, 1), expect.closeTo(2, 1)])
  expect(values.filter((value) => Math.abs(value) > 4).length / values.length).toBeCloseTo(0.0455, 2)
  const part = new Float32Array(7)
  addNoise(part, 7, 2, 1, 2, 3)
  expect(part).toEqual(values.slice(0, 7))
  expect(randomShare(1, 2, 3, 4)).not.toBe(randomShare(1, 2, 3, 5))
})
