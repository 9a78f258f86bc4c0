/** What we write, the tokenizers library reads: the same ids for the same text. */
import { Tokenizer } from '@huggingface/tokenizers'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BPE_BASE } from '../../datasets/bpe/bpeCodec.ts'
import { pieceCutter } from '../../datasets/bpe/pieces.ts'
import { trainBpe } from '../../datasets/bpe/trainBpe.ts'
import type { CodecJson } from '../../datasets/codec.ts'
import { tokenCodecFromJSON } from '../../datasets/codecs.ts'
import { tokenizerFile } from './tokenizer.ts'

const sample = (name: string): string => gunzipSync(readFileSync(join(import.meta.dirname, '../../datasets/samples', name))).toString()
const prose = `${sample('tinyshakespeare.txt.gz').slice(0, 20_000)}\n  Größe, naïve — 3,14 €; 東京 42\t🙂 don't\r\n\n end`
const bases = sample('lambda.fa.gz').split('\n').slice(1).join('').slice(0, 6000)

function learned(of: 'text' | 'dna', text: string, merges: number): CodecJson {
  const symbols: number[] = []
  const ends: number[] = []
  const cutter = pieceCutter(of, (bytes, from, to) => {
    symbols.push(...bytes.subarray(from, to))
    ends.push(symbols.length)
  })
  cutter.push(Buffer.from(text))
  cutter.end()
  return { kind: 'bpe', of, merges: trainBpe({ symbols, ends, weights: ends.map(() => 1) }, BPE_BASE[of], merges) }
}

describe.each<[string, CodecJson, string]>([
  ['char', { kind: 'char', symbols: [...new Set(prose)].sort() }, prose],
  ['byte', { kind: 'byte' }, prose],
  ['nucleotide', { kind: 'nucleotide' }, bases],
  ['nucleotide, lower case, U and N', { kind: 'nucleotide' }, 'acgunnACGUN'],
  ['6-mer', { kind: 'kmer', k: 6, overlap: false }, bases],
  ['6-mer with N and a rest', { kind: 'kmer', k: 6, overlap: false }, `acgtacNNNNNNACGNACuuuuuuACGT`],
  ['3-mer', { kind: 'kmer', k: 3, overlap: false }, bases],
  ['codon in frame 1', { kind: 'codon', frame: 1 }, bases],
  ['protein', { kind: 'protein' }, 'MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ*'],
  ['BPE of text', learned('text', prose.slice(0, 15_000), 500), prose],
  ['BPE of DNA', learned('dna', bases, 300), bases],
  ['BPE of DNA with N', learned('dna', bases, 300), `acgu${bases.slice(0, 700)}NNN${bases.slice(0, 1500)}`],
])('tokenizer.json of %s', (_, json, text) => {
  const file = tokenizerFile(json)
  const tokenizer = new Tokenizer(JSON.parse(JSON.stringify(file.content)) as object, file.config as object)
  const codec = tokenCodecFromJSON(json)
  const ids = [...codec.encode(text)]

  it('gives the same ids', () => {
    expect(file.name).toBe('tokenizer.json')
    expect(tokenizer.encode(text, { add_special_tokens: false }).ids).toEqual(ids)
    expect(ids.length).toBeGreaterThanOrEqual(4)
  })

  it('gives the text back', () => {
    expect(tokenizer.decode(ids, { clean_up_tokenization_spaces: false })).toBe(codec.decode(ids))
  })
})

it('what the format cannot say is told in codec.json', () => {
  for (const json of [
    { kind: 'kmer', k: 3, overlap: true },
    { kind: 'amino-acid', frame: 2 },
    { kind: 'mu-law', levels: 256 },
    { kind: 'linear', levels: 4096 },
  ] as CodecJson[]) {
    const file = tokenizerFile(json)
    expect(file.name).toBe('codec.json')
    expect(file.content).toMatchObject({ ...json, rule: expect.stringContaining('') as string })
  }
})
