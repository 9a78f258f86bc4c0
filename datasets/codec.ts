/** Numbers as they lie in the store. */
export type Cells = Uint8Array | Int16Array | Float32Array
/** Room for token ids; wide enough for the vocabulary. */
export type Ids = Uint8Array | Uint16Array | Int32Array

/**
 * One interface between stored cells and what a model reads. A codec is fixed at import, kept with the dataset as JSON
 * and written beside exported weights, so a model and its symbols never part. The cells stay what they are: bases, bytes, samples.
 */
export interface TokenCodec {
  readonly name: CodecJson['kind']
  /** Number of ids; every id is in [0, vocab). */
  readonly vocab: number
  /** The text of each id where one exists: characters, bases. null for bytes and sound levels. */
  readonly symbols: readonly string[] | null
  /**
   * How stretches of cells become tokens: each reads `width` cells, the next begins `stride` cells later, the first at the first cell
   * whose place in its record leaves `frame` when divided by `width` (null: at the stretch's first cell). Cells that do not fill a token
   * are left out. null: tokens differ in length, are cut once at import and stored beside the cells (BPE).
   */
  readonly cut: { readonly width: number; readonly stride: number; readonly frame: number | null } | null
  /** Units (bases, residues, bytes, characters, samples) that a token adds: what a loss is divided by to compare codecs. */
  unitsOf(id: number): number
  /** Stored cells → ids; answers how many. `cells` begins where a token does. */
  encodeCells(cells: Cells, ids: Ids): number
  /** What a user typed → ids. Throws StrandError 'bad-input' that names the first symbol outside the vocabulary. */
  encode(text: string): Int32Array
  /** ids → text for the screen. Bytes that are not UTF-8 show as U+FFFD. `continued`: without what the id before already told. */
  decode(ids: ArrayLike<number>, continued?: boolean): string
  /** DNA: the first `n` ids become those of the other strand, read in its own direction. In place. */
  reverseComplement?(ids: Ids, n: number): void
  /** Sound: ids → 16-bit samples, to play. */
  toInt16?(ids: ArrayLike<number>): Int16Array<ArrayBuffer>
  toJSON(): CodecJson
}

export type Frame = 0 | 1 | 2

export type CodecJson =
  | { kind: 'nucleotide' }
  | { kind: 'kmer'; k: number; overlap: boolean }
  | { kind: 'codon'; frame: Frame }
  | { kind: 'amino-acid'; frame: Frame }
  | { kind: 'protein' }
  | { kind: 'char'; symbols: string[] }
  | { kind: 'byte' }
  | { kind: 'symbols'; symbols: string[] }
  /** `merges`: the two ids that each further id is made of, one pair after the other; the first ids are bytes or bases. */
  | { kind: 'bpe'; of: 'text' | 'dna'; merges: number[] }
  | { kind: 'mu-law'; levels: number }
  | { kind: 'linear'; levels: number }
  | { kind: 'series'; channels: string[]; mean: number[]; std: number[] }

/** Element type of a stored cell's numbers. A series row is `channels` of them. */
export type CellType = 'u8' | 'i16' | 'f32'

export const CELL_BYTES: { readonly [K in CellType]: number } = { u8: 1, i16: 2, f32: 4 }

/** A cell is a token: what most codecs say about their `cut`. */
export const ONE_BY_ONE = { width: 1, stride: 1, frame: null } as const

/** An array for `n` ids below `vocab`. */
export function idsFor(vocab: number, n: number): Ids {
  return vocab <= 256 ? new Uint8Array(n) : vocab <= 65_536 ? new Uint16Array(n) : new Int32Array(n)
}

/** Of rows with times. */
export interface SeriesTimes {
  /** null: uneven */
  stepMs: number | null
  /** Only days matter. */
  dateOnly: boolean
  /** Seconds from a start, which are no dates. */
  elapsed?: true
  /** Numbers of an order or unit that the file does not name, times 1,000. */
  unnamed?: true
}

/** What a dataset knows beyond its cells. */
export interface Layout {
  /** audio, Hz */
  sampleRate?: number
  /** A generated task: stream 2 holds the id to answer at each cell (int16), -1 where none is scored. */
  targets?: true
  /** timeseries: stream 1 holds a time stamp (float64 ms since 1970, in the file's own clock) for each row. */
  times?: SeriesTimes
  /** Proteins: the unit of a cell, where it is not the one of the domain. */
  unit?: 'residues'
}
