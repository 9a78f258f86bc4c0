/** Bases four in a byte: every window of every kind of chunk reads as it was written, and datasets packed or not are the same dataset. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RandomStream } from '../../kernels/random/philox.ts'
import { openTokenWindows } from '../batching/tokenWindows.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { all } from './connection.ts'
import { cellsOf, packBases, packedRoom, unpackBases } from './packedBases.ts'
import { DatasetWriter, getStoredDataset, readCells, type SplitPlan } from './store.ts'

const random = new RandomStream(7, 1)
const draw = (n: number, alphabet: string): Buffer =>
  Buffer.from(Array.from({ length: n }, () => alphabet.charCodeAt(random.uint32() % alphabet.length)))

/** Letters → their packed bytes, in room that was full of something else. */
function packed(cells: Buffer): Uint8Array {
  const room = new Uint8Array(packedRoom(cells.length)).fill(0xaa)
  // a copy that begins at a whole word
  return room.subarray(0, packBases(Uint8Array.from(cells), room))
}

const CHUNKS: Record<string, (n: number) => Buffer> = {
  'plain bases': (n) => draw(n, 'ACGT'),
  'a run of N in the middle': (n) => draw(n, 'ACGT').fill('N', n >> 2, n >> 1),
  'N alone': (n) => Buffer.alloc(n, 'N'),
  'different runs beside each other': (n) =>
    draw(n, 'ACGT')
      .fill('N', 0, n >> 2)
      .fill('R', n >> 2, n >> 1),
  'an odd letter here and there': (n) => draw(n, 'ACGT'.repeat(20) + 'NRYSWKMBDHV'),
  'as many odd letters as plain ones': (n) => draw(n, 'ACGTNRYK'),
  proteins: (n) => draw(n, 'ACDEFGHIKLMNPQRSTVWY'),
  'any bytes': (n) => Buffer.from(Array.from({ length: n }, () => random.uint32() & 0xff)),
}

describe('a chunk', () => {
  for (const [kind, make] of Object.entries(CHUNKS))
    it(kind, () => {
      for (const n of [1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 257]) {
        const cells = make(n)
        const bytes = packed(cells)
        expect(cellsOf(bytes)).toBe(n)
        for (let from = 0; from < n; from += 1 + (random.uint32() % 5))
          for (let to = from; to <= n; to += 1 + (random.uint32() % 9)) {
            const into = Buffer.alloc(to - from + 3, '.')
            unpackBases(bytes, from, to, into, 2)
            expect(into.toString('latin1')).toBe(`..${cells.toString('latin1', from, to)}.`)
          }
      }
    })

  it('takes a byte for four plain bases, six for a run of others, and never more than the letters and four', () => {
    expect(packed(draw(65_280, 'ACGT')).length).toBe(4 + 16_320)
    expect(packed(Buffer.alloc(65_280, 'N')).length).toBe(4 + 16_320 + 6)
    expect(packed(draw(65_280, 'NRYK')).length).toBe(4 + 65_280)
  })
})

describe('a dataset', () => {
  let project: TestProject
  beforeEach(() => (project = testProject()))
  afterEach(() => project.remove())

  const plan: SplitPlan = { rule: 'r', records: ['train', 'test', 'train'] }
  const parts = [
    draw(90_001, 'ACGT'),
    draw(3, 'ACGTN'),
    draw(200_000, 'ACGT'.repeat(50) + 'N')
      .fill('N', 500, 70_000)
      .fill(draw(70_000, 'NRYK'), 100_000, 170_000),
  ]

  function add(packed: boolean, discarded = 0): number {
    const writer = new DatasetWriter(project.store, {
      ...{ name: 'd', domain: 'genomics', format: 'FASTA', unit: 'bases', cell: 'u8', channels: 1, packed },
    })
    parts.forEach((part, i) => {
      writer.beginRecord(`before ${i}`)
      for (let left = discarded; left > 0; left -= 1_000_000) writer.append(Buffer.alloc(Math.min(left, 1_000_000), 'G'))
      writer.discardRecord()
      writer.beginRecord(`part ${i}`)
      for (let at = 0; at < part.length; at += 12_345) writer.append(part.subarray(at, at + 12_345))
      writer.endRecord()
    })
    const report = { accepted: 3, repaired: 0, skipped: 0, refused: 0, problems: [] }
    return writer.seal({ sources: [], options: {}, report, facts: {}, codec: { kind: 'nucleotide' }, layout: {}, plan })
  }

  const stored = (id: number): { length: number; written: number; hash: string; packed: number } =>
    all<{ length: number; written: number; hash: string; packed: number }>(
      project.store,
      `SELECT length, bytes AS written, hash, packed FROM dataset WHERE id = ?`,
      id,
    )[0]

  it('has the hash, the cells and the training windows of the same one unpacked, in a fraction of the bytes', () => {
    const [plain, small] = [add(false), add(true)]
    expect(stored(small)).toMatchObject({ hash: stored(plain).hash, length: 290_004, packed: 1 })
    expect(stored(small).written).toBeLessThan(0.6 * stored(plain).written)
    const onDisk = all(project.store, 'SELECT sum(length(bytes)) AS written FROM chunk WHERE dataset_id = ?', small)
    expect(onDisk).toEqual([{ written: stored(small).written }])
    const whole = Buffer.concat(parts)
    const [unpacked, dataset] = [plain, small].map((id) => getStoredDataset(project.store, id))
    for (const [start, count] of [
      [0, 290_004],
      [65_270, 20],
      [130_559, 1],
      [130_560, 1],
      [89_990, 100_000],
      [290_003, 1],
    ])
      expect(Buffer.from(readCells(project.store, dataset, start, count)).equals(whole.subarray(start, start + count))).toBe(true)
    expect(dataset.chunkCells).toBe(4 * unpacked.chunkCells)
    const windows = [plain, small].map((id) => {
      const [tokens, targets] = [new Int32Array(8 * 256), new Int32Array(8 * 256)]
      openTokenWindows(project.store, id, 'train').random(3, 1, 8, 256, tokens, targets)
      return [tokens, targets]
    })
    expect(windows[1]).toEqual(windows[0])
  })

  // chunks of 65,280 cells, 4 MB of them (16.7 million cells) a transaction
  it('forgets a discarded record, held or on disk', () => {
    const clean = stored(add(true))
    for (const discarded of [10, 100_000, 3_000_000, 40_000_000]) expect(stored(add(true, discarded))).toEqual(clean)
  })
})
