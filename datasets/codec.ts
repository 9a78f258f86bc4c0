/**
 * One interface between stored cells and what a model reads. A codec is fixed at import, kept with the dataset as JSON
 * and written beside exported weights, so a model and its symbols never part.
 */
export interface TokenCodec {
  readonly name: CodecJson['kind']
  /** Number of ids; every id is in [0, vocab). */
  readonly vocab: number
  /** The text of each id where one exists: characters, bases. null for bytes and sound levels. */
  readonly symbols: readonly string[] | null
  /** Stored cells (as they lie in the store) → ids. `ids` holds at least as many entries as there are cells. */
  encodeCells(cells: Uint8Array | Int16Array, ids: Int32Array | Uint8Array): void
  /** What a user typed → ids. Throws StrandError 'bad-input' that names the first symbol outside the vocabulary. */
  encode(text: string): Int32Array
  /** ids → text for the screen. Bytes that are not UTF-8 show as U+FFFD. */
  decode(ids: ArrayLike<number>): string
  toJSON(): CodecJson
}

export type CodecJson =
  | { kind: 'nucleotide' }
  | { kind: 'char'; symbols: string[] }
  | { kind: 'byte' }
  | { kind: 'symbols'; symbols: string[] }
  | { kind: 'mu-law'; levels: 256 }
  | { kind: 'series'; channels: string[]; mean: number[]; std: number[] }

/** Element type of a stored cell's numbers. A series row is `channels` of them. */
export type CellType = 'u8' | 'i16' | 'f32'

export const CELL_BYTES: { readonly [K in CellType]: number } = { u8: 1, i16: 2, f32: 4 }

/** What a dataset knows beyond its cells. */
export interface Layout {
  /** audio, Hz */
  sampleRate?: number
  /** A generated task: stream 2 holds the id to answer at each cell (int16), -1 where none is scored. */
  targets?: true
  /** timeseries: stream 1 holds a time stamp (float64 ms since 1970, in the file's own clock) for each row. */
  times?: { stepMs: number | null; dateOnly: boolean }
}
