import type { CodecJson } from '../../datasets/codec.ts'
import { BASES } from '../../datasets/genomics/nucleotideCodec.ts'

export interface TokenizerFile {
  readonly name: 'tokenizer.json' | 'codec.json'
  readonly content: unknown
}

/**
 * How text becomes ids. Characters, bytes and bases as a Hugging Face `tokenizers` file (Tokenizer.from_file): no merges, one symbol a token.
 * Sound and series have no such standard; codec.json says what their numbers mean.
 */
export function tokenizerFile(codec: CodecJson): TokenizerFile {
  switch (codec.kind) {
    case 'char':
      return { name: 'tokenizer.json', content: symbolTokenizer(codec.symbols, null) }
    case 'symbols':
      return { name: 'tokenizer.json', content: wordTokenizer(codec.symbols) }
    case 'nucleotide':
      return { name: 'tokenizer.json', content: symbolTokenizer([...BASES], 'N') }
    case 'byte':
      return { name: 'tokenizer.json', content: byteTokenizer() }
    case 'mu-law':
      return {
        name: 'codec.json',
        content: { ...codec, rule: 'id = floor((sign(x) * ln(1 + 255 |x|) / ln(256) + 1) / 2 * 255 + 0.5) for a sample x in [-1, 1]' },
      }
    case 'series':
      return { name: 'codec.json', content: { ...codec, rule: 'scaled = (value - mean) / std, for each channel' } }
  }
}

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

/** Each symbol is its own token. The pre-tokenizer cuts between any two characters, so that WordLevel sees one at a time. */
function symbolTokenizer(symbols: readonly string[], unknown: string | null): unknown {
  return {
    ...base,
    normalizer:
      unknown === 'N' ? { type: 'Sequence', normalizers: [{ type: 'Replace', pattern: { Regex: '[Uu]' }, content: 'T' }, ...upper] } : null,
    pre_tokenizer: { type: 'Split', pattern: { Regex: '[\\s\\S]' }, behavior: 'Isolated', invert: false },
    model: { type: 'WordLevel', vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])), unk_token: unknown ?? '' },
  }
}

/** Symbols with blanks between. */
function wordTokenizer(symbols: readonly string[]): unknown {
  return {
    ...base,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])), unk_token: '' },
  }
}

const upper = ['a', 'c', 'g', 't', 'n'].map((base) => ({ type: 'Replace', pattern: { String: base }, content: base.toUpperCase() }))

/** Bytes as GPT-2's byte-level alphabet names them (Radford et al. 2019), ids in byte order. */
function byteTokenizer(): unknown {
  const vocab: Record<string, number> = {}
  let next = 256
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    vocab[String.fromCodePoint(printable ? byte : next++)] = byte
  }
  return {
    ...base,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges: [],
    },
  }
}
