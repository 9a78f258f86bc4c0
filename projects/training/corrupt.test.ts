import { expect, test } from 'vitest'
import { infillTokens, maskTokens } from './corrupt.ts'

const [ROWS, SEQLEN, VOCAB] = [64, 50, 10]
const window = (): { input: Int32Array; targets: Int32Array } => ({
  input: Int32Array.from({ length: ROWS * SEQLEN }, (_, i) => (i * 7) % VOCAB),
  targets: Int32Array.from({ length: ROWS * SEQLEN }, (_, i) => ((i + 1) * 7) % VOCAB),
})

test('of masked tokens the published shares are masked, changed and kept, and only they are asked for', () => {
  const [plain, { input, targets }] = [window(), window()]
  maskTokens(input, targets, SEQLEN, 0.15, VOCAB, 3, 9)
  const asked = [...targets.keys()].filter((i) => targets[i] >= 0)
  expect(asked.length / targets.length).toBeCloseTo(0.15, 1)
  for (const i of asked) expect(targets[i]).toBe(plain.input[i])
  const masked = asked.filter((i) => input[i] === VOCAB)
  expect(masked.length / asked.length).toBeGreaterThan(0.72)
  expect(masked.length / asked.length).toBeLessThan(0.88)
  for (const i of input.keys()) if (targets[i] < 0) expect(input[i]).toBe(plain.input[i])
  const again = window()
  maskTokens(again.input, again.targets, SEQLEN, 0.15, VOCAB, 3, 9)
  expect(again.input).toEqual(input)
  const later = window()
  maskTokens(later.input, later.targets, SEQLEN, 0.15, VOCAB, 3, 10)
  expect(later.input).not.toEqual(input)
})

test('padding is never asked for, and every window asks for something', () => {
  const { input, targets } = window()
  for (let row = 0; row < ROWS; row++) targets.fill(-1, row * SEQLEN + 3, (row + 1) * SEQLEN)
  maskTokens(input, targets, SEQLEN, 0.01, VOCAB, 1, 1)
  for (let row = 0; row < ROWS; row++) {
    const own = targets.subarray(row * SEQLEN, (row + 1) * SEQLEN)
    expect(own.subarray(0, 3).some((target) => target >= 0)).toBe(true)
    expect(own.subarray(3).every((target) => target === -1)).toBe(true)
  }
})

test('an infilled window holds its tokens in the order prefix, suffix, middle, and its targets are the next token', () => {
  const [plain, { input, targets }] = [window(), window()]
  infillTokens(input, targets, SEQLEN, 1, VOCAB, 5, 2)
  for (let row = 0; row < ROWS; row++) {
    const at = row * SEQLEN
    const moved = [...input.subarray(at, at + SEQLEN), targets[at + SEQLEN - 1]]
    expect(targets.subarray(at, at + SEQLEN - 1)).toEqual(input.subarray(at + 1, at + SEQLEN))
    const [suffix, middle] = [moved.indexOf(VOCAB + 1), moved.indexOf(VOCAB + 2)]
    expect(moved[0]).toBe(VOCAB)
    const back = [...moved.slice(1, suffix), ...moved.slice(middle + 1), ...moved.slice(suffix + 1, middle)]
    expect(back).toEqual([...plain.input.subarray(at, at + SEQLEN - 2)])
  }
})

test('rate 0 leaves every window as it was', () => {
  const [plain, { input, targets }] = [window(), window()]
  infillTokens(input, targets, SEQLEN, 0, VOCAB, 5, 2)
  expect({ input, targets }).toEqual(plain)
})
