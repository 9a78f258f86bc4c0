import type { Domain } from '../../../main/contract/dataset.ts'
import type { ImportOptions } from '../../../main/contract/importing.ts'

export type Tokens = NonNullable<ImportOptions['tokens']>
export interface Kind {
  value: Tokens
  label: string
  says: string
}

/** The first is what a domain has by default. */
export const KINDS: Partial<Record<Domain, Kind[]>> = {
  text: [
    { value: 'char', label: 'Characters', says: 'at most 256 different ones, else bytes' },
    { value: 'byte', label: 'Bytes', says: 'any text, 256 symbols' },
    { value: 'bpe', label: 'BPE', says: 'parts of words, learned from the training part' },
  ],
  genomics: [
    { value: 'nucleotide', label: 'Bases', says: 'A, C, G, T and N, one at a time' },
    { value: 'kmer', label: 'k-mers', says: 'words of k bases; losses are told per base all the same' },
    { value: 'codon', label: 'Codons', says: 'three bases from the reading frame on' },
    { value: 'amino-acid', label: 'Translated', says: 'each codon as its amino acid' },
    { value: 'bpe', label: 'BPE', says: 'words of any length, learned from the training part' },
    { value: 'protein', label: 'Protein', says: 'the file holds proteins, one letter an amino acid' },
  ],
  audio: [
    { value: 'mu-law', label: 'Mu-law', says: 'levels that are finer near silence' },
    { value: 'linear', label: 'Linear', says: 'even levels' },
    { value: 'continuous', label: 'Numbers', says: 'no levels: for forecasting' },
  ],
}
export interface Amount {
  key: 'k' | 'vocab' | 'bits' | 'frame'
  label: string
  usual: number
  low: number
  high: number
  unit: string
  says: string
}
/** The number that a kind of token has, where it has one. */
export const AMOUNTS: Partial<Record<Tokens, Amount>> = {
  kmer: {
    key: 'k',
    label: 'Bases in a token',
    usual: 6,
    low: 2,
    high: 8,
    unit: 'bases',
    says: '4 to the power k words, and one with unknown bases',
  },
  codon: {
    key: 'frame',
    label: 'Reading frame',
    usual: 0,
    low: 0,
    high: 2,
    unit: '',
    says: 'the first base of a record that begins a codon, from 0',
  },
  'amino-acid': {
    key: 'frame',
    label: 'Reading frame',
    usual: 0,
    low: 0,
    high: 2,
    unit: '',
    says: 'the first base of a record that begins a codon, from 0',
  },
  bpe: {
    key: 'vocab',
    label: 'Vocabulary',
    usual: 1024,
    low: 6,
    high: 65_536,
    unit: 'tokens',
    says: 'at most; fewer where no pair occurs twice',
  },
  'mu-law': { key: 'bits', label: 'Bits of a level', usual: 8, low: 4, high: 12, unit: 'bits', says: '8 bits are 256 levels' },
  linear: { key: 'bits', label: 'Bits of a level', usual: 8, low: 4, high: 12, unit: 'bits', says: '8 bits are 256 levels' },
}
