/**
 * Everything a front (Electron window, browser, command line) can ask of the core, and everything the core tells it.
 * Types only: ids, paths, shapes and scalars cross a process; batches and weights never do.
 * The one exception is a bounded preview (at most a few thousand points, or ten seconds of sound).
 */
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
} from './dataset.ts'
import type { GenerateRequest, GeneratedChunk } from './generation.ts'
import type { ImportOptions, ImportPreview, SplitChoice } from './importing.ts'
import type { AppInfo, DoctorReport, Job, ProjectInfo, Settings } from './system.ts'
import type {
  Evaluation,
  ExportResult,
  MetricPoint,
  MixerInfo,
  ModelSummary,
  Preset,
  RunConfig,
  RunDetail,
  RunSample,
  RunSummary,
  SettingInfo,
  StartRun,
} from './run.ts'

/** name → [input, output]. A call rejects with a `StrandError` (see errors.ts). */
export interface Calls {
  'app/info': [void, AppInfo]
  /** remeasure: kernels measured on this GPU before are measured again. */
  'system/doctor': [{ remeasure?: boolean } | void, DoctorReport]
  'system/settings': [Partial<Settings> | void, Settings]
  /** Opens a folder of ours in the system's file manager. Electron only; elsewhere it answers false. */
  'system/reveal': [{ path: string }, boolean]
  /** A folder dialog. Electron only; elsewhere it answers null and the front shows a text field. */
  'system/choose-folder': [{ title: string }, string | null]

  'project/current': [void, ProjectInfo]
  'project/recent': [void, ProjectInfo[]]
  'project/open': [{ path: string }, ProjectInfo]
  'project/create': [{ name: string }, ProjectInfo]

  'sample/list': [void, Sample[]]
  /** Imports a bundled sample into the open project. The job's result is `{ datasetId }`. */
  'sample/import': [{ id: string }, { jobId: string }]

  'synthetic/list': [void, TaskInfo[]]
  /** Generates a task as a dataset; what is left out of `options` is as its source has it. The job's result is `{ datasetId }`. */
  'synthetic/generate': [
    { task: string; options?: Record<string, number | string | boolean>; seed?: number; name?: string },
    { jobId: string },
  ]

  /** Looks inside files without importing: what they are, the first records, the problems. Under 300 ms for any size of file. */
  'dataset/inspect': [{ paths: string[]; options?: ImportOptions }, ImportPreview]
  /** Starts an import. The job's result is `{ datasetId }`. */
  'dataset/import': [{ paths: string[]; options: ImportOptions }, { jobId: string }]
  'dataset/list': [void, DatasetSummary[]]
  'dataset/get': [{ id: number }, DatasetDetail]
  /** Distributions of labels, lengths and groups, and what deserves a look. */
  'dataset/quality': [{ id: number }, DatasetQuality]
  /** The records behind a bar of those distributions, at most 500 at once. */
  'dataset/records': [RecordQuery, { total: number; records: RecordRow[] }]
  /** Divides the records anew, without reading the files again: the newest version, as a dataset of its own over the same cells. */
  'dataset/split': [{ id: number; options: SplitChoice }, { datasetId: number }]
  /** All versions of the dataset this one is a version of, oldest first. */
  'dataset/versions': [{ id: number }, DatasetVersion[]]
  /** What the cells are like; seconds for any size, and kept while the project is open. */
  'dataset/signal': [{ id: number }, DatasetSignal]
  'dataset/preview': [PreviewRequest, DatasetPreview]
  'dataset/rename': [{ id: number; name: string }, void]
  'dataset/delete': [{ id: number }, void]

  'model/presets': [{ datasetId: number }, Preset[]]
  /** What layers can be made of, with every option. */
  'model/mixers': [void, MixerInfo[]]
  /** Every setting of a run but those of mixers: its range, default, help and source, from the schema that checks it. */
  'model/settings': [void, SettingInfo[]]
  /** What a configuration would cost, computed without building the model. */
  'model/describe': [{ datasetId: number; config: RunConfig }, ModelSummary]

  'run/start': [StartRun, { runId: number }]
  'run/pause': [{ runId: number }, void]
  /** Continues a paused, stopped or interrupted run from where it is, or from its last checkpoint. */
  'run/resume': [{ runId: number }, void]
  /** Saves a checkpoint, then ends the run. */
  'run/stop': [{ runId: number }, void]
  'run/list': [void, RunSummary[]]
  'run/get': [{ runId: number }, RunDetail]
  'run/metrics': [{ runId: number }, MetricPoint[]]
  'run/rename': [{ runId: number; name: string }, void]
  'run/delete': [{ runId: number }, void]
  /** The job's result is an `Evaluation`, also kept with the run. */
  'run/evaluate': [{ runId: number; split: 'validation' | 'test' }, { jobId: string }]
  'run/evaluations': [{ runId: number }, Evaluation[]]
  /** Streams `generate/chunk` events under the job's id. */
  'run/generate': [GenerateRequest, { jobId: string }]
  /** Writes weights, configuration, tokenizer and card to a folder (by default inside the project) and proves them. The job's result is an `ExportResult`. */
  'run/export': [{ runId: number; folder?: string }, { jobId: string }]
  'run/exports': [{ runId: number }, ExportResult[]]

  'job/list': [void, Job[]]
  'job/cancel': [{ jobId: string }, void]
}

export interface Events {
  'project/changed': ProjectInfo
  'dataset/changed': { id: number; removed?: boolean }
  'run/changed': RunSummary
  'run/metrics': { runId: number; points: MetricPoint[] }
  'run/sample': { runId: number; sample: RunSample }
  'generate/chunk': GeneratedChunk
  /** Sent at each step of progress and once more when the job has ended (`state` other than 'running'). */
  'job/changed': Job
}

export type CallName = keyof Calls
export type Input<K extends CallName> = Calls[K][0]
export type Output<K extends CallName> = Calls[K][1]
export type EventName = keyof Events

/** What the renderer finds as `window.strand`, whichever front it runs in. */
export interface Bridge {
  readonly front: 'electron' | 'web'
  call<K extends CallName>(name: K, input: Input<K>): Promise<Output<K>>
  /** Returns the function that stops listening. */
  on<E extends EventName>(name: E, listener: (payload: Events[E]) => void): () => void
  /** The path the core can read a dropped file from. In the browser this uploads it (streamed) and answers where it lies. */
  pathForFile(file: File, onProgress?: (fraction: number) => void): Promise<string>
}
