import type { GeneratedChunk, GenerateRequest } from '../main/contract/generation.ts'
import type {
  Evaluation,
  ExportResult,
  MetricPoint,
  ModelSummary,
  Preset,
  RunConfig,
  RunSample,
  RunState,
  RunSummary,
  StartRun,
} from '../main/contract/run.ts'
import type { DoctorReport } from '../main/contract/system.ts'
import type { TrainingControl } from './training/control.ts'
import type { NewRun, ReadableStore } from '../datasets/store/store.ts'

/**
 * What the workers call. Every function takes an open project first and never writes to its database: what should be kept
 * is told (`tell`, or the returned value) and written by the data worker. Files (checkpoints, exports) are written here.
 *
 *   data worker     listPresets    projects/presets/listPresets.ts
 *                   describeRun    projects/config/describeRun.ts
 *                   newRun         projects/runs/newRun.ts            store.createRun(writer, newRun(reader, input))
 *   compute worker  trainRun       projects/training/trainRun.ts      with a TrainingControl (projects/training/control.ts)
 *                   evaluateRun    projects/evaluation/evaluateRun.ts
 *                   generateRun    projects/generation/generateRun.ts
 *                   exportRun      projects/exporting/exportRun.ts
 *                   doctor         projects/devices/doctor.ts         tests and measures each backend
 */
export type Device = NonNullable<StartRun['device']>

/** Facts of a run that change while it trains. */
export type RunChange = Partial<
  Pick<
    RunSummary,
    | 'step'
    | 'device'
    | 'message'
    | 'seconds'
    | 'tokensPerSecond'
    | 'stepMs'
    | 'secondsLeft'
    | 'trainLoss'
    | 'validationLoss'
    | 'bestValidationLoss'
    | 'baseline'
    | 'memoryBytes'
    | 'checkpointStep'
  >
>

/** A checkpoint that is complete on disk. */
export interface CheckpointRecord {
  step: number
  /** Relative to the project's folder, with forward slashes. */
  path: string
  bytes: number
  sha256: string
  best: boolean
}

/** What training tells, in the order it happened; `removed` names checkpoints whose files are deleted shortly after. */
export interface TrainingNews {
  checkpoints?: CheckpointRecord[]
  removed?: string[]
  points?: MetricPoint[]
  samples?: RunSample[]
  events?: { step: number; text: string }[]
  change?: RunChange
}

export interface TrainingEnd {
  state: Extract<RunState, 'done' | 'stopped'>
  /** Why it ended before its last step, where that needs saying. */
  message: string | null
}

export interface Progress {
  fraction: number | null
  phase: string
}
export interface Watch {
  signal: AbortSignal
  progress(value: Progress): void
}

export type ListPresets = (store: ReadableStore, input: { datasetId: number }) => Preset[]
export type DescribeRun = (store: ReadableStore, input: { datasetId: number; config: RunConfig }) => ModelSummary
/** The complete, checked configuration of a run about to be created. Throws 'config/invalid' with a sentence. */
export type NewRunOf = (store: ReadableStore, input: StartRun) => NewRun
/** `resume`: from the newest readable checkpoint the database knows. Throws 'diverged', 'disk-full', 'config/invalid', … */
export type TrainRun = (
  store: ReadableStore,
  input: { runId: number; device: Device; resume: boolean },
  control: TrainingControl, // new TrainingControl() of projects/training/control.ts
  tell: (news: TrainingNews) => void,
) => Promise<TrainingEnd>
/** Scores the best checkpoint of the run (the last one where none is marked best). */
export type EvaluateRun = (
  store: ReadableStore,
  input: { runId: number; split: 'validation' | 'test'; device: Device },
  watch: Watch,
) => Promise<Evaluation>
export type GenerateRun = (
  store: ReadableStore,
  input: { request: GenerateRequest; device: Device },
  watch: { signal: AbortSignal; chunk(value: Omit<GeneratedChunk, 'jobId'>): void },
) => Promise<{ tokens: number }>
/** `target` must not exist yet; it appears whole or not at all. */
export type ExportRun = (
  store: ReadableStore,
  input: { runId: number; target: string; device: Device },
  watch: Watch,
) => Promise<ExportResult>
export type Doctor = (input: { remeasure: boolean }, watch: Watch) => Promise<DoctorReport>
