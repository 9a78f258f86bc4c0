import { ONE_BY_ONE, type Frame, type TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'
import { BASE_ID, typedBases } from './nucleotideCodec.ts'

/** The 20 amino acids in alphabetical order of their letters, then selenocysteine U, pyrrolysine O, the ambiguous B J Z, X for any, and * for a stop (IUPAC-IUB 1983). */
export const RESIDUES = [...'ACDEFGHIKLMNPQRSTVWYUOBJZX*']

/** Byte → residue; 255 for a byte that is none. */
export const RESIDUE_ID = new Uint8Array(256).fill(255)
RESIDUES.forEach((letter, id) => {
  RESIDUE_ID[letter.charCodeAt(0)] = id
  RESIDUE_ID[letter.toLowerCase().charCodeAt(0)] = id
})
const ANY = RESIDUES.indexOf('X')

/** The standard genetic code (NCBI translation table 1), codons in the order TTT, TTC, TTA, TTG, TCT, … GGG. */
const STANDARD = 'FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG'
/** Of A 0, C 1, G 2, T 3 in that order T, C, A, G. */
const PLACE = [2, 1, 3, 0]

/** Three bases 0 to 4 → residue; X where one is not known. */
export const translate = (a: number, b: number, c: number): number =>
  a > 3 || b > 3 || c > 3 ? ANY : RESIDUE_ID[STANDARD.charCodeAt(PLACE[a] * 16 + PLACE[b] * 4 + PLACE[c])]

/** One letter for each residue of a protein. */
export const proteinCodec: TokenCodec = {
  name: 'protein',
  vocab: RESIDUES.length,
  symbols: RESIDUES,
  cut: ONE_BY_ONE,
  unitsOf: () => 1,
  encodeCells(cells, ids) {
    for (let i = 0; i < cells.length; i++) ids[i] = RESIDUE_ID[cells[i]]
    return cells.length
  },
  encode: typedResidues,
  decode: lettersOf,
  toJSON: () => ({ kind: 'protein' }),
}

/** DNA read three bases at a time from the frame on, each codon as the residue it codes for. What codon it was is not kept. */
export const aminoAcidCodec = (frame: Frame): TokenCodec => ({
  name: 'amino-acid',
  vocab: RESIDUES.length,
  symbols: RESIDUES,
  cut: { width: 3, stride: 3, frame },
  unitsOf: () => 1,
  encodeCells(cells, ids) {
    const n = Math.floor(cells.length / 3)
    for (let t = 0; t < n; t++) ids[t] = translate(BASE_ID[cells[3 * t]], BASE_ID[cells[3 * t + 1]], BASE_ID[cells[3 * t + 2]])
    return n
  },
  /** Bases are translated; anything else is read as residues. */
  encode(text) {
    if (!/^[ACGTUNacgtun]+$/.test(text)) return typedResidues(text)
    const bases = typedBases(text.slice(frame))
    if (bases.length < 3)
      throw new StrandError('bad-input', `A codon is 3 bases and the prompt has ${bases.length} in its frame. Type more, or nothing.`)
    return Int32Array.from({ length: Math.floor(bases.length / 3) }, (_, t) => translate(bases[3 * t], bases[3 * t + 1], bases[3 * t + 2]))
  },
  decode: lettersOf,
  toJSON: () => ({ kind: 'amino-acid', frame }),
})

function typedResidues(text: string): Int32Array {
  return Int32Array.from(text, (letter, i) => {
    const code = letter.charCodeAt(0)
    const id = code < 256 ? RESIDUE_ID[code] : 255
    if (id === 255)
      throw new StrandError('bad-input', `"${letter}" at position ${i + 1} is no amino acid. Type one-letter codes, such as MKTAYIAK.`, {
        position: i + 1,
      })
    return id
  })
}

function lettersOf(ids: ArrayLike<number>): string {
  let text = ''
  for (let i = 0; i < ids.length; i++) text += RESIDUES[ids[i]]
  return text
}
