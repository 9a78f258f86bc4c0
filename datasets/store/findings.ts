import type { DatasetSignal, LeakageReport } from '../../main/contract/dataset.ts'
import { first, run, type ReadableStore, type WritableStore } from './connection.ts'

/** What was found out about a version after it was made: no part of it, and the same whenever it is found out again. */

const found = (store: ReadableStore, column: 'leakage' | 'signal', id: number): unknown => {
  const row = first<{ json: string | null }>(store, `SELECT ${column} AS json FROM dataset WHERE id = ?`, id)
  return row?.json ? JSON.parse(row.json) : null
}

/** What the leakage check found; null where it was not made. */
export const getLeakage = (store: ReadableStore, id: number): LeakageReport | null => found(store, 'leakage', id) as LeakageReport | null

export function setLeakage(store: WritableStore, id: number, report: LeakageReport): void {
  run(store, 'UPDATE dataset SET leakage = ? WHERE id = ?', JSON.stringify(report), id)
}

/** What a look at all cells found; null where nobody looked yet. */
export const getSignal = (store: ReadableStore, id: number): DatasetSignal | null => found(store, 'signal', id) as DatasetSignal | null

export function setSignal(store: WritableStore, id: number, signal: DatasetSignal): void {
  run(store, 'UPDATE dataset SET signal = ? WHERE id = ?', JSON.stringify(signal), id)
}
