import type { TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'

export const BASES = ['A', 'C', 'G', 'T', 'N'] as const

/** IUPAC codes that stand for more than one base; to a model they are all N. */
export const AMBIGUOUS = 'RYSWKMBDHV'

/** Byte → id; 255 for a byte that is no nucleotide. Lower case reads as upper, U as T. */
const ID = new Uint8Array(256).fill(255)
for (const [letters, id] of [
  ['Aa', 0],
  ['Cc', 1],
  ['Gg', 2],
  ['TtUu', 3],
  [`NnXx${AMBIGUOUS}${AMBIGUOUS.toLowerCase()}`, 4],
] as const)
  for (const letter of letters) ID[letter.charCodeAt(0)] = id

/** A 0, C 1, G 2, T 3, N 4. Bases that pair add up to 3. */
export const nucleotideCodec: TokenCodec = {
  name: 'nucleotide',
  vocab: 5,
  symbols: BASES,
  encodeCells(cells, ids) {
    for (let i = 0; i < cells.length; i++) ids[i] = ID[cells[i]]
  },
  encode(text) {
    const ids = new Int32Array(text.length)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      const id = code < 256 ? ID[code] : 255
      if (id === 255)
        throw new StrandError('bad-input', `"${text[i]}" at position ${i + 1} is not a nucleotide. Type A, C, G, T or N.`, {
          position: i + 1,
        })
      ids[i] = id
    }
    return ids
  },
  decode(ids) {
    let text = ''
    for (let i = 0; i < ids.length; i++) text += BASES[ids[i]]
    return text
  },
  toJSON: () => ({ kind: 'nucleotide' }),
}

/** The first `n` ids become those of the other strand, read in its own direction. In place. */
export function reverseComplement(ids: Uint8Array, n: number): void {
  for (let i = 0, j = n - 1; i <= j; i++, j--) {
    const a = ids[i]
    const b = ids[j]
    ids[i] = b < 4 ? 3 - b : b
    ids[j] = a < 4 ? 3 - a : a
  }
}
