import type { Evaluation, ExportResult } from '../../main/contract/run.ts'
import { all, first, run, type ReadableStore, type WritableStore } from './connection.ts'

/** A checkpoint file that is complete on disk. Insert it only after the file was flushed and renamed. */
export interface Checkpoint {
  step: number
  /** Relative to the project's folder, with forward slashes. */
  path: string
  bytes: number
  sha256: string
  /** Lowest validation loss so far. */
  best: boolean
  createdAt: string
}

interface CheckpointRow extends Omit<Checkpoint, 'best'> {
  best: 0 | 1
}

const CHECKPOINT = 'SELECT step, path, bytes, sha256, best, created_at AS createdAt FROM checkpoint WHERE run_id = ?'
const checkpoint = (row: CheckpointRow): Checkpoint => ({ ...row, best: row.best === 1 })

/** In step order. */
export function listCheckpoints(store: ReadableStore, runId: number): Checkpoint[] {
  return all<CheckpointRow>(store, `${CHECKPOINT} ORDER BY step`, runId).map(checkpoint)
}

export function lastCheckpoint(store: ReadableStore, runId: number): Checkpoint | null {
  const row = first<CheckpointRow>(store, `${CHECKPOINT} ORDER BY step DESC LIMIT 1`, runId)
  return row ? checkpoint(row) : null
}

export function bestCheckpoint(store: ReadableStore, runId: number): Checkpoint | null {
  const row = first<CheckpointRow>(store, `${CHECKPOINT} AND best = 1 ORDER BY step DESC LIMIT 1`, runId)
  return row ? checkpoint(row) : null
}

/** Same run, step and path: replaced. */
export function insertCheckpoint(store: WritableStore, runId: number, spec: Omit<Checkpoint, 'createdAt'>): void {
  run(
    store,
    'INSERT OR REPLACE INTO checkpoint (run_id, step, path, bytes, sha256, best, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    runId,
    spec.step,
    spec.path,
    spec.bytes,
    spec.sha256,
    spec.best ? 1 : 0,
    new Date().toISOString(),
  )
}

/** Forgets a checkpoint by its path; delete the file after this call, never before it. */
export function removeCheckpoint(store: WritableStore, runId: number, path: string): void {
  run(store, 'DELETE FROM checkpoint WHERE run_id = ? AND path = ?', runId, path)
}

export function insertEvaluation(store: WritableStore, evaluation: Evaluation): void {
  run(store, 'INSERT INTO evaluation (run_id, document) VALUES (?, ?)', evaluation.runId, JSON.stringify(evaluation))
}

/** Newest first. */
export function listEvaluations(store: ReadableStore, runId: number): Evaluation[] {
  return documents<Evaluation>(store, 'evaluation', runId)
}

export function insertExport(store: WritableStore, result: ExportResult): void {
  run(store, 'INSERT INTO export (run_id, document) VALUES (?, ?)', result.runId, JSON.stringify(result))
}

/** Newest first. */
export function listExports(store: ReadableStore, runId: number): ExportResult[] {
  return documents<ExportResult>(store, 'export', runId)
}

function documents<T>(store: ReadableStore, table: 'evaluation' | 'export', runId: number): T[] {
  const rows = all<{ document: string }>(store, `SELECT document FROM ${table} WHERE run_id = ? ORDER BY id DESC`, runId)
  return rows.map((row) => JSON.parse(row.document) as T)
}
