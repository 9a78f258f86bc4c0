import { levelCodec } from './audio/levelCodec.ts'
import { bpeCodec } from './bpe/bpeCodec.ts'
import type { CodecJson, TokenCodec } from './codec.ts'
import { StrandError } from './errors.ts'
import { codonCodec, kmerCodec } from './genomics/kmerCodec.ts'
import { nucleotideCodec } from './genomics/nucleotideCodec.ts'
import { aminoAcidCodec, proteinCodec } from './genomics/proteinCodec.ts'
import { byteCodec } from './text/byteCodec.ts'
import { charCodec, symbolCodec } from './text/listedCodec.ts'

/** The codec a dataset or an exported model was stored with. A series has no tokens: it is scaled (see timeseries/seriesScaling.ts). */
export function tokenCodecFromJSON(json: CodecJson): TokenCodec {
  switch (json.kind) {
    case 'nucleotide':
      return nucleotideCodec
    case 'kmer':
      return kmerCodec(json.k, json.overlap)
    case 'codon':
      return codonCodec(json.frame)
    case 'amino-acid':
      return aminoAcidCodec(json.frame)
    case 'protein':
      return proteinCodec
    case 'char':
      return charCodec(json.symbols)
    case 'byte':
      return byteCodec
    case 'symbols':
      return symbolCodec(json.symbols)
    case 'bpe':
      return bpeCodec(json.of, json.merges)
    case 'mu-law':
    case 'linear':
      return levelCodec(json.kind, json.levels)
    case 'series':
      throw new StrandError('bad-input', 'A series is read as numbers, not as tokens. Choose a forecasting preset for it.')
  }
}

/**
 * The codec that reads the same cells one unit at a time: bases under k-mers, bytes under BPE. Baselines are counted with it, so that
 * they say the same however the model's tokens are cut.
 */
export function unitCodec(json: CodecJson): TokenCodec {
  if (json.kind === 'kmer' || json.kind === 'codon' || (json.kind === 'bpe' && json.of === 'dna')) return nucleotideCodec
  return json.kind === 'bpe' ? byteCodec : tokenCodecFromJSON(json)
}

/** "6-mers", "BPE tokens": how a sentence calls the tokens of a codec. */
export function tokensInWords(json: CodecJson): string {
  switch (json.kind) {
    case 'nucleotide':
      return 'bases'
    case 'kmer':
      return `${json.overlap ? 'overlapping ' : ''}${json.k}-mers`
    case 'codon':
      return 'codons'
    case 'amino-acid':
      return 'translated amino acids'
    case 'protein':
      return 'amino acids'
    case 'char':
      return 'characters'
    case 'symbols':
      return 'symbols'
    case 'byte':
      return 'bytes'
    case 'bpe':
      return 'BPE tokens'
    case 'mu-law':
    case 'linear':
      return `${json.kind} levels of ${Math.log2(json.levels)} bits`
    case 'series':
      return 'numbers'
  }
}
