import { expect, test } from 'vitest'
import { philox, RandomStream } from './philox.ts'

// Known answers published with the Random123 library (kat_vectors, philox4x32 10 rounds).
test.each([
  [
    [0, 0],
    [0, 0, 0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0xa4093822, 0x299f31d0],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const)('philox %o %o', (key, counter, expected) => {
  const out = new Uint32Array(4)
  philox(key[0], key[1], counter[0], counter[1], counter[2], counter[3], out)
  expect([...out]).toEqual(expected)
})

test('uniform and normal have the right moments, and a stream repeats', () => {
  const stream = new RandomStream(7, 3)
  const n = 20_000
  let [sum, square, uniform] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const x = stream.normal()
    sum += x
    square += x * x
    uniform += stream.uniform()
  }
  expect(Math.abs(sum / n)).toBeLessThan(0.03)
  expect(Math.abs(square / n - 1)).toBeLessThan(0.05)
  expect(Math.abs(uniform / n - 0.5)).toBeLessThan(0.01)
  expect(new RandomStream(7, 3).uint32()).toBe(new RandomStream(7, 3).uint32())
  expect(new RandomStream(7, 3).uint32()).not.toBe(new RandomStream(7, 4).uint32())
})
