/** FASTQ: reads cut by their qualities, as BWA and cutadapt do, on the scale the file has. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getRecord, getStoredDataset, listRecords, readCells } from '../store/store.ts'
import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { keptBases } from './qualityTrim.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

const fastq = (reads: [name: string, bases: string, qualities: number[]][], offset: number): string =>
  reads.map(([name, bases, q]) => `@${name}\n${bases}\n+\n${String.fromCharCode(...q.map((value) => value + offset))}\n`).join('')
const add = (content: string, options: ImportOptions = {}): Promise<DatasetDetail> => project.add('r.fastq', content, options)
const basesOf = ({ id }: DatasetDetail): string[] => {
  const dataset = getStoredDataset(project.store, id)
  return listRecords(project.store, id, 0, 99).map((record) => {
    const { start, length } = getRecord(project.store, id, record.id)
    return Buffer.from(readCells(project.store, dataset, start, length)).toString()
  })
}

describe('where a read is cut', () => {
  // the example of cutadapt's guide: qualities 42, 40, 26, 27, 8, 7, 11, 4, 2, 3 with threshold 10 keep the first four bases
  it.each([
    [[42, 40, 26, 27, 8, 7, 11, 4, 2, 3], 10, 4],
    [[30, 30, 30], 20, 3],
    [[2, 2, 2], 20, 0],
    [[30, 2, 30], 20, 3],
    [[30, 30, 2, 25, 2], 20, 2],
    [[], 20, 0],
  ])('%j at %i: %i bases stay', (qualities, quality, kept) => {
    for (const offset of [33, 64] as const)
      expect(
        keptBases(
          Uint8Array.from(qualities, (q) => q + offset),
          qualities.length,
          { quality, offset, length: 1 },
        ),
      ).toBe(kept)
  })
})

const good = (n: number): number[] => new Array<number>(n).fill(38)
const reads: [string, string, number[]][] = [
  ['a', 'ACGTACGT', good(8)],
  ['b', 'GGGGCCCC', [...good(5), 3, 2, 4]],
  ['c', 'TTTT', [...good(2), 2, 2]],
  ['d', 'AAAA', [2, 2, 2, 2]],
]

it.each([33, 64])('Phred+%i, told from the reads: ends are cut, short reads left out, and both are told', async (offset) => {
  const detail = await add(fastq(reads, offset), { minQuality: 20, minLength: 3 })
  expect(basesOf(detail)).toEqual(['ACGTACGT', 'GGGGC'])
  expect(detail.report).toMatchObject({ accepted: 2, skipped: 2 })
  expect(detail.report.problems.map(({ message }) => message)).toEqual([
    expect.stringContaining(`The qualities of r.fastq (Phred+${offset}, from 2 to 38, mean 24.6) were checked`),
    `Ends below quality 20 (Phred+${offset}) were cut off 3 reads of r.fastq: 9 bases.`,
    '2 reads of r.fastq with fewer than 3 bases left were left out.',
  ])
  // of the bases kept: 4 of 8 and 5 of 5
  expect(detail.facts).toMatchObject({ GC: +(9 / 13).toFixed(4), 'mean quality': 24.6 })
})

it('without trimming every base stays', async () => {
  const detail = await add(fastq(reads, 33))
  expect(basesOf(detail)).toEqual(reads.map(([, bases]) => bases))
})

it('a wrapped read, a scale the user names, a bad read among good ones', async () => {
  const wrapped = '@w\nACGT\nACGT\n+\nIIII\nII##\n'
  expect(basesOf(await add(wrapped, { minQuality: 10 }))).toEqual(['ACGTAC'])
  expect(basesOf(await add('@x\nACGT\n+\nhhBB\n', { minQuality: 10, phred: 64 }))).toEqual(['AC'])
  const bad = `@x\nACGT\n+\nII\n${fastq(reads, 33)}`
  expect(basesOf(await add(bad, { minQuality: 20, onProblem: 'skip' }))).toEqual(['ACGTACGT', 'GGGGC', 'TT'])
  await expect(add(fastq(reads, 33), { minQuality: 99 })).rejects.toThrow('A quality lies between 0 and 93; you asked for 99.')
})
