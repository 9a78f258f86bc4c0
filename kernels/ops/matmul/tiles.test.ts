import { describe, expect, test } from 'vitest'
import { Choices } from '../../backends/webgpu/choices.ts'
import type { Target } from '../../backends/webgpu/wgsl.ts'
import { fits, type MatmulShape, suits, tileCandidates, tileName } from './tiles.ts'
import { unitBytes, unitCandidates, unitName, unitThreads } from './unitTiles.ts'

const target = (workgroupBytes: number, invocations: number): Target => ({
  subgroup: 32,
  workgroupBytes,
  invocations,
  software: false,
  storageBuffers: 8,
  matrixUnits: true,
  mixed: true,
  halves: false,
  choices: new Choices(),
})
const large = target(49152, 1024)
/** What every WebGPU adapter has. */
const least = target(16384, 256)
const shapes: MatmulShape[] = [
  [4096, 4096, 4096, false, false],
  [16384, 64, 1024, false, true],
  [64, 1024, 16384, true, false],
  [2000, 999, 501, true, true],
  [1, 1, 1, false, true],
].map(([M, N, K, transA, transB]) => ({ M, N, K, transA, transB }) as MatmulShape)

describe.each([
  ['a large card', large],
  ['the least adapter', least],
])('candidates of products on %s', (_, adapter) => {
  test.each(shapes)('$M × $N, K $K', (shape) => {
    const tiles = tileCandidates(shape, adapter)
    expect(tiles.length).toBeGreaterThan(0)
    expect(tiles.length).toBeLessThanOrEqual(6)
    expect(tiles[0].turned).toBeUndefined()
    expect(new Set(tiles.map(tileName)).size).toBe(tiles.length)
    for (const { tile, turned } of tiles) expect([fits(tile, adapter), suits(tile, shape, turned)]).toEqual([true, true])
    const units = unitCandidates(shape, adapter)
    expect(new Set(units.map(unitName)).size).toBe(units.length)
    for (const { units: tile } of units) {
      expect(unitBytes(tile)).toBeLessThanOrEqual(adapter.workgroupBytes)
      expect(unitThreads(tile)).toBeLessThanOrEqual(adapter.invocations)
    }
  })
})

test('a few results of many terms are spread over the card, many results are not split', () => {
  const { splitK, sharers = 0 } = tileCandidates({ M: 64, N: 1024, K: 16384, transA: true, transB: false }, large)[0]
  expect(Math.max(splitK, sharers)).toBeGreaterThan(4)
  expect(tileCandidates({ M: 4096, N: 4096, K: 4096, transA: false, transB: true }, large)[0].splitK).toBe(1)
})
