import type { ImportOptions, ImportRecipe, ImportReport } from './importing.ts'

export type Domain = 'genomics' | 'audio' | 'timeseries' | 'text'
export type Split = 'train' | 'validation' | 'test'

/** What the records of a dataset are labelled with: classes (a record's label is a place in `names`), or numbers. */
export type Labels = { kind: 'class'; names: string[] } | { kind: 'number' }

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
  /** What its cells take on disk. */
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
