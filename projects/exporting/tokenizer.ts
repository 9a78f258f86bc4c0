import type { CodecJson } from '../../datasets/codec.ts'
import { spellings } from '../../datasets/bpe/bpeCodec.ts'
import { DNA_BLOCK } from '../../datasets/bpe/pieces.ts'
import { tokenCodecFromJSON } from '../../datasets/codecs.ts'
import { BASES } from '../../datasets/genomics/nucleotideCodec.ts'
import { RESIDUES } from '../../datasets/genomics/proteinCodec.ts'

export interface TokenizerFile {
  readonly name: 'tokenizer.json' | 'codec.json'
  readonly content: unknown
  /** What stands beside tokenizer.json as tokenizer_config.json; null beside codec.json. */
  readonly config: unknown
}

/**
 * How text becomes ids, as a Hugging Face `tokenizers` file (Tokenizer.from_file) wherever that format can say it.
 * Sound, series, words that overlap and translation have no such standard; codec.json says what their numbers mean.
 */
export function tokenizerFile(codec: CodecJson): TokenizerFile {
  const tokenizer = (content: object): TokenizerFile => {
    const { unk_token } = (content as { model: { unk_token?: string | null } }).model
    return { name: 'tokenizer.json', content, config: { ...tokenizerConfig, ...(unk_token ? { unk_token } : {}) } }
  }
  const described = (rule: string, more: object = {}): TokenizerFile => ({
    name: 'codec.json',
    content: { ...codec, ...more, rule },
    config: null,
  })
  switch (codec.kind) {
    case 'char':
      return tokenizer(symbolTokenizer(codec.symbols))
    case 'symbols':
      return tokenizer(listTokenizer(codec.symbols))
    case 'nucleotide':
      return tokenizer({ ...symbolTokenizer(BASES, 'N'), normalizer: sequence(basesUpper) })
    case 'protein':
      return tokenizer({ ...symbolTokenizer(RESIDUES, 'X'), normalizer: sequence(upper(RESIDUES.filter((residue) => residue !== '*'))) })
    case 'kmer':
      return codec.overlap
        ? described('id = the word at every base, A 0 C 1 G 2 T 3, first base most significant; 4^k where a base is not known')
        : tokenizer(wordTokenizer(codec.k, 0, tokenCodecFromJSON(codec).symbols!))
    case 'codon':
      return tokenizer(wordTokenizer(3, codec.frame, tokenCodecFromJSON(codec).symbols!))
    case 'amino-acid':
      return described('each codon from base `frame` on becomes the residue it codes for (NCBI translation table 1)', {
        residues: RESIDUES,
      })
    case 'byte':
      return tokenizer(byteTokenizer([], false))
    case 'bpe':
      return tokenizer(codec.of === 'text' ? byteTokenizer(codec.merges, true) : baseTokenizer(codec.merges))
    case 'mu-law':
      return described(
        'id = floor((sign(x) * ln(1 + mu |x|) / ln(1 + mu) + 1) / 2 * mu + 0.5) for a sample x in [-1, 1] and mu = levels - 1',
      )
    case 'linear':
      return described('id = floor((x + 1) / 2 * (levels - 1) + 0.5) for a sample x in [-1, 1]')
    case 'series':
      return described('scaled = (value - mean) / std, for each channel')
  }
}

/** Read by transformers' AutoTokenizer. No token is special: a text begins and ends where it does. */
const tokenizerConfig = { tokenizer_class: 'PreTrainedTokenizerFast', clean_up_tokenization_spaces: false, add_prefix_space: false }

const base = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null as unknown,
  pre_tokenizer: null as unknown,
  post_processor: null,
  decoder: { type: 'Fuse' } as unknown,
}

const replace = (from: object, to: string): object => ({ type: 'Replace', pattern: from, content: to })
const sequence = (normalizers: readonly object[]): object => ({ type: 'Sequence', normalizers })
const upper = (letters: readonly string[]): object[] => letters.map((letter) => replace({ String: letter.toLowerCase() }, letter))
/** Lower case as upper, U as T. */
const basesUpper = [replace({ Regex: '[Uu]' }, 'T'), ...upper(BASES)]

/** The parts that a pattern matches, each a piece; `only`: what it does not match is left out. */
const split = (pattern: string, only = false): object => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: only ? 'Removed' : 'Isolated',
  invert: only,
})

const wordLevel = (symbols: readonly string[], unknown: string): object => ({
  type: 'WordLevel',
  vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])),
  unk_token: unknown,
})

/** Each symbol is its own token. The pre-tokenizer cuts between any two characters, so that WordLevel sees one at a time. */
const symbolTokenizer = (symbols: readonly string[], unknown = ''): object => ({
  ...base,
  pre_tokenizer: split('[\\s\\S]'),
  model: wordLevel(symbols, unknown),
})

/** Symbols with blanks between. */
const listTokenizer = (symbols: readonly string[]): object => ({
  ...base,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  decoder: null,
  model: wordLevel(symbols, ''),
})

/** Words of k bases from the frame on; bases that fill no word are left out. A word with a base that is not known is the last symbol. */
const wordTokenizer = (k: number, frame: number, symbols: readonly string[]): object => ({
  ...base,
  normalizer: sequence([...(frame > 0 ? [replace({ Regex: `^[\\s\\S]{0,${frame}}` }, '')] : []), ...basesUpper]),
  pre_tokenizer: split(`[\\s\\S]{${k}}`, true),
  model: wordLevel(symbols, symbols[symbols.length - 1]),
})

const bpeModel = (spelling: readonly string[], merges: readonly number[]): object => ({
  type: 'BPE',
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: false,
  byte_fallback: false,
  vocab: Object.fromEntries(spelling.map((text, id) => [text, id])),
  merges: Array.from({ length: merges.length / 2 }, (_, i) => `${spelling[merges[2 * i]]} ${spelling[merges[2 * i + 1]]}`),
})

/** Bytes as GPT-2's byte-level alphabet names them (Radford et al. 2019), ids in byte order; then what their pairs make. `words`: cut at words first. */
function byteTokenizer(merges: readonly number[], words: boolean): object {
  let next = 256
  const name = Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    return String.fromCodePoint(printable ? byte : next++)
  })
  const spelling = spellings('text', merges).map((text) => Array.from(text, (byte) => name[byte.charCodeAt(0)]).join(''))
  const level = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: words }
  return { ...base, pre_tokenizer: level, decoder: level, model: bpeModel(spelling, merges) }
}

/** Bases and what their pairs make. Blocks are cut first, so that no token depends on bases far away; N stands alone. */
const baseTokenizer = (merges: readonly number[]): object => ({
  ...base,
  normalizer: sequence([...basesUpper, replace({ Regex: '[^ACGT]' }, 'N')]),
  pre_tokenizer: split(`N|[^N]{1,${DNA_BLOCK}}`),
  model: bpeModel(spellings('dna', merges), merges),
})
