import type { ReportBuilder } from '../importing/report.ts'
import { count } from '../importing/source.ts'
import { AMBIGUOUS } from './nucleotideCodec.ts'
import { RESIDUES } from './proteinCodec.ts'

/** Byte → what it stores; 0 for anything that needs a look: line ends, '>', blanks, letters that are no nucleotide. */
export const STORED = new Uint8Array(256)
for (const letter of `ACGTN${AMBIGUOUS}`) {
  STORED[letter.charCodeAt(0)] = letter.charCodeAt(0)
  STORED[letter.toLowerCase().charCodeAt(0)] = letter.charCodeAt(0)
}
STORED[0x55] = STORED[0x75] = 0x54 // U → T
STORED[0x58] = STORED[0x78] = 0x4e // X, the mask of old programs → N

/** Reads of old sequencers write an unknown base as a dot. */
export const STORED_READS = Uint8Array.from(STORED)
STORED_READS[0x2e] = 0x4e

/** The bytes that can be counted: walking these few after every short read costs less than walking all 256. */
export const COUNTED: readonly number[] = [...STORED_READS.keys()].filter((byte) => STORED_READS[byte] !== 0)

/** DNA and RNA. */
export const NUCLEOTIDE_ALPHABET: Alphabet = { stored: STORED, whyNot: whyNotStored }

/** Which bytes a parser stores, and as what. */
export interface Alphabet {
  /** Byte → what it stores; 0 for anything that needs a look. */
  readonly stored: Uint8Array
  /** What is wrong with a byte that is not stored: the end of "Line 3 of x.fa holds …". */
  whyNot(byte: number): string
}

const RESIDUES_STORED = new Uint8Array(256)
for (const letter of RESIDUES) {
  RESIDUES_STORED[letter.charCodeAt(0)] = letter.charCodeAt(0)
  RESIDUES_STORED[letter.toLowerCase().charCodeAt(0)] = letter.charCodeAt(0)
}

/** Proteins, one letter a residue. */
export const PROTEIN_ALPHABET: Alphabet = {
  stored: RESIDUES_STORED,
  whyNot: (byte) => (byte === 0x2d || byte === 0x2e ? whyNotStored(byte) : `${shown(byte)}, which is no amino acid`),
}

const PROTEIN = /[EFILPQZJO*]/i

const shown = (byte: number): string => (byte < 0x80 ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16)}`)

/** What a byte that is no nucleotide looks like: the end of "Line 3 of x.fa holds …". */
export function whyNotStored(byte: number): string {
  if (PROTEIN.test(String.fromCharCode(byte)))
    return `${shown(byte)}, which is no nucleotide letter; it looks like protein, which is read where you choose protein as its tokens`
  if (byte === 0x2d || byte === 0x2e) return `${shown(byte)}, a gap of an alignment; Strand reads unaligned sequences`
  return `${shown(byte)}, which is no nucleotide letter`
}

const COMPLEMENT = Uint8Array.from({ length: 256 }, (_, byte) => byte)
for (const [one, other] of ['AT', 'CG', 'RY', 'KM', 'BV', 'DH']) {
  COMPLEMENT[one.charCodeAt(0)] = other.charCodeAt(0)
  COMPLEMENT[other.charCodeAt(0)] = one.charCodeAt(0)
}

/** Stored bases of one strand → those of the other, read in its own direction. */
export function complement(bases: Uint8Array): Uint8Array {
  const out = new Uint8Array(bases.length)
  for (let i = 0, j = bases.length - 1; j >= 0; i++, j--) out[i] = COMPLEMENT[bases[j]]
  return out
}

const sum = (counts: Float64Array, letters: string): number => [...letters].reduce((n, letter) => n + counts[letter.charCodeAt(0)], 0)

/** Share of G and C among known bases, and of all that is neither A, C, G nor T. */
export function letterFacts(counts: Float64Array): { GC?: number; N?: number } {
  const bases = counts.reduce((total, n) => total + n, 0)
  const known = sum(counts, 'ACGTUacgtu')
  return {
    ...(known > 0 ? { GC: +(sum(counts, 'GCgc') / known).toFixed(4) } : {}),
    ...(known < bases ? { N: +((bases - known) / bases).toFixed(6) } : {}),
  }
}

/** What was read as something else, once a file: nothing is changed silently. `lowerIsUsual`: the format writes all bases in lower case. */
export function reportLetters(report: ReportBuilder, file: string, counts: Float64Array, lowerIsUsual: boolean): void {
  const note = (letters: string, kind: string, sentence: (n: string) => string): void => {
    const n = sum(counts, letters)
    if (n > 0) report.add('note', kind, { file }, sentence(count(n)))
  }
  if (!lowerIsUsual)
    note(`acgtun${AMBIGUOUS.toLowerCase()}x`, 'sequence/lower', (n) => `Lower-case letters (soft-masked) were read as upper case: ${n}.`)
  note('Uu', 'sequence/rna', (n) => `U was read as T: ${n}.`)
  note('Xx', 'sequence/mask', (n) => `X (masked) was read as N: ${n}.`)
  note('.', 'sequence/dot', (n) => `"." (an unknown base) was read as N: ${n}.`)
  note(
    AMBIGUOUS + AMBIGUOUS.toLowerCase(),
    'sequence/iupac',
    (n) => `IUPAC letters for more than one base are kept, a model reads them as N: ${n}.`,
  )
}
