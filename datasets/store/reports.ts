import type { ImportReport, Problem } from '../../main/contract/importing.ts'
import { all, first, run, type ReadableStore, type WritableStore } from './connection.ts'

/** Problems kept word for word; the counts are always complete. */
export const KEPT_PROBLEMS = 1000

interface ProblemRow {
  severity: Problem['severity']
  file: string
  line: number | null
  byte: number | null
  message: string
}

export function readReport(store: ReadableStore, datasetId: number): ImportReport {
  const counts = first<Omit<ImportReport, 'problems'>>(
    store,
    'SELECT accepted, repaired, skipped, refused FROM dataset WHERE id = ?',
    datasetId,
  )!
  const rows = all<ProblemRow>(
    store,
    'SELECT severity, file, line, byte, message FROM import_problem WHERE dataset_id = ? ORDER BY position',
    datasetId,
  )
  const problems = rows.map(({ line, byte, ...row }): Problem => ({
    ...row,
    ...(line === null ? {} : { line }),
    ...(byte === null ? {} : { byte }),
  }))
  return { ...counts, problems }
}

/** Part of sealing an import; call it inside that transaction. */
export function writeReport(store: WritableStore, datasetId: number, report: ImportReport): void {
  run(
    store,
    'UPDATE dataset SET accepted = ?, repaired = ?, skipped = ?, refused = ? WHERE id = ?',
    report.accepted,
    report.repaired,
    report.skipped,
    report.refused,
    datasetId,
  )
  report.problems.slice(0, KEPT_PROBLEMS).forEach((problem, position) => {
    run(
      store,
      'INSERT INTO import_problem (dataset_id, position, severity, file, line, byte, message) VALUES (?, ?, ?, ?, ?, ?, ?)',
      datasetId,
      position,
      problem.severity,
      problem.file,
      problem.line ?? null,
      problem.byte ?? null,
      problem.message,
    )
  })
}
