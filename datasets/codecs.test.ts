import { describe, expect, it } from 'vitest'
import { muLawCodec, muLawId, muLawSample, muLawToInt16 } from './audio/muLawCodec.ts'
import { aLawSample, muLawByteSample } from './audio/pcmSamples.ts'
import type { CodecJson } from './codec.ts'
import { tokenCodecFromJSON } from './codecs.ts'
import { reverseComplement } from './genomics/nucleotideCodec.ts'
import { ScalerFit } from './timeseries/seriesScaling.ts'

describe('codecs', () => {
  it.each<[CodecJson, string]>([
    [{ kind: 'nucleotide' }, 'ACGTNTGCA'],
    [{ kind: 'char', symbols: ['\n', ' ', 'a', 'é', '🙂'] }, 'a é\n🙂a'],
    [{ kind: 'byte' }, 'Grüße 🙂'],
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
    reverseComplement(ids, 5)
    expect([...ids]).toEqual([0, 4, 2, 3, 3, 9])
  })

  it('a character outside the vocabulary is named', () => {
    expect(() => tokenCodecFromJSON({ kind: 'char', symbols: ['a'] }).encode('ab')).toThrow('The character "b" does not occur')
  })

  it('mu-law: every level survives, silence is 128, steps are finest near it', () => {
    for (let id = 0; id < 256; id++) expect(muLawId(muLawSample(id))).toBe(id)
    expect(muLawId(0)).toBe(128)
    const ids = new Int32Array(3)
    muLawCodec.encodeCells(Int16Array.of(-32_768, 0, 32_767), ids)
    expect([...ids]).toEqual([0, 128, 255])
    expect([...muLawToInt16([0, 255])]).toEqual([-32_767, 32_767])
    expect(muLawSample(129) - muLawSample(128)).toBeLessThan(0.001)
    expect(muLawSample(255) - muLawSample(254)).toBeGreaterThan(0.02)
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
