import type { DatasetSummary } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import type { CodecJson, Layout } from '../codec.ts'
import type { DatasetWriter, NewDataset, SplitPlan } from '../store/store.ts'
import type { Detected } from './detect.ts'
import type { Names } from './names.ts'
import type { ReportBuilder } from './report.ts'
import type { Source } from './source.ts'

/** What an importer is given. Everything it reads and writes passes through here, so progress, cancelling and clean-up are in one place. */
export interface ImportJob {
  readonly files: readonly { source: Source; detected: Detected }[]
  readonly options: ImportOptions
  readonly report: ReportBuilder
  /** Names given to records so far; an importer asks it for each. */
  readonly names: Names
  /** The pieces of a file's content. Several passes: say which, for the progress bar. */
  read(source: Source, pass?: { index: number; of: number }): AsyncGenerator<Buffer>
  /** Opens the dataset; once an import. */
  write(spec: Omit<NewDataset, 'name'>): DatasetWriter
  phase(text: string): void
  /** How far a file is that is read here and there, 0…1; `read` tells it by itself. */
  at(source: Source, fraction: number, pass?: { index: number; of: number }): void
  readonly signal?: AbortSignal
  /** The project's own folder: for what an import keeps on disk while it runs. */
  readonly folder: string
}

/** What an importer answers when all records are written. */
export interface Imported {
  format: string
  unit: DatasetSummary['unit']
  facts: DatasetSummary['facts']
  layout: Layout
  /** A function where the codec is fitted on the training split. */
  codec: CodecJson | ((plan: SplitPlan) => CodecJson)
  /** Where tokens are learned from the training split, and cut and stored at import (BPE): their codec, instead of the one above. */
  cut?: (plan: SplitPlan) => Promise<CodecJson>
}
