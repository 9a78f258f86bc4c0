import type {
  DatasetDetail,
  DatasetPreview,
  DatasetQuality,
  DatasetSignal,
  DatasetSummary,
  DatasetVersion,
  PreviewRequest,
  RecordQuery,
  RecordRow,
  Sample,
  TaskInfo,
} from '../contract/dataset.ts'
import type { GeneratedChunk, GenerateRequest } from '../contract/generation.ts'
import type { ImportOptions, ImportPreview, SplitChoice } from '../contract/importing.ts'
import type { Device, RunChange, TrainingEnd, TrainingNews } from '../../projects/api.ts'
import type {
  Evaluation,
  ExportResult,
  MetricPoint,
  MixerInfo,
  ModelSummary,
  Preset,
  RunConfig,
  RunDetail,
  RunState,
  RunSummary,
  SettingInfo,
  StartRun,
} from '../contract/run.ts'
import type { DoctorReport, ProjectInfo } from '../contract/system.ts'
import type { Progress } from '../core/jobs.ts'

/** What a training run tells between two flushes; written in one go. */
export interface RunNews extends Required<Omit<TrainingNews, 'change'>> {
  change: RunChange & { state?: RunState }
}

/** The data worker: the only writer of project.sqlite, and its reader for the fronts. */
export interface DataMethods {
  /** `write` only with the project's lock; a missing database is made then. */
  'project/open': [{ folder: string; write: boolean }, ProjectInfo, never]
  /** Once after the lock was taken: what a killed Strand left running becomes 'interrupted', half imports are swept. */
  'project/recover': [void, void, never]
  'project/info': [void, ProjectInfo, never]
  'sample/list': [void, Sample[], never]
  'sample/import': [{ id: string }, { datasetId: number }, Progress]
  'synthetic/list': [void, TaskInfo[], never]
  'synthetic/generate': [
    { task: string; options?: Record<string, number | string | boolean>; seed?: number; name?: string },
    { datasetId: number },
    Progress,
  ]
  'dataset/inspect': [{ paths: string[]; options: ImportOptions }, ImportPreview, never]
  'dataset/import': [{ paths: string[]; options: ImportOptions }, { datasetId: number }, Progress]
  'dataset/list': [void, DatasetSummary[], never]
  'dataset/get': [{ id: number }, DatasetDetail, never]
  'dataset/versions': [{ id: number }, DatasetVersion[], never]
  'dataset/signal': [{ id: number }, DatasetSignal, never]
  'dataset/preview': [PreviewRequest, DatasetPreview, never]
  'dataset/quality': [{ id: number }, DatasetQuality, never]
  'dataset/records': [RecordQuery, { total: number; records: RecordRow[] }, never]
  'dataset/split': [{ id: number; options: SplitChoice }, { datasetId: number }, never]
  'dataset/rename': [{ id: number; name: string }, void, never]
  'dataset/delete': [{ id: number }, void, never]
  'model/presets': [{ datasetId: number }, Preset[], never]
  'model/mixers': [void, MixerInfo[], never]
  'model/settings': [void, SettingInfo[], never]
  'model/describe': [{ datasetId: number; config: RunConfig }, ModelSummary, never]
  'run/create': [StartRun, RunSummary, never]
  'run/news': [{ runId: number; news: RunNews }, RunSummary, never]
  /** Before a run goes on from its last checkpoint: forgets what was recorded after it. */
  'run/rewind': [{ runId: number }, void, never]
  'run/list': [void, RunSummary[], never]
  'run/get': [{ runId: number }, RunDetail, never]
  'run/metrics': [{ runId: number }, MetricPoint[], never]
  'run/rename': [{ runId: number; name: string }, void, never]
  'run/delete': [{ runId: number }, void, never]
  'run/evaluations': [{ runId: number }, Evaluation[], never]
  'run/add-evaluation': [Evaluation, void, never]
  'run/exports': [{ runId: number }, ExportResult[], never]
  'run/add-export': [ExportResult, void, never]
}

/** The compute worker: everything that runs a model. It opens the database read-only. */
export interface ComputeMethods {
  train: [{ folder: string; runId: number; device: Device; resume: boolean }, TrainingEnd, TrainingNews]
  /** Resolve when the loop has taken it in (a pause at the next step's end). */
  'train/pause': [void, void, never]
  'train/continue': [void, void, never]
  /** Ends `train` after a checkpoint. */
  'train/stop': [void, void, never]
  evaluate: [{ folder: string; runId: number; split: 'validation' | 'test'; device: Device }, Evaluation, Progress]
  generate: [{ folder: string; request: GenerateRequest; device: Device }, { tokens: number }, Omit<GeneratedChunk, 'jobId'>]
  export: [{ folder: string; runId: number; target: string; device: Device }, ExportResult, Progress]
  doctor: [{ remeasure: boolean }, DoctorReport, Progress]
}
