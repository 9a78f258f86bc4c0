import type { Domain } from './dataset.ts'
import type { ErrorCode } from './errors.ts'

export interface ImportOptions {
  name?: string
  domain?: Domain | 'auto'
  /**
   * What a bad record does: end the import, be left out and reported, or be mended where nothing is invented (a short row gets missing values,
   * a broken character the mark for one) and left out otherwise. Repairs that lose nothing are always made and reported.
   */
  onProblem?: 'stop' | 'skip' | 'fix'
  /** Fractions of the whole, in the domain's order (by position, record or time). Default 0.8 / 0.1 / 0.1. */
  split?: { train: number; validation: number; test: number }
  /**
   * What the split goes by. Records are divided before windows are cut.
   *   auto        the honest choice the records allow, in this order: published, group, stratified, then position, order or random by domain
   *   position    every record cut by position (a series in time), train first
   *   order       whole records in file order
   *   random      whole records, shuffled
   *   stratified  whole records, the same share of every class
   *   group       whole groups: speakers, chromosomes, documents
   *   published   as the files (train, dev, test) or the format say
   */
  splitBy?: 'auto' | 'position' | 'order' | 'random' | 'stratified' | 'group' | 'published'
  /** Groups, or records, held out by name: { test: ['chr8'], validation: ['chr9'] }. All others train. */
  splitHold?: { validation?: string[]; test?: string[] }
  /** Of everything drawn by chance in a split; the same seed gives the same split. */
  splitSeed?: number
  /** Cross-validation with so many folds (a run chooses which one tests), or leaving one group out at a time. */
  folds?: number | 'groups'
  /** Exact rows instead, for published protocols on one series ("8640,11520,14400": ends of train, validation, test). */
  splitRows?: [number, number, number]
  /**
   * How stored cells become tokens; the first of a domain is its default.
   * text: 'char' (at most 256 symbols, else byte), 'byte', 'bpe'. genomics: 'nucleotide', 'kmer', 'codon', 'amino-acid' (DNA translated),
   * 'protein' (the file holds proteins), 'bpe'. audio: 'mu-law', 'linear', 'continuous' (numbers, for forecasting).
   */
  tokens?: 'char' | 'byte' | 'bpe' | 'nucleotide' | 'kmer' | 'codon' | 'amino-acid' | 'protein' | 'mu-law' | 'linear' | 'continuous'
  /** kmer: bases in a token, 2 to 8; default 6 */
  k?: number
  /** kmer: a token begins at every base, not at every k-th; default false */
  overlap?: boolean
  /** codon, amino-acid: the first base of a record that begins a codon; default 0 */
  frame?: 0 | 1 | 2
  /** bpe: most tokens there may be, the bytes or bases included; default 1,024 */
  vocab?: number
  /** mu-law, linear: bits of a level, 4 to 12; default 8 */
  bits?: number
  /** BED, GFF3: bases added on each side of a region. VCF: a window of so many around each variant, instead of whole sequences */
  flank?: number
  /** GFF3: feature types to keep; default all but those that are the sequence itself */
  features?: string[]
  /** BED with blocks: only the blocks, joined */
  splice?: boolean
  /** FASTQ: ends of reads below this quality are cut off */
  minQuality?: number
  /** FASTQ: shorter reads are left out, after trimming */
  minLength?: number
  /** FASTQ: scale of the qualities; told from the first reads where it is not given */
  phred?: 33 | 64
  /** audio: the files are samples and nothing else, coded so (`be`: high byte first), the channels one after another */
  pcm?: {
    coding: 'u8' | 's8' | 's16' | 's24' | 's32' | 'f32' | 'f64' | 'alaw' | 'mulaw' | 's16be' | 's24be' | 's32be' | 'f32be' | 'f64be'
    rate: number
    channels: number
  }
  /**
   * timeseries: what a missing value, or a hole in time, becomes: stays missing and is masked, repeats the last value, lies on the line between
   * its neighbours, ends the record (a new one begins behind it), or ends the import. It is always reported.
   */
  missing?: 'mask' | 'previous' | 'linear' | 'split' | 'stop'
  /** audio: stored sample rate in Hz; default the file's own */
  sampleRate?: number
  /** The dataset these files are the next version of: the same source changed, or with files added. Give all files, not only the new ones. */
  versionOf?: number
  /** Default: what the format itself says, else no labels. */
  labels?: LabelSource
  /** text: a record for each file (the default), or for each line. Tables and JSON with a column of texts give a record for each row, unless 'files' is chosen. */
  records?: 'files' | 'lines'
  /** Of a generated dataset: what made it. Not an option of an import. */
  synthetic?: { task: string; seed: number; options: Record<string, number | string | boolean> }
  /** How the letters of a text or table are coded; default: found from the bytes, and reported when it is not UTF-8. */
  encoding?: TextEncoding
  /** Tables (CSV and kin, Parquet, Arrow, Excel, ARFF, JSON lines): overrules what was found, one by one. */
  table?: TableOptions
  /** NumPy arrays: what the axes are. Default: by their number and lengths. */
  axes?: ArrayAxes
  /** The files and folders given, by name: kept with the dataset, so that its recipe can find them again. Set by the import. */
  from?: string[]
}

/** What a split goes by; the same words as in an import. */
export type SplitChoice = Pick<ImportOptions, 'split' | 'splitRows' | 'splitBy' | 'splitHold' | 'splitSeed' | 'folds'>

