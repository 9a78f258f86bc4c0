import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LeakageReport } from '../../main/contract/dataset.ts'
import { importFiles } from '../importing/importFiles.ts'
import { synthesise } from '../synthetic/synthesise.ts'
import { testProject, wav, type TestProject } from '../testing/project.ts'
import { checkLeakage } from './leakage.ts'
import { getStoredDataset } from '../store/store.ts'
import { summaryOf } from './leakageWords.ts'
import { dnaShingles, HashList } from './shingles.ts'
import { listUnits, readUnits, storedRows } from './units.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

/** Letters from a small generator: long enough runs never repeat. */
function letters(n: number, seed: number, alphabet = 'ACGT'): string {
  let x = seed
  return Array.from({ length: n }, () => alphabet[((x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16) % alphabet.length]).join('')
}
const reverseComplement = (dna: string): string =>
  [...dna]
    .reverse()
    .map((base) => 'TGCA'['ACGT'.indexOf(base)])
    .join('')
const fasta = (records: Record<string, string>): string =>
  Object.entries(records)
    .map(([name, dna]) => `>${name}\n${dna}\n`)
    .join('')
const found = ({ findings }: LeakageReport): Record<string, string[]> =>
  Object.fromEntries(findings.map(({ kind, examples }) => [kind, examples.map(({ record, other }) => `${record} ${other}`).sort()]))

describe('DNA', () => {
  const train = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, letters(81, i + 1)]))

  it('finds copies, copies of the other strand, near copies and overlaps, and nothing else', async () => {
    const near = train.t3.slice(0, 40) + (train.t3[40] === 'A' ? 'C' : 'A') + train.t3.slice(41)
    const held = {
      copy: train.t1,
      strand: reverseComplement(train.t2),
      near,
      nearStrand: reverseComplement(near.slice(0, 80)),
      shifted: train.t4.slice(50) + letters(50, 99),
      own: letters(81, 500),
      poor: 'A'.repeat(81),
    }
    const { id } = await project.add('a.fa', fasta({ ...train, ...held, blank: 'A'.repeat(70) + letters(11, 7) }), {
      splitHold: { test: Object.keys(held) },
    })
    const report = await checkLeakage(project.store, id)
    expect(found(report)).toEqual({
      duplicate: ['copy t1'],
      'reverse-complement': ['strand t2'],
      near: ['near t3', 'nearStrand t3'],
      overlap: ['shifted t4'],
    })
    expect(report.repeated).toEqual({ contents: 1, records: 2, conflicts: 0 })
    expect(report.findings[0].sentence).toBe(
      '1 of 7 held-out records (14.3 %) is in training letter for letter, for example "copy" and "t1".',
    )
    expect(report.sentence).toBe(
      '71.4 % of the held-out records occur in training too, whole or in part: scores look better than they are.',
    )
  })

  it('windows of one genome: those cut apart do not leak, a repeat does, wherever it begins', async () => {
    const genome = letters(200_000, 3)
    const plain = await project.add('g.fa', `>g\n${genome}\n`)
    expect((await checkLeakage(project.store, plain.id)).sentence).toBe('None of the 40 held-out windows was found in training.')
    const repeat = genome.slice(0, 190_000) + genome.slice(10_333, 20_333)
    const second = await project.add('r.fa', `>g\n${repeat}\n`)
    const report = await checkLeakage(project.store, second.id)
    expect(report.findings.map(({ kind, unit }) => [kind, unit])).toEqual([
      ['near', 'windows'],
      ['overlap', 'windows'],
    ])
    expect(report.findings[0].units).toBe(10)
    expect(report.findings[0].examples.every(({ position }) => position >= 189_000)).toBe(true)
  })
})

it('counts contents that occur more than once, as in the splice-junction set, and those with two labels', async () => {
  // 30 sequences of 60 bases, 5 of them twice, one of those with another label
  const lines = Array.from({ length: 30 }, (_, i) => ({ label: ['EI', 'IE', 'N'][i % 3], dna: letters(60, 40 + i) }))
  const twice = lines.slice(0, 5).map((line, i) => (i === 0 ? { ...line, label: 'IE' } : line))
  const text = [...lines, ...twice].map(({ label, dna }, i) => `>s${i} ${label}\n${dna}\n`).join('')
  const { id } = await project.add('splice.fa', text, { labels: { from: 'header', pattern: ' (?<label>\\w+)$' }, folds: 5 })
  const report = await checkLeakage(project.store, id)
  expect(report.repeated).toEqual({ contents: 5, records: 10, conflicts: 1 })
  expect(report.findings[0]).toMatchObject({ kind: 'duplicate', of: 35 })
  // both copies are judged once, unless they lie in one fold
  expect(report.findings[0].units % 2).toBe(0)
  expect(report.findings[0].sentence).toContain('in other folds letter for letter')
})

