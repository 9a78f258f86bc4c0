export type Domain = 'genomics' | 'audio' | 'timeseries' | 'text'
export type Split = 'train' | 'validation' | 'test'

export interface ImportOptions {
  name?: string
  domain?: Domain | 'auto'
  /** Fractions of the whole. Default 0.8 / 0.1 / 0.1. */
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
  /** By column name; columns not named keep what was found. */
  roles?: Record<string, ColumnRole>
}

/** A table as it would be read under the present options. */
export interface TableFound extends Required<Omit<TableOptions, 'roles' | 'delimiter'>> {
  /** null where the format has none to choose: Parquet, Arrow, ARFF, JSON. */
  delimiter: NonNullable<TableOptions['delimiter']> | null
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

/** What the records of a dataset are labelled with: classes (a record's label is a place in `names`), or numbers. */
export type Labels = { kind: 'class'; names: string[] } | { kind: 'number' }

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

export interface RecordRow {
  id: number
  name: string
  /** In the dataset's unit: bases, samples, rows, characters. */
  length: number
  split: Split | 'mixed'
  /** Place in the dataset's class names, or the number; null without a label. */
  label: number | null
  /** What it belongs to when records are split by group: speaker, chromosome, document, file. */
  group: string | null
}

/** Bounded data for a picture. `kind` follows the domain. */
export type DatasetPreview =
  | { kind: 'genomics'; record: string; start: number; length: number; sequence: string; overview: { gc: number[]; n: number[] } }
  | {
      kind: 'audio'
      record: string
      start: number
      length: number
      sampleRate: number
      peaks: { min: number[]; max: number[] }
      spectrogram: { frames: number; bins: number; maxHz: number; db: number[] }
      pcm16: string /* base64, little endian, at most 10 s */
    }
  | {
      kind: 'timeseries'
      record: string
      start: number
      length: number
      channels: string[]
      times: string[] | null
      values: (number | null)[][] /* [channel][point], at most 2,000 points, min and max kept */
      step: number
    }
  | {
      kind: 'text'
      record: string
      start: number
      length: number
      text: string
      tokens: { text: string; id: number; answer?: string }[] /* answer: what a task asks for here */
    }

export interface PreviewRequest {
  id: number
  recordId?: number
  start?: number
  length?: number
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
  columns?: string[]
  /** Tables: the first rows, a text for each column. */
  rows?: string[][]
  /** Set for text and tables. */
  encoding?: TextEncoding
  /** Set for tables: every choice as it stands. */
  table?: TableFound
  problems: Problem[]
  /** Set when nothing can be imported: the one sentence to show. */
  refusal?: string
}

export interface DatasetSummary {
  id: number
  name: string
  domain: Domain
  format: string
  records: number
  /** Total, in `unit`. */
  length: number
  unit: 'bases' | 'residues' | 'samples' | 'rows' | 'characters' | 'bytes' | 'tokens'
  createdAt: string
  bytes: number
  /** Hex sha-256 of content, coding and splits: the version runs pin. */
  hash: string
  /** Hex sha-256 of cells, records and labels alone: the same in every version of a dataset that was split anew. */
  contentHash: string
  /** 1 for an import; a new split makes the next one, as a dataset of its own over the same cells. A list shows the newest of each dataset. */
  version: number
  /** null without labels. */
  labels: Labels | null
  /** What the leakage check found, in a sentence; null where it found nothing, or did not run. */
  leaks: string | null
  /** Cross-validation: how many folds a run may test on; 0 for one split. The splits shown are those of fold 0. */
  folds: number
  facts: Record<string, string | number> // "GC", "sample rate", "channels", "symbols", …
}

/** A state of a dataset that never changes. Runs keep pointing at the one they were trained on. */
export interface DatasetVersion {
  /** Dataset number of this version: every call that takes a dataset takes it. */
  id: number
  version: number
  hash: string
  createdAt: string
  /** What differs from the version before, in a sentence; of the first, where it came from. */
  change: string
  records: number
  length: number
  /** Runs trained on it; while there are any it cannot be deleted. */
  runs: number
}

/** Held-out records (or windows of a long record) that training would see too. */
export interface LeakageFinding {
  kind: 'duplicate' | 'reverse-complement' | 'near' | 'overlap'
  units: number
  of: number
  unit: 'records' | 'windows'
  sentence: string
  /** At most ten, the most alike first. `similarity`: share of its pieces found in training. */
  examples: { recordId: number; record: string; position: number; split: Split; otherId: number; other: string; similarity: number }[]
}

export interface LeakageReport {
  /** One sentence for a person: what was found, or that nothing was. */
  sentence: string
  /** Records compared, and the share of the dataset's cells that was looked at: 1 unless it is very large. */
  records: number
  looked: number
  /** Contents that occur more than once in the whole dataset, the records they make up, and those among them with different labels. */
  repeated: { contents: number; records: number; conflicts: number }
  findings: LeakageFinding[]
}

/** Distributions of a dataset's records, bounded, for charts. */
export interface DatasetQuality {
  /** At most 200, the largest first; `label` is the place in the dataset's class names. */
  classes: { label: number; name: string; train: number; validation: number; test: number; mixed: number; records: number }[]
  /** Of labels that are numbers. */
  values: { from: number; to: number; records: number }[]
  unlabelled: number
  /** In the dataset's unit; steps are equal, or equal ratios where lengths lie far apart. A bin ends before `to`, the last one with it. */
  lengths: { from: number; to: number; records: number }[]
  /** At most 50, the largest first. */
  groups: { name: string; records: number }[]
  groupCount: number
  /** What deserves a look, a sentence each. */
  notes: string[]
}

/** Which records to list; what is not given does not matter. */
export interface RecordQuery {
  id: number
  /** null: those without a label. */
  label?: number | null
  value?: { from: number; to: number }
  group?: string
  split?: Split | 'mixed'
  /** Both ends included. */
  length?: { from: number; to: number }
  offset: number
  limit: number
}

/** What the cells of a dataset are like, bounded, for charts. */
export interface DatasetSignal {
  /** How much was looked at: of very large datasets a part, evenly. */
  looked: { records: number; ofRecords: number; cells: number; ofCells: number }
  /** What deserves a look: clipping, silence, unknown bases, gaps; with the first 50 records each. */
  flags: { id: string; title: string; records: number; sentence: string; examples: RecordRow[] }[]
  /** One number of each record: level of sound, GC of DNA, missing share of a series. */
  distribution: { title: string; unit: string; bins: { from: number; to: number; records: number; examples: RecordRow[] }[] }
  /** timeseries: the first 500 channels. `low` and `high` are null where no value is known. */
  channels: { name: string; missing: number; constant: boolean; low: number | null; high: number | null }[]
}

export interface DatasetDetail extends DatasetSummary {
  /** null where it was not checked. */
  leakage: LeakageReport | null

  sources: { name: string; bytes: number; sha256: string }[]
  options: ImportOptions
  recipe: ImportRecipe
  report: ImportReport
  /** In record order; a long record may be cut in three by position. */
  splits: { split: Split; length: number; records: number; from: string; to: string }[]
  splitRule: string // one sentence
  recordsPage: RecordRow[] // the first 500
  codec: { name: string; vocab: number | null; symbols: string[] | null }
}

export interface Sample {
  id: string
  name: string
  domain: Domain
  detail: string
  licence: string
  source: string
  bytes: number
  /** Already in the open project. */
  datasetId: number | null
}

/** A task that Strand generates: data made by a rule, with a known answer. */
export interface TaskInfo {
  id: string // 'parity'
  title: string
  description: string
  citation: string
  domain: Domain
  options: TaskOption[]
}

export interface TaskOption {
  key: string
  help: string
  kind: 'integer' | 'number' | 'boolean' | 'choice' | 'text'
  default: number | boolean | string
  min?: number
  max?: number
  choices?: string[]
}