/**
 * Where the label of each record comes from, and its group and published split where the same place tells them.
 *   folder   the name of the folder that the file lies in; with a pattern, its groups in the whole path
 *   file     the file's name without endings (two FASTA files are two classes); with a pattern, its groups in the name
 *   header   a pattern's groups in the line a FASTA record begins with
 *   line     text, a record for each line: the first word, or what comes before a tab; or a pattern's groups `label` and `text`
 *   column   a table, a record for each row: `column` holds the label, `text` the text or sequence (without it the row's numbers are a
 *            series), `group` what belongs together
 *   feature  GenBank and EMBL: each feature of these types is a record of its own, cut out of its sequence and labelled with its type
 *   none     no labels, whatever the format says
 */
export interface LabelSource {
  from: 'folder' | 'file' | 'header' | 'line' | 'column' | 'feature' | 'none'
  /**
   * A regular expression with the named groups `label`, `group`, `split`: `(?<label>\d)_(?<group>[a-z]+)_\d+\.wav`. `split` holds a word such as
   * train or dev; or the groups `train`, `validation` and `test` say it by which of them matches: `_(?:(?<test>[0-4])|(?<train>\d+))\.wav`
   */
  pattern?: string
  column?: string
  text?: string
  group?: string
  features?: string[]
  /** Labels are numbers to predict, not classes. */
  numbers?: boolean
}

export type TextEncoding =
  | 'utf-8'
  | 'utf-16le'
  | 'utf-16be'
  | 'utf-32le'
  | 'utf-32be'
  | 'windows-1250'
  | 'windows-1251'
  | 'windows-1252'
  | 'windows-1253'
  | 'windows-1254'
  | 'windows-1255'
  | 'windows-1256'
  | 'windows-1257'
  | 'iso-8859-2'
  | 'koi8-r'
  | 'shift_jis'
  | 'euc-jp'
  | 'gb18030'
  | 'big5'
  | 'euc-kr'

/** What a column is for. 'id' names the record a row belongs to; 'group' keeps records together in a split. */
export type ColumnRole = 'time' | 'value' | 'label' | 'group' | 'id' | 'text' | 'sequence' | 'ignore'

export interface TableOptions {
  /** ' ' stands for any run of blanks. */
  delimiter?: ',' | ';' | '\t' | '|' | ' '
  decimal?: '.' | ','
  thousands?: 'none' | ',' | '.' | ' ' | "'"
  header?: boolean
  /** A row of units below the header, passed over. */
  units?: boolean
  /** 'moments': a row is a moment, its columns are channels. 'series': a row is a whole series of one channel. */
  rows?: 'moments' | 'series'
  /** Rows of a record as the file has them (the default), or put in order of time: for a table that begins with its newest rows. */
  order?: 'file' | 'time'
  /** By column name; columns not named keep what was found. */
  roles?: Record<string, ColumnRole>
}

/** A table as it would be read under the present options. */
export interface TableFound extends Required<Omit<TableOptions, 'roles' | 'delimiter'>> {
  /** null where the format has none to choose: Parquet, Arrow, ARFF, JSON. */
  delimiter: NonNullable<TableOptions['delimiter']> | null
  /** Its rows run from the newest to the oldest. */
  newestFirst: boolean
  columns: { name: string; role: ColumnRole; why?: string }[]
}

export type ArrayAxes = 'time' | 'time-channel' | 'record-time' | 'record-time-channel' | 'record-channel-time'

/** A saved way of importing: the options, and which files they were for. `strand import --recipe` runs it again. */
export interface ImportRecipe {
  version: 1
  /** Paths beside the recipe file; "*" and "?" stand for any letters of a name. */
  files: string[]
  options: Omit<ImportOptions, 'from' | 'versionOf' | 'synthetic'>
}

export interface Problem {
  severity: 'repaired' | 'skipped' | 'refused' | 'note'
  file: string
  /** 1-based. */
  line?: number
  byte?: number
  message: string
}

export interface ImportReport {
  accepted: number
  repaired: number
  skipped: number
  refused: number
  /** The first 1,000; the counts above are complete. */
  problems: Problem[]
}

export interface ImportPreview {
  domain: Domain
  format: string // "FASTA", "WAV, 16-bit PCM, 44.1 kHz, stereo", …
  /** Why Strand thinks so. */
  reason: string
  suggestedName: string
  bytes: number
  compressed: boolean
  records: number | null // null when only a full read would tell
  /** `label`, `group`: what the choice of labels finds, null where it finds nothing; left out where nothing was chosen, or only a full read tells. */
  firstRecords: { name: string; length: number | null; excerpt: string; label?: string | null; group?: string | null }[]
  /** Sounds: how the first one begins, as the lowest and highest sample in [−1, 1] of each of at most 400 steps. */
  sound?: { seconds: number; min: number[]; max: number[] }
  columns?: string[]
  /** Tables: the first rows, a text for each column. */
  rows?: string[][]
  /** Set where the files themselves say what their tokens are: proteins. */
  tokens?: ImportOptions['tokens']
  /** Set for text and tables. */
  encoding?: TextEncoding
  /** Set for tables: every choice as it stands. */
  table?: TableFound
  problems: Problem[]
  /** Set when nothing can be imported: the one sentence to show. */
  refusal?: string
  /** Its kind. */
  refusalCode?: ErrorCode
}
