import { describe, expect, it } from 'vitest'
import { levelCodec, levelOf, sampleOf } from './audio/levelCodec.ts'
import { aLawSample, muLawByteSample } from './audio/pcmSamples.ts'
import type { CodecJson } from './codec.ts'
import { tokenCodecFromJSON } from './codecs.ts'
import { ScalerFit } from './timeseries/seriesScaling.ts'

describe('codecs', () => {
  it.each<[CodecJson, string]>([
    [{ kind: 'nucleotide' }, 'ACGTNTGCA'],
    [{ kind: 'char', symbols: ['\n', ' ', 'a', 'é', '🙂'] }, 'a é\n🙂a'],
    [{ kind: 'byte' }, 'Grüße 🙂'],
    [{ kind: 'kmer', k: 6, overlap: false }, 'ACGTTGCATTAA'],
    [{ kind: 'kmer', k: 2, overlap: true }, 'ACGTTGCAT'],
    [{ kind: 'kmer', k: 8, overlap: false }, 'ACGTTGCATTTTTTTT'],
    [{ kind: 'codon', frame: 0 }, 'ATGGCCTAA'],
    [{ kind: 'protein' }, 'MKTAYIAKQR*'],
    [{ kind: 'bpe', of: 'text', merges: [97, 98, 256, 99] }, 'abcab Grüße'],
    [{ kind: 'bpe', of: 'dna', merges: [0, 1, 5, 2, 5, 5] }, 'ACGACACNNT'],
  ])('%j: text → ids → text, also after a round through JSON', (json, text) => {
    const codec = tokenCodecFromJSON(JSON.parse(JSON.stringify(tokenCodecFromJSON(json))) as CodecJson)
    const ids = codec.encode(text)
    expect(codec.decode(ids)).toBe(text)
    expect(Math.max(...ids)).toBeLessThan(codec.vocab)
    expect(codec.toJSON()).toEqual(json)
  })

  it('nucleotides: lower case, U and IUPAC codes have an id; other letters a sentence', () => {
    const codec = tokenCodecFromJSON({ kind: 'nucleotide' })
    expect([...codec.encode('acgu')]).toEqual([0, 1, 2, 3])
    expect([...codec.encode('RYKMSWBDHVN')]).toEqual(new Array(11).fill(4))
    expect(() => codec.encode('ACE')).toThrow('"E" at position 3 is not a nucleotide. Type A, C, G, T or N.')
    const ids = Uint8Array.of(0, 0, 1, 4, 3, 9)
    codec.reverseComplement!(ids, 5)
    expect([...ids]).toEqual([0, 4, 2, 3, 3, 9])
  })

  it('a character outside the vocabulary is named', () => {
    expect(() => tokenCodecFromJSON({ kind: 'char', symbols: ['a'] }).encode('ab')).toThrow('The character "b" does not occur')
  })

  it.each([
    ['mu-law', 4],
    ['mu-law', 8],
    ['linear', 8],
    ['mu-law', 12],
    ['linear', 12],
  ] as const)('%s of %i bits: every level survives, silence is the middle, the ends are full scale', (kind, bits) => {
    const levels = 2 ** bits
    for (let id = 0; id < levels; id++) expect(levelOf(kind, levels, sampleOf(kind, levels, id))).toBe(id)
    const codec = levelCodec(kind, levels)
    const ids = new Int32Array(3)
    codec.encodeCells(Int16Array.of(-32_768, 0, 32_767), ids)
    expect([...ids]).toEqual([0, levels / 2, levels - 1])
    codec.encodeCells(Float32Array.of(-1, 0, 1), ids)
    expect([...ids]).toEqual([0, levels / 2, levels - 1])
    expect([...codec.toInt16!([0, levels - 1])]).toEqual([-32_767, 32_767])
  })

  it('sound is read in 4 to 12 bits', () => {
    for (const levels of [8, 8192, 300]) expect(() => levelCodec('linear', levels)).toThrow('Sound is read in 4 to 12 bits')
  })

  it('mu-law: steps are finest near silence', () => {
    const step = (id: number): number => sampleOf('mu-law', 256, id + 1) - sampleOf('mu-law', 256, id)
    expect(step(128)).toBeLessThan(0.001)
    expect(step(254)).toBeGreaterThan(0.02)
  })

  it('G.711 bytes decode to the published values', () => {
    expect([0x00, 0x80, 0xff, 0x7f, 0x0f].map(muLawByteSample)).toEqual(
      [-32_124, 32_124, 0, 0, -16_764].map((v) => (v === 0 ? expect.closeTo(0) : v)),
    )
    expect([0x55, 0xd5, 0x2a, 0xaa].map(aLawSample)).toEqual([-8, 8, -32_256, 32_256])
  })
})

