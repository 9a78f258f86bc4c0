import { expect, test } from 'vitest'
import { decodePcm16, peaksOf, wavOf } from './pcm.ts'

const samples = Int16Array.of(0, 16384, -32768, 32767)
const base64 = Buffer.from(samples.buffer).toString('base64')

test('samples come out of base64 as they went in', () => {
  expect([...decodePcm16(base64)]).toEqual([...samples])
})

test('a WAV file has the header that says what follows', async () => {
  const bytes = Buffer.from(await wavOf(samples, 8000).arrayBuffer())
  expect(bytes.length).toBe(52)
  expect([bytes.toString('latin1', 0, 4), bytes.readUInt32LE(4), bytes.readUInt32LE(24), bytes.readUInt32LE(40)]).toEqual([
    'RIFF',
    44,
    8000,
    8,
  ])
  expect([...new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + 52))]).toEqual([...samples])
})

test('peaks cover only what is made of the whole', () => {
  const { min, max } = peaksOf(samples, 4, 8)
  expect([...max].map((value) => value.toFixed(2))).toEqual(['0.50', '1.00', '0.00', '0.00'])
  expect([...min]).toEqual([0, -1, 0, 0])
})
