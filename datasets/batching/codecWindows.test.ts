/** The tokens a run reads, whatever its codec: the same cells, cut at the same places, and losses on one scale. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { getStoredDataset, listSegments, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { ngramBaseline } from './baselines.ts'
import { openSeriesWindows } from './seriesWindows.ts'
import { openTokenWindows, type TokenWindows } from './tokenWindows.ts'

const sample = (name: string): Buffer => gunzipSync(readFileSync(join(import.meta.dirname, '../samples', name)))
const lambda = sample('lambda.fa.gz')
const prose = sample('tinyshakespeare.txt.gz').subarray(0, 120_000)

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

const idsOf = (windows: TokenWindows): number[] => windows.segments.flatMap((segment) => [...windows.read(segment, 0, segment.length)])

describe.each<[string, Buffer, ImportOptions, number, string]>([
  ['lambda.fa', lambda, { tokens: 'nucleotide' }, 5, 'bases'],
  ['lambda.fa', lambda, { tokens: 'kmer', k: 6 }, 4097, 'bases'],
  ['lambda.fa', lambda, { tokens: 'kmer', k: 8 }, 65_537, 'bases'],
  ['lambda.fa', lambda, { tokens: 'kmer', k: 4, overlap: true }, 257, 'bases'],
  ['lambda.fa', lambda, { tokens: 'codon', frame: 2 }, 65, 'bases'],
  ['lambda.fa', lambda, { tokens: 'amino-acid', frame: 1 }, 27, 'bases'],
  ['lambda.fa', lambda, { tokens: 'bpe', vocab: 300 }, 300, 'bases'],
  ['prose.txt', prose, { tokens: 'bpe', vocab: 500 }, 500, 'bytes'],
  ['prose.txt', prose, { tokens: 'byte' }, 256, 'bytes'],
])('%#: %s', (name, content, options, vocab, unit) => {
  let id: number
  beforeAll(async () => ({ id } = await project.add(name, content, options)))

  it('a split’s tokens are those of its cells, and stand for them all', () => {
    const dataset = getStoredDataset(project.store, id)
    expect(dataset.unit).toBe(unit)
    for (const split of ['train', 'validation', 'test'] as const) {
      const windows = openTokenWindows(project.store, id, split)
      expect(windows.vocab).toBe(vocab)
      const { codec } = windows
      const [segment] = listSegments(project.store, id, split)
      const { cut } = codec
      const skip = cut && cut.frame !== null ? (cut.frame - (segment.position % 3) + 3) % 3 : 0
      const cells = readCells(project.store, dataset, segment.start + skip, segment.length - skip)
      const expected = new Int32Array(cells.length)
      const n = codec.encodeCells(cells, expected)
      expect(idsOf(windows)).toEqual([...expected.subarray(0, n)])
      expect(windows.length).toBe(n)
      expect(windows.segments[0].position).toBe(segment.position + skip)
      const units = [...windows.sequential(64)].reduce((sum, window) => sum + window.units, 0)
      const first = codec.unitsOf(expected[0])
      const all = Array.from(expected.subarray(0, n)).reduce((sum, token) => sum + codec.unitsOf(token), 0)
      expect(units).toBe(all - first)
      if (cut === null) expect(all).toBe(segment.length)
      else if (codec.name !== 'amino-acid') expect(segment.length - skip - all).toBeLessThan(cut.width)
    }
  })

  it('windows tell the cell they begin at', () => {
    const windows = openTokenWindows(project.store, id, 'validation')
    const dataset = getStoredDataset(project.store, id)
    const [segment] = listSegments(project.store, id, 'validation')
    let looked = 0
    for (const { position, tokens, count } of windows.sequential(50)) {
      if (windows.codec.name === 'amino-acid' || looked++ === 20) break
      const text = windows.codec.decode(tokens.subarray(0, count))
      const cells = readCells(project.store, dataset, segment.start + position - segment.position, Buffer.byteLength(text))
      expect(
        Buffer.from(cells)
          .toString()
          .replace(/[^ACGT]/g, (c) => (unit === 'bases' ? 'N' : c)),
      ).toBe(text)
    }
  })

  it('random windows lie in the split and are drawn again from the same numbers', () => {
    const windows = openTokenWindows(project.store, id, 'train', { reverseComplement: true })
    const [a, b, targets] = [new Int32Array(4 * 32), new Int32Array(4 * 32), new Int32Array(4 * 32)]
    windows.random(7, 3, 4, 32, a, targets)
    windows.random(7, 3, 4, 32, b, targets)
    expect(a).toEqual(b)
    expect(targets.every((token) => token >= 0 && token < vocab)).toBe(true)
  })
})

it('baselines are counted unit by unit: equal under every codec of the same cells', async () => {
  const scores: number[] = []
  for (const options of [{ tokens: 'nucleotide' }, { tokens: 'kmer' }, { tokens: 'bpe', vocab: 300 }] as ImportOptions[]) {
    const { id } = await project.add('lambda.fa', lambda, options)
    const open = (split: 'train' | 'test'): TokenWindows => openTokenWindows(project.store, id, split, { units: true })
    scores.push(ngramBaseline(open('train'), open('test'), 2).nats)
  }
  expect(scores[1]).toBe(scores[0])
  expect(scores[2]).toBe(scores[0])
})

it('BPE is learned from the training split alone', async () => {
  const train = 'the cat sat on the mat. '.repeat(100)
  const learned = async (rest: string): Promise<unknown> => {
    const { id } = await project.add('t.txt', train + rest, {
      tokens: 'bpe',
      vocab: 280,
      split: { train: 0.8, validation: 0.1, test: 0.1 },
    })
    return getStoredDataset(project.store, id).codec
  }
  expect(await learned('zq'.repeat(300))).toEqual(await learned('xy'.repeat(300)))
})

it('records of any number keep their own tokens, and the facts say what a token is', async () => {
  const fasta = Array.from({ length: 60 }, (_, i) => `>r${i}\n${'ACGGT'.repeat(i + 3)}${'N'.repeat(i % 3)}\n`).join('')
  const { id, codec, facts, report } = await project.add('many.fa', fasta, { tokens: 'bpe', vocab: 12 })
  expect(codec).toMatchObject({ name: 'BPE tokens', vocab: 12 })
  const all = (['train', 'validation', 'test'] as const).map((split) => openTokenWindows(project.store, id, split).length)
  const bases = getStoredDataset(project.store, id).length
  expect(facts['per token']).toBe(+(bases / all.reduce((sum, n) => sum + n, 0)).toFixed(2))
  const dataset = getStoredDataset(project.store, id)
  for (const split of ['train', 'validation', 'test'] as const) {
    const windows = openTokenWindows(project.store, id, split)
    for (const segment of windows.segments)
      expect(windows.codec.decode(windows.read(segment, 0, segment.length))).toBe(
        Buffer.from(
          readCells(
            project.store,
            dataset,
            listSegments(project.store, id, split).find((s) => s.recordId === segment.recordId)!.start,
            segment.cells,
          ),
        ).toString(),
      )
  }
  expect(report.problems).toEqual([])
  const kmers = await project.add('many.fa', fasta, { tokens: 'kmer', k: 7 })
  expect(kmers.report.problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^\d+ bases at the ends of \d+ stretches fill no token of 7 bases and are not read by a model \(7-mers\)\.$/),
  ])
})

it('sound as numbers: a series of one channel, scaled on the training part', async () => {
  const samples = Int16Array.from({ length: 4000 }, (_, i) => Math.round(9000 * Math.sin(i / 9)) + 300)
  const { wav } = await import('../testing/project.ts')
  const { id } = await project.add('tone.wav', wav(Buffer.from(samples.buffer)), { tokens: 'continuous' })
  const windows = openSeriesWindows(project.store, id, 'train', { lookback: 8, horizon: 4 })
  expect(windows.channels).toEqual(['amplitude'])
  const { inputs, targets } = windows.at(0)
  const back = [...inputs, ...targets].map((value) => value * windows.scaler.std[0] + windows.scaler.mean[0])
  back.forEach((value, i) => expect(value * 32_768).toBeCloseTo(samples[i], 1))
})

it('a kind of tokens that the data cannot have is refused with what it can', async () => {
  await expect(project.add('t.txt', 'some words here', { tokens: 'kmer' })).rejects.toThrow(
    'These files are text and cannot be read as "kmer" tokens. Choose char, byte or bpe.',
  )
  await expect(project.add('l.fa', lambda, { tokens: 'bpe', vocab: 5 })).rejects.toThrow(
    'A BPE vocabulary of bases has 6 to 65,536 tokens, not 5.',
  )
})

it('proteins are an alphabet of their own', async () => {
  const { id, unit, codec } = await project.add('p.fa', '>p1\nMKTAYIAKQR\nQISFVKSHFS\n>p2\nmkx*\n', { tokens: 'protein' })
  expect([unit, codec.vocab]).toEqual(['residues', 27])
  expect(openTokenWindows(project.store, id, 'train').codec.decode(idsOf(openTokenWindows(project.store, id, 'train')))).toBe(
    'MKTAYIAKQRQISFVKMKX',
  )
  await expect(project.add('q.fa', '>p1\nMKT-AY\n', { tokens: 'protein' })).rejects.toThrow('holds "-", a gap of an alignment')
  await expect(project.add('q.fastq', '@r\nACGT\n+\nIIII\n', { tokens: 'protein' })).rejects.toThrow('Proteins are read from FASTA')
})
