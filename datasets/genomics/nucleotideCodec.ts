import { ONE_BY_ONE, type Ids, type TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'

export const BASES = ['A', 'C', 'G', 'T', 'N'] as const

/** IUPAC codes that stand for more than one base; to a model they are all N. */
export const AMBIGUOUS = 'RYSWKMBDHV'

/** Byte → base, 0 to 4; 255 for a byte that is no nucleotide. Lower case reads as upper, U as T. */
export const BASE_ID = new Uint8Array(256).fill(255)
for (const [letters, id] of [
  ['Aa', 0],
  ['Cc', 1],
  ['Gg', 2],
  ['TtUu', 3],
  [`NnXx${AMBIGUOUS}${AMBIGUOUS.toLowerCase()}`, 4],
] as const)
  for (const letter of letters) BASE_ID[letter.charCodeAt(0)] = id

/** Typed bases → 0 to 4 each, or 'bad-input' naming the first letter that is none. */
export function typedBases(text: string): Uint8Array {
  const ids = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const id = code < 256 ? BASE_ID[code] : 255
    if (id === 255)
      throw new StrandError('bad-input', `"${text[i]}" at position ${i + 1} is not a nucleotide. Type A, C, G, T or N.`, {
        position: i + 1,
      })
    ids[i] = id
  }
  return ids
}

/** A 0, C 1, G 2, T 3, N 4. Bases that pair add up to 3. */
export const nucleotideCodec: TokenCodec = {
  name: 'nucleotide',
  vocab: 5,
  symbols: BASES,
  cut: ONE_BY_ONE,
  unitsOf: () => 1,
  encodeCells(cells, ids) {
    for (let i = 0; i < cells.length; i++) ids[i] = BASE_ID[cells[i]]
    return cells.length
  },
  encode: (text) => Int32Array.from(typedBases(text)),
  decode(ids) {
    let text = ''
    for (let i = 0; i < ids.length; i++) text += BASES[ids[i]]
    return text
  },
  reverseComplement: (ids, n) => reverseEach(ids, n, (id) => (id < 4 ? 3 - id : id)),
  toJSON: () => ({ kind: 'nucleotide' }),
}

/** The first `n` ids in reverse, each through `other`. In place. */
export function reverseEach(ids: Ids, n: number, other: (id: number) => number): void {
  for (let i = 0, j = n - 1; i <= j; i++, j--) {
    const a = ids[i]
    const b = ids[j]
    ids[i] = other(b)
    ids[j] = other(a)
  }
}