it('scaling leaves missing values out and survives a channel that never changes', () => {
  const fit = new ScalerFit(2)
  const rows = Float32Array.of(1, 5, 3, 5, NaN, 5, 5, 5)
  fit.addToMean(rows.subarray(0, 4))
  fit.addToMean(rows.subarray(4))
  fit.endMean()
  fit.addToDeviation(rows)
  expect([...fit.mean!]).toEqual([3, 5])
  expect(fit.deviation()[0]).toBeCloseTo(Math.sqrt(8 / 3), 12)
  expect(fit.deviation()[1]).toBe(1)
})

describe('words of bases', () => {
  const cellsOf = (text: string): Uint8Array => Buffer.from(text)
  const read = (json: CodecJson, text: string): number[] => {
    const ids = new Int32Array(text.length)
    return [...ids.subarray(0, tokenCodecFromJSON(json).encodeCells(cellsOf(text), ids))]
  }

  it('6-mers: lossless where the length is a multiple of 6, else the rest is left out; a word with N is one id', () => {
    const codec = tokenCodecFromJSON({ kind: 'kmer', k: 6, overlap: false })
    expect([codec.vocab, codec.unitsOf(3), codec.symbols![27], codec.symbols![4096]]).toEqual([4097, 6, 'AAACGT', 'NNNNNN'])
    expect(read(codec.toJSON(), 'AAACGTTTTTTTAC')).toEqual([27, 4095])
    expect(read(codec.toJSON(), 'AAANGTTTTTTT')).toEqual([4096, 4095])
    expect(codec.decode([27, 4095])).toBe('AAACGTTTTTTT')
    expect(() => codec.encode('ACGTA')).toThrow('A token is 6 bases and the prompt has 5. Type at least 6, or nothing.')
    expect(() => tokenCodecFromJSON({ kind: 'kmer', k: 9, overlap: false })).toThrow('A k-mer has 2 to 8 bases, not 9.')
  })

  it('overlapping: a token at every base, each tells one more', () => {
    const codec = tokenCodecFromJSON({ kind: 'kmer', k: 3, overlap: true })
    const ids = read(codec.toJSON(), 'AACGT')
    expect(ids).toEqual([1, 6, 27])
    expect(codec.decode(ids)).toBe('AACGT')
    expect(codec.decode(ids.slice(1), true)).toBe('GT')
    expect(codec.unitsOf(1)).toBe(1)
  })

  it.each<[CodecJson, string]>([
    [{ kind: 'kmer', k: 6, overlap: false }, 'AAACGTTTNTTTACGGTA'],
    [{ kind: 'kmer', k: 4, overlap: true }, 'AAACGTTTNTTTACG'],
    [{ kind: 'codon', frame: 0 }, 'ATGGCCTAA'],
  ])('%j: the other strand of the tokens is the tokens of the other strand', (json, text) => {
    const codec = tokenCodecFromJSON(json)
    const other = [...text]
      .reverse()
      .map((base) => 'TGCAN'['ACGTN'.indexOf(base)])
      .join('')
    const ids = Int32Array.from(read(json, text))
    codec.reverseComplement!(ids, ids.length)
    expect([...ids]).toEqual(read(json, other))
  })

  it('translates by the standard code; a codon with N is X', () => {
    const codec = tokenCodecFromJSON({ kind: 'amino-acid', frame: 0 })
    // NCBI table 1: start, alanine, tryptophan, the three stops
    expect(codec.decode(read(codec.toJSON(), 'ATGGCTTGGTAATAGTGAANC'))).toBe('MAW***X')
    expect(codec.decode(codec.encode('ATGGCT'))).toBe('MA')
    expect(codec.decode(codec.encode('MAW'))).toBe('MAW')
    expect(codec.reverseComplement).toBeUndefined()
  })
})
