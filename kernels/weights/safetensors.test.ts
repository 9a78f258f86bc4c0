import { expect, test } from 'vitest'
import { parseSafetensors, safetensorsParts } from './safetensors.ts'

const tensors = [
  { name: 'a.weight', shape: [2, 1, 3], data: Float32Array.from([1, -2, 3.5, 1e-30, Infinity, 0]) },
  { name: 'ä "quoted"', shape: [1], data: Float32Array.from([Math.PI]) },
  { name: 'empty', shape: [0, 4], data: new Float32Array(0) },
]
const file = (metadata?: Record<string, string>): Uint8Array => Buffer.concat(safetensorsParts(tensors, metadata))

test('what is written is read back, with its metadata, wherever the bytes lie in memory', () => {
  const bytes = file({ format: 'pt' })
  for (const shift of [0, 1]) {
    const moved = new Uint8Array(bytes.length + shift)
    moved.set(bytes, shift)
    const read = parseSafetensors(moved.subarray(shift))
    expect(read.metadata).toEqual({ format: 'pt' })
    expect([...read.tensors.values()]).toEqual(tensors)
  }
})

test('the bytes are those the format describes', () => {
  const bytes = file()
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  expect(length % 8).toBe(0)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, { data_offsets: number[] }>
  expect(header['a.weight']).toEqual({ dtype: 'F32', shape: [2, 1, 3], data_offsets: [0, 24] })
  expect(new DataView(bytes.buffer, bytes.byteOffset + 8 + length).getFloat32(8, true)).toBe(3.5)
})

test('a damaged file is refused with what is wrong and where', () => {
  const bytes = file()
  expect(() => parseSafetensors(bytes.subarray(0, 5))).toThrow('ends after 5 bytes')
  expect(() => parseSafetensors(bytes.subarray(0, bytes.length - 1))).toThrow('inside "ä "quoted""')
  expect(() => parseSafetensors(Buffer.concat([bytes, Buffer.from([0])]))).toThrow('1 bytes follow the last tensor')
  expect(() => parseSafetensors(Buffer.alloc(64, 0xff))).toThrow('header length')
  const other = Buffer.from(bytes)
  other.write('F16', other.indexOf('F32'))
  expect(() => parseSafetensors(other)).toThrow('stored as F16')
  const overlap = Buffer.from(bytes)
  overlap.write('"data_offsets":[8,24]', overlap.indexOf('"data_offsets":[0,24]'))
  expect(() => parseSafetensors(overlap)).toThrow('do not fit')
})
