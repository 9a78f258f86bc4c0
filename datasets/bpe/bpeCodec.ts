import type { TokenCodec } from '../codec.ts'
import { BASES, typedBases } from '../genomics/nucleotideCodec.ts'
import { mergeTable, PieceMerger } from './mergePiece.ts'
import { pieceCutter } from './pieces.ts'

/** Words met before are looked up; a text has fewer than this that matter. */
const CACHED_PIECES = 200_000
const LONGEST_CACHED = 64

/** Symbols before any merge. */
export const BPE_BASE: { readonly [K in 'text' | 'dna']: readonly string[] } = {
  text: Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)),
  dna: BASES,
}

/** The spelling of every id: of text, one Latin-1 character for each byte; of DNA, its bases. */
export function spellings(of: 'text' | 'dna', merges: readonly number[]): string[] {
  const spelling = [...BPE_BASE[of]]
  for (let i = 0; i < merges.length; i += 2) spelling.push(spelling[merges[i]] + spelling[merges[i + 1]])
  return spelling
}

/** Byte-pair encoding learned from this dataset's training split: of UTF-8 bytes, or of bases. */
export function bpeCodec(of: 'text' | 'dna', merges: readonly number[]): TokenCodec {
  const spelling = spellings(of, merges)
  const lengths = Uint32Array.from(spelling, (text) => text.length)
  let symbols: string[] | null = null
  return {
    name: 'bpe',
    vocab: spelling.length,
    get symbols() {
      return (symbols ??= of === 'dna' ? spelling : spelling.map((text) => Buffer.from(text, 'latin1').toString('utf8')))
    },
    cut: null,
    unitsOf: (id) => lengths[id],
    encodeCells(cells, ids) {
      let n = 0
      const encoder = new BpeEncoder(of, merges, (tokens, count) => {
        ids.set(tokens.subarray(0, count), n)
        n += count
      })
      encoder.push(cells as Uint8Array)
      encoder.end()
      return n
    },
    encode(text) {
      // letters that are no nucleotide are refused, not read as N
      if (of === 'dna') typedBases(text)
      const bytes = Buffer.from(text, of === 'dna' ? 'latin1' : 'utf8')
      const ids = new Int32Array(bytes.length)
      return ids.slice(0, this.encodeCells(bytes, ids))
    },
    decode(ids) {
      const text = Array.from(ids, (id) => spelling[id]).join('')
      return of === 'dna' ? text : Buffer.from(text, 'latin1').toString('utf8')
    },
    toJSON: () => ({ kind: 'bpe', of, merges: [...merges] }),
  }
}

/** Encodes one stretch of cells in parts: memory does not grow with it. `take` gets tokens in order; they are valid until the next call. */
export class BpeEncoder {
  private readonly merger: PieceMerger
  private readonly cutter: ReturnType<typeof pieceCutter>
  private readonly cache = new Map<string, Int32Array>()
  private ids = new Int32Array(1024)

  constructor(of: 'text' | 'dna', merges: readonly number[], take: (tokens: Int32Array, count: number) => void) {
    this.merger = new PieceMerger(mergeTable(BPE_BASE[of].length, merges))
    this.cutter = pieceCutter(of, (bytes, from, to) => {
      const key = of === 'text' && to - from <= LONGEST_CACHED ? latin1(bytes, from, to) : null
      const known = key === null ? undefined : this.cache.get(key)
      if (known) {
        take(known, known.length)
        return
      }
      if (this.ids.length < to - from) this.ids = new Int32Array(2 * (to - from))
      for (let i = from; i < to; i++) this.ids[i - from] = bytes[i]
      const count = this.merger.merge(this.ids, to - from)
      if (key !== null && this.cache.size < CACHED_PIECES) this.cache.set(key, this.ids.slice(0, count))
      take(this.ids, count)
    })
  }

  push(cells: Uint8Array): void {
    this.cutter.push(cells)
  }

  /** After the last part. The encoder may then begin another stretch. */
  end(): void {
    this.cutter.end()
  }
}

/** Bytes as a string of one character each: a key. */
export const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