it('text: test lines that training holds too, whatever their label; a common beginning is no leak', async () => {
  const words = (seed: number): string => letters(60, seed, 'abcdefgh ijklm nopq')
  const train = Array.from({ length: 50 }, (_, i) => `1 ${words(i)}`)
  const test = [`0 ${words(7)}`, `0 ${words(8)} and a little more`, `0 ${words(9).slice(0, 26)}${words(300)}`, `0 ${words(301)}`]
  const files = { 'x.train': train, 'x.dev': [`0 ${words(400)}`], 'x.test': test }
  const paths = Object.entries(files).map(([name, lines]) => project.file(name, lines.join('\n')))
  const { datasetId } = await importFiles(project.store, { paths, options: { labels: { from: 'line' } } })
  const report = await checkLeakage(project.store, datasetId)
  const held = report.findings.map(({ kind, examples }) => [
    kind,
    examples.filter(({ split }) => split === 'test').map(({ record }) => record),
  ])
  expect(held).toEqual([
    ['duplicate', ['x.test line 1']],
    ['near', ['x.test line 2']],
  ])
  expect(report.repeated.conflicts).toBe(1)
})

it('sound: a cut of a training clip; quiet is nobody’s copy', async () => {
  const noise = (n: number, seed: number, loud = 9000): Int16Array => {
    let x = seed
    return Int16Array.from({ length: n }, () => ((((x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16) % 1000) / 500 - 1) * loud)
  }
  const clips = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`c${i}`, noise(3000, i + 1)]))
  const all = { ...clips, cut: clips.c5.slice(700, 2500), quiet1: noise(2000, 77, 40), quiet2: noise(2000, 78, 40) }
  const paths = Object.entries(all).map(([name, samples]) => project.file(`${name}.wav`, wav(new Uint8Array(samples.buffer))))
  const { datasetId } = await importFiles(project.store, { paths, options: { splitHold: { test: ['cut', 'quiet2'] } } })
  expect(found(await checkLeakage(project.store, datasetId))).toEqual({ near: ['cut c5'] })
})

it('a generated task: symbols of two bytes are compared as they lie', async () => {
  const { datasetId } = await synthesise(project.store, {
    task: 'parity',
    options: { train: 300, validation: 20, test: 20, min_length: 3, max_length: 4 },
  })
  const { findings } = await checkLeakage(project.store, datasetId)
  // of so few short words most held-out ones were seen
  expect(findings.map(({ kind }) => kind)).toContain('duplicate')
})

it('can be cancelled', async () => {
  const { id } = await project.add('g.fa', `>g\n${letters(1_200_000, 3)}\n`)
  const stop = new AbortController()
  await expect(checkLeakage(project.store, id, { signal: stop.signal, onProgress: () => stop.abort() })).rejects.toThrow('cancelled')
})

it('a shingle and its reverse complement have one hash, whatever comes before', () => {
  const hashes = (dna: string, k: number, every: number): number[] => {
    const all = new HashList()
    dnaShingles(Buffer.from(dna), { k, every }, all)
    return [...all.values.subarray(0, all.length)]
  }
  const dna = letters(200, 11)
  for (const k of [11, 15, 16, 18, 20, 32]) {
    expect(hashes(dna, k, 1)).toHaveLength(201 - k)
    expect(new Set(hashes(dna, k, 1)).size).toBe(201 - k)
    expect(hashes(reverseComplement(dna), k, 1).reverse()).toEqual(hashes(dna, k, 1))
    expect(hashes(letters(31, 5) + dna, k, 1).slice(k - 201)).toEqual(hashes(dna, k, 1))
    // an N is in k shingles
    expect(hashes(`${dna}N${dna}`, k, 1)).toHaveLength(2 * (201 - k))
    const some = hashes(letters(20_000, 3), k, 10)
    expect(some.length).toBeGreaterThan(1600)
    expect(some.length).toBeLessThan(2400)
    expect(hashes(reverseComplement(letters(20_000, 3)), k, 10).reverse()).toEqual(some)
  }
  expect(hashes('ACACACACACACACACACACACAC', 15, 1)).toEqual([])
})

it('of more cells than are looked at, evenly spaced windows are taken', async () => {
  const { id } = await project.add('g.fa', `>g\n${letters(300_000, 3)}\n>h\n${letters(5000, 4)}\n`)
  const dataset = getStoredDataset(project.store, id)
  const units = listUnits(storedRows(project.store, id), dataset, { window: 1000, most: 50_000, records: 2 })
  expect(units.looked).toBeCloseTo(50_000 / 305_000, 2)
  const gaps = units.start.slice(1).map((start, i) => start - units.start[i])
  expect(Math.max(...gaps)).toBeLessThanOrEqual(8000)
  const read = Array.from(readUnits(project.store, dataset, units), ({ bytes }) => Buffer.from(bytes).toString())
  expect(read[3]).toBe(letters(300_000, 3).slice(units.start[3], units.start[3] + units.length[3]))
})

it('says where records are too many and too short for their parts to be compared', () => {
  const compared = { of: 100_000, unit: 'records', folds: false, parts: false } as const
  expect(summaryOf([], compared)).toBe(
    'None of the 100,000 held-out records was found in training. They are many and short: whole records were compared, not parts of them.',
  )
})
