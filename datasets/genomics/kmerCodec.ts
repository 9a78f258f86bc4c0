import type { CodecJson, Frame, TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'
import { BASE_ID, BASES, reverseEach, typedBases } from './nucleotideCodec.ts'

export const KMER_MIN = 2
export const KMER_MAX = 8

/**
 * Words of k bases, in alphabetical order: A…A is 0, T…T is 4^k − 1, and one id more for every word with a base that is not known.
 * Not overlapping, as the 6-mers of GENERator (Wu et al. 2025, arXiv:2502.07272): a token is k bases, and up to k − 1 bases at the end of a
 * stretch are left out. Overlapping, as DNABERT (Ji et al. 2021): a token begins at every base and tells one base that the one before did not.
 */
export function kmerCodec(k: number, overlap: boolean): TokenCodec {
  if (!Number.isInteger(k) || k < KMER_MIN || k > KMER_MAX)
    throw new StrandError('bad-input', `A k-mer has ${KMER_MIN} to ${KMER_MAX} bases, not ${k}. Choose for example 6.`)
  const stride = overlap ? 1 : k
  return wordCodec({ kind: 'kmer', k, overlap }, k, stride, null)
}

/** Words of three bases from the reading frame on: codons, as tokens of coding sequences. */
export const codonCodec = (frame: Frame): TokenCodec => wordCodec({ kind: 'codon', frame }, 3, 3, frame)

function wordCodec(json: CodecJson, k: number, stride: number, frame: number | null): TokenCodec {
  const unknown = 4 ** k
  const word = (id: number): string => {
    if (id >= unknown) return 'N'.repeat(k)
    let text = ''
    for (let place = k - 1; place >= 0; place--) text += BASES[(id >> (2 * place)) & 3]
    return text
  }
  /** Bases 0 to 4 → ids; a base of 4 spoils the words it lies in. */
  const words = (count: number, base: (i: number) => number, put: (at: number, id: number) => void): number => {
    const n = Math.max(0, Math.floor((count - k) / stride) + 1)
    for (let t = 0; t < n; t++) {
      let id = 0
      for (let i = 0; i < k; i++) {
        const b = base(t * stride + i)
        if (b > 3) {
          id = unknown
          break
        }
        id = id * 4 + b
      }
      put(t, id)
    }
    return n
  }
  let symbols: string[] | null = null
  return {
    name: json.kind,
    vocab: unknown + 1,
    get symbols() {
      return (symbols ??= Array.from({ length: unknown + 1 }, (_, id) => word(id)))
    },
    cut: { width: k, stride, frame },
    unitsOf: () => stride,
    encodeCells: (cells, ids) =>
      words(
        cells.length,
        (i) => BASE_ID[cells[i]],
        (t, id) => (ids[t] = id),
      ),
    encode(text) {
      const bases = typedBases(text)
      const from = frame ?? 0
      if (text.length < from + k)
        throw new StrandError(
          'bad-input',
          `A token is ${k} bases and the prompt has ${text.length}. Type at least ${from + k}, or nothing.`,
        )
      const ids = new Int32Array(bases.length)
      const n = words(
        bases.length - from,
        (i) => bases[from + i],
        (t, id) => (ids[t] = id),
      )
      return ids.slice(0, n)
    },
    decode(ids, continued = false) {
      let text = ''
      for (let t = 0; t < ids.length; t++) text += t === 0 && !continued ? word(ids[t]) : word(ids[t]).slice(k - stride)
      return text
    },
    reverseComplement: (ids, n) =>
      reverseEach(ids, n, (id) => {
        if (id >= unknown) return id
        let other = 0
        for (let place = 0; place < k; place++) other = other * 4 + 3 - ((id >> (2 * place)) & 3)
        return other
      }),
    toJSON: () => json,
  }
}
