import type { RunConfig, RunDetail, RunState, RunSummary, Baseline, Metric } from '../../main/contract/run.ts'
import type { Domain } from '../../main/contract/dataset.ts'
import { StrandError } from '../errors.ts'
import { all, first, run, transaction, type ReadableStore, type SqlValue, type WritableStore } from './connection.ts'
import { getDataset } from './datasets.ts'
import { listEvents, listSamples } from './runLog.ts'

interface RunRow {
  id: number
  name: string
  dataset_id: number
  dataset_hash: string
  dataset_name: string
  domain: Domain
  preset: string
  config: string
  state: RunState
  message: string | null
  step: number
  steps: number
  device: string
  started_at: string
  seconds: number
  tokens_per_second: number | null
  step_ms: number | null
  seconds_left: number | null
  train_loss: number | null
  validation_loss: number | null
  best_validation_loss: number | null
  baseline: string | null
  metric: string
  parameters: number
  memory_bytes: number | null
  checkpoint_step: number | null
}

const SELECT = `
  SELECT run.*, dataset.name AS dataset_name, dataset.domain AS domain,
    (SELECT max(step) FROM checkpoint WHERE checkpoint.run_id = run.id) AS checkpoint_step
  FROM run JOIN dataset ON dataset.id = run.dataset_id`

const summary = (row: RunRow): RunSummary => ({
  id: row.id,
  name: row.name,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name,
  domain: row.domain,
  preset: row.preset,
  state: row.state,
  message: row.message,
  step: row.step,
  steps: row.steps,
  device: row.device,
  startedAt: row.started_at,
  seconds: row.seconds,
  tokensPerSecond: row.tokens_per_second,
  stepMs: row.step_ms,
  secondsLeft: row.seconds_left,
  trainLoss: row.train_loss,
  validationLoss: row.validation_loss,
  bestValidationLoss: row.best_validation_loss,
  baseline: row.baseline === null ? null : (JSON.parse(row.baseline) as Baseline),
  metric: JSON.parse(row.metric) as Metric,
  memoryBytes: row.memory_bytes,
  checkpointStep: row.checkpoint_step,
})

function runRow(store: ReadableStore, id: number): RunRow {
  const row = first<RunRow>(store, `${SELECT} WHERE run.id = ?`, id)
  if (!row) throw new StrandError('not-found', `There is no run ${id} in this project. List the runs to see their numbers.`, { run: id })
  return row
}

/** Newest first. */
export function listRuns(store: ReadableStore): RunSummary[] {
  return all<RunRow>(store, `${SELECT} ORDER BY run.id DESC`).map(summary)
}

export function getRun(store: ReadableStore, id: number): RunSummary {
  return summary(runRow(store, id))
}

export function getRunDetail(store: ReadableStore, id: number): RunDetail {
  const row = runRow(store, id)
  return {
    ...summary(row),
    config: JSON.parse(row.config) as RunConfig,
    parameters: row.parameters,
    datasetHash: row.dataset_hash,
    samples: listSamples(store, id),
    events: listEvents(store, id),
  }
}

export interface NewRun {
  name: string
  datasetId: number
  preset: string
  config: RunConfig
  device: string
  metric: Metric
  parameters: number
  baseline?: Baseline | null
}

/** A queued run, pinned to the dataset's present hash. Answers its id. */
export function createRun(store: WritableStore, spec: NewRun): number {
  const dataset = getDataset(store, spec.datasetId)
  return run(
    store,
    `INSERT INTO run (name, dataset_id, dataset_hash, preset, config, state, steps, device, started_at, metric, parameters, baseline)
     VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)`,
    spec.name,
    spec.datasetId,
    dataset.hash,
    spec.preset,
    JSON.stringify(spec.config),
    spec.config.training.steps + (spec.config.pretraining?.steps ?? 0),
    spec.device,
    new Date().toISOString(),
    JSON.stringify(spec.metric),
    spec.parameters,
    spec.baseline ? JSON.stringify(spec.baseline) : null,
  ).id
}

/** Fields of a run that change while it lives. `checkpointStep` follows from the checkpoints, `bestValidationLoss` from the metrics unless given. */
export type RunPatch = Partial<
  Pick<
    RunSummary,
    | 'name'
    | 'state'
    | 'message'
    | 'step'
    | 'steps'
    | 'device'
    | 'seconds'
    | 'tokensPerSecond'
    | 'stepMs'
    | 'secondsLeft'
    | 'trainLoss'
    | 'validationLoss'
    | 'bestValidationLoss'
    | 'baseline'
    | 'metric'
    | 'memoryBytes'
  > &
    Pick<RunDetail, 'parameters' | 'config'>
>

const COLUMNS: { readonly [K in keyof Required<RunPatch>]: string } = {
  name: 'name',
  state: 'state',
  message: 'message',
  step: 'step',
  steps: 'steps',
  device: 'device',
  seconds: 'seconds',
  tokensPerSecond: 'tokens_per_second',
  stepMs: 'step_ms',
  secondsLeft: 'seconds_left',
  trainLoss: 'train_loss',
  validationLoss: 'validation_loss',
  bestValidationLoss: 'best_validation_loss',
  baseline: 'baseline',
  metric: 'metric',
  memoryBytes: 'memory_bytes',
  parameters: 'parameters',
  config: 'config',
}

/** Changes the fields given, leaves the others; answers the run as it now is. */
export function updateRun(store: WritableStore, id: number, patch: RunPatch): RunSummary {
  runRow(store, id)
  const keys = (Object.keys(COLUMNS) as (keyof RunPatch)[]).filter((key) => patch[key] !== undefined)
  if (keys.length > 0) {
    const values = keys.map((key): SqlValue => {
      const value = patch[key]
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as SqlValue)
    })
    run(store, `UPDATE run SET ${keys.map((key) => `${COLUMNS[key]} = ?`).join(', ')} WHERE id = ?`, ...values, id)
  }
  return getRun(store, id)
}

/**
 * Called when a project is opened: whatever still says it runs was killed with its process.
 * Answers the ids that changed.
 */
export function markInterrupted(store: WritableStore, message: string): number[] {
  return transaction(store, () => {
    const ids = all<{ id: number }>(store, `SELECT id FROM run WHERE state IN ('queued', 'running', 'paused')`).map((row) => row.id)
    for (const id of ids) run(store, `UPDATE run SET state = 'interrupted', message = ?, seconds_left = NULL WHERE id = ?`, message, id)
    return ids
  })
}

/** Removes the run and all rows that belong to it; answers the checkpoint paths, relative to the project, for the caller to delete. */
export function deleteRun(store: WritableStore, id: number): string[] {
  runRow(store, id)
  return transaction(store, () => {
    const paths = all<{ path: string }>(store, 'SELECT path FROM checkpoint WHERE run_id = ?', id).map((row) => row.path)
    run(store, 'DELETE FROM run WHERE id = ?', id)
    return paths
  })
}
