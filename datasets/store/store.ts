/**
 * The store: one project is one folder with `project.sqlite`, `checkpoints/`, `exports/` and `uploads/`.
 * This folder is the only user of better-sqlite3. Import everything from this file.
 *
 * Opening
 *   openProject(folder): WritableStore           creates the folder and schema when new, migrates an older one, removes unfinished imports.
 *                                                Only the data worker (or the command line in its place) does this.
 *   openProjectReadonly(folder): ReadableStore   for the compute worker; sees each commit of the writer at its next query.
 *   isProject(folder) · checkProject(store) · store.close() · store.folder
 *   Errors: 'database/newer', 'database/damaged', 'disk-full', 'busy', 'not-found', 'bad-input', all StrandError with a sentence.
 *
 * Every query is a plain synchronous function that takes the store first. Functions that write ask for a WritableStore, so a
 * reader that tries does not compile. Hold no query open across an await; there is no iterator to hold.
 *
 * Datasets (datasets.ts, records.ts)
 *   listDatasets(store): DatasetSummary[]        getDataset(store, id)        findDataset(store, nameOrId)
 *   getDatasetDetail(store, id): DatasetDetail   renameDataset(store, id, name)   deleteDataset(store, id)  refused while runs use it
 *   listVersions(store, id): DatasetVersion[]    every id is one version, which never changes; lists show the newest of each dataset
 *   addVersion(store, id, { change, plan, codec?, options? }): id of a version with other splits, sharing the cells (versions.ts)
 *   listRecords(store, id, offset, limit): RecordRow[]    getRecord(store, id, recordId?)    listSegments(store, id, split)
 *   Labels: an importer says { name, label?, group?, split? } to DatasetWriter.beginRecord (or the late part to endRecord), and
 *   declareClasses where a file lists them; see RecordStart in importing.ts. DatasetSummary.labels and RecordRow.label/group tell them.
 *   listTokenSpans(store, id): where the tokens of each stretch lie, for codecs that cut them at import
 *   Importing is in ../importing (importFiles); reading for training in ../batching; pictures in ../preview.
 *   getStoredDataset(store, id) and readCells(store, dataset, start, count) serve those two.
 *
 * Runs (runs.ts)
 *   createRun(store, { name, datasetId, preset, config, device, metric, parameters, baseline? }): id      state 'queued'
 *   updateRun(store, id, patch): RunSummary      any of state, message, step, steps, device, seconds, tokensPerSecond, stepMs, secondsLeft,
 *                                                trainLoss, validationLoss, bestValidationLoss, baseline, metric, memoryBytes, parameters, config, name
 *   listRuns(store): RunSummary[]  newest first  getRun(store, id): RunSummary        getRunDetail(store, id): RunDetail
 *   markInterrupted(store, message): ids         on opening a project: what still says queued, running or paused was killed
 *   deleteRun(store, id): string[]               the checkpoint paths to delete, relative to the project
 *
 * A run's course (runLog.ts)
 *   appendMetrics(store, runId, points)          one transaction; moves step and losses of the run on; a repeated step replaces
 *   listMetrics(store, runId): MetricPoint[]     dropMetricsAfter(store, runId, step)  before resuming from an older checkpoint
 *   appendSample · listSamples · appendEvent · listEvents
 *
 * A run's results (runResults.ts)
 *   insertCheckpoint(store, runId, { step, path, bytes, sha256, best })   after the file was flushed and renamed
 *   listCheckpoints · lastCheckpoint · bestCheckpoint · removeCheckpoint(store, runId, path)
 *   insertEvaluation(store, evaluation) · listEvaluations(store, runId)   newest first
 *   insertExport(store, result) · listExports(store, runId)               newest first
 *
 * Crash safety: write-ahead log, synchronous NORMAL. A crash loses at most the last commits, never the order of them.
 * An import is many short transactions under a dataset in state 'importing', which no query shows; sealing flips it in one.
 * That keeps memory and the log bounded for any size of file, and lets metrics be written while a genome comes in.
 *
 * Example
 *   const store = openProject('/home/ada/genomes')
 *   const { datasetId } = await importFiles(store, { paths: ['lambda.fa.gz'], options: {} })
 *   const runId = createRun(store, { name: 'first', datasetId, preset: 'mamba-small', config, device: 'cpu', metric, parameters: 214_000 })
 *   updateRun(store, runId, { state: 'running' })
 *   appendMetrics(store, runId, [{ step: 10, trainLoss: 1.36, learningRate: 1e-3, gradNorm: 0.9, tokensPerSecond: 21_000 }])
 *   store.close()
 */
export { checkProject, isProject, openProject, openProjectReadonly } from './open.ts'
export type { ReadableStore, WritableStore } from './connection.ts'
export {
  deleteDataset,
  findDataset,
  getDataset,
  getDatasetDetail,
  getStoredDataset,
  listDatasets,
  renameDataset,
  type StoredDataset,
} from './datasets.ts'
export {
  getRecord,
  iterateRecords,
  labelsById,
  listRecords,
  listSegments,
  listTokenSpans,
  type Segment,
  type StoredRecord,
} from './records.ts'
export { getLeakage, getSignal, setLeakage, setSignal } from './findings.ts'
export { fourCodes, FOUR_LETTERS, unpackBases, viewOf } from './packedBases.ts'
export { CELLS, CHUNK_BYTES, entryBytes, readCells, readChunk, TARGETS, TIMES, TOKENS } from './cells.ts'
export { addVersion, listVersions, plannedRecords, type NewVersion } from './versions.ts'
export { DatasetWriter } from './importing.ts'
export type { NewDataset, PlannedRecord, RecordList, RecordStart, Sealing, SplitPlan } from './newDataset.ts'
export { readReport } from './reports.ts'
export { createRun, deleteRun, getRun, getRunDetail, listRuns, markInterrupted, updateRun, type NewRun, type RunPatch } from './runs.ts'
export { appendEvent, appendMetrics, appendSample, dropMetricsAfter, listEvents, listMetrics, listSamples } from './runLog.ts'
export {
  bestCheckpoint,
  insertCheckpoint,
  insertEvaluation,
  insertExport,
  lastCheckpoint,
  listCheckpoints,
  listEvaluations,
  listExports,
  removeCheckpoint,
  type Checkpoint,
} from './runResults.ts'
