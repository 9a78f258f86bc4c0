import type { DatasetSummary, Domain, Split } from '../../main/contract/dataset.ts'
import type { ImportOptions, ImportReport } from '../../main/contract/importing.ts'
import type { CellType, CodecJson, Layout } from '../codec.ts'

export interface NewDataset {
  name: string
  domain: Domain
  format: string
  unit: DatasetSummary['unit']
  cell: CellType
  /** Numbers in a cell: 1, or the columns of a series. */
  channels: number
  /** The cells are letters of which nearly all are A, C, G or T: they are stored four in a byte (packedBases.ts), and read as the letters they are. */
  packed?: boolean
}

/**
 * What an importer says of a record. All but the name is optional and may also be given to `endRecord`, for formats that tell it last:
 *
 *   writer.beginRecord('clip 7')                                            a name alone
 *   writer.beginRecord({ name: 'clip 7', label: 'dog', group: 'ada' })      of class "dog", spoken by Ada
 *   writer.beginRecord({ name: 'row 3', label: 0.71, split: 'test' })       a number to predict, in the published test set
 *   writer.declareClasses(['EI', 'IE', 'N'])                                the file lists its classes: their order, even of one that no record has
 *
 * `label`: a text is the name of a class, a number is a number; null or nothing is "no label". One dataset has one kind.
 * `group`: what belongs together when records are split: speaker, chromosome, document, source file.
 * `split`: where a published data set puts the record; used where the user asks for the published split.
 * `header`: free text the format keeps beside the name (a FASTA header line); not stored, but a label pattern may look into it.
 * The user's own choice of a label source (options.labels, see ../labels) goes before what the format says.
 */
export interface RecordStart {
  name: string
  label?: string | number | null
  group?: string | null
  split?: Split | null
  header?: string
}

export interface PlannedRecord {
  name: string
  start: number
  length: number
  label: number | null
  group: string | null
  /** The split a published data set gives it. */
  fixed: Split | null
}

/** Records in file order, one at a time: an array of them, or the columns a writer keeps a million in. */
export interface RecordList extends Iterable<PlannedRecord> {
  readonly length: number
  at(i: number): PlannedRecord | undefined
  map<T>(use: (record: PlannedRecord, i: number) => T): T[]
  flatMap<T>(use: (record: PlannedRecord, i: number) => readonly T[]): T[]
  forEach(use: (record: PlannedRecord, i: number) => void): void
  every(test: (record: PlannedRecord, i: number) => boolean): boolean
  find(test: (record: PlannedRecord, i: number) => boolean): PlannedRecord | undefined
  findIndex(test: (record: PlannedRecord, i: number) => boolean): number
  reduce<T>(use: (before: T, record: PlannedRecord, i: number) => T, start: T): T
}

export interface SplitPlan {
  rule: string
  /** One entry per record: the split it belongs to whole, or the cuts it is divided by (none: it is not used). */
  records: (Split | { split: Split; start: number; stop: number }[])[]
  /** Cross-validation: the fold of each record. `records` then is the split while fold 0 tests. */
  folds?: { count: number; of: readonly number[] }
}

export interface Sealing {
  sources: { name: string; bytes: number; sha256: string }[]
  options: ImportOptions
  report: ImportReport
  facts: DatasetSummary['facts']
  codec: CodecJson
  /** Cross-validation: the codec while each fold tests, where it is fitted on what trains. */
  foldCodecs?: CodecJson[]
  layout: Layout
  format?: string
  unit?: DatasetSummary['unit']
  plan: SplitPlan
  /** The dataset this is to be the next version of; with the same content as one of its versions, that one is answered and nothing is added. */
  versionOf?: number
}
