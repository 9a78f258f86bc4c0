import type { RecordRow, Split } from '../../main/contract/dataset.ts'
import { StrandError } from '../errors.ts'
import { splitOfFold } from '../splits/splitOfFold.ts'
import { all, first, type ReadableStore } from './connection.ts'

export interface StoredRecord extends RecordRow {
  /** Place in the dataset, from 0. */
  position: number
  /** First cell in the dataset's cell stream. */
  start: number
}

/** A page of records in file order. */
export function listRecords(store: ReadableStore, datasetId: number, offset: number, limit: number): RecordRow[] {
  return all<RecordRow>(
    store,
    'SELECT id, name, length, split, label, grp AS "group" FROM record WHERE dataset_id = ? AND position >= ? ORDER BY position LIMIT ?',
    datasetId,
    offset,
    limit,
  )
}

/** One record, by id, or the first of the dataset. */
export function getRecord(store: ReadableStore, datasetId: number, recordId?: number): StoredRecord {
  const columns = 'SELECT id, name, length, split, label, grp AS "group", position, start FROM record WHERE dataset_id = ?'
  const row =
    recordId === undefined
      ? first<StoredRecord>(store, `${columns} ORDER BY position LIMIT 1`, datasetId)
      : first<StoredRecord>(store, `${columns} AND id = ?`, datasetId, recordId)
  if (!row)
    throw new StrandError('not-found', `Dataset ${datasetId} has no record ${recordId ?? ''}.`.replace(' .', '.'), { dataset: datasetId })
  return row
}

/** A contiguous stretch of one record that belongs to one split. */
export interface Segment {
  recordId: number
  record: string
  /** First cell in the dataset's stream. */
  start: number
  length: number
  /** First cell within the record, from 0. */
  position: number
}

/**
 * All stretches of a split, in record order. Empty ones are left out. `fold`: of a dataset with folds, which one tests; a dataset without them
 * knows only fold 0, its one split.
 */
export function listSegments(store: ReadableStore, datasetId: number, split: Split, fold = 0): Segment[] {
  if (fold > 0) return segmentsOfFold(store, datasetId, split, fold)
  return all<Segment>(
    store,
    `SELECT id AS recordId, name AS record, start, length, 0 AS position, position AS place
       FROM record WHERE dataset_id = ? AND split = ? AND length > 0
     UNION ALL
     SELECT record_id, name, record.start + split_cut.start, split_cut.stop - split_cut.start, split_cut.start, record.position
       FROM split_cut JOIN record ON record.id = record_id WHERE dataset_id = ? AND split_cut.split = ?
     ORDER BY place, position`,
    ...[datasetId, split, datasetId, split],
  ).map(({ recordId, record, start, length, position }) => ({ recordId, record, start, length, position }))
}

/** Of tokens cut at import: for each record and first cell of a stretch, where its tokens lie in their stream. */
export function listTokenSpans(
  store: ReadableStore,
  datasetId: number,
): { recordId: number; start: number; tokenStart: number; tokens: number }[] {
  return all(
    store,
    `SELECT record_id AS recordId, token_span.start, token_start AS tokenStart, tokens
     FROM record JOIN token_span ON record_id = record.id WHERE dataset_id = ? ORDER BY position, token_span.start`,
    datasetId,
  )
}

function segmentsOfFold(store: ReadableStore, datasetId: number, split: Split, fold: number): Segment[] {
  const { folds } = first<{ folds: number }>(store, 'SELECT folds FROM dataset WHERE id = ?', datasetId) ?? { folds: 0 }
  if (fold >= folds)
    throw new StrandError(
      'bad-input',
      folds === 0
        ? `Dataset ${datasetId} has one split and no folds. Split it again with folds, or leave the fold out.`
        : `Dataset ${datasetId} has folds 0 to ${folds - 1}; there is no fold ${fold}.`,
      { dataset: datasetId, fold },
    )
  return all<Segment & { fold: number }>(
    store,
    `SELECT id AS recordId, name AS record, start, length, 0 AS position, fold FROM record
       WHERE dataset_id = ? AND fold IS NOT NULL AND length > 0 ORDER BY record.position`,
    datasetId,
  ).flatMap(({ fold: of, ...segment }) => (splitOfFold(of, fold, folds) === split ? [segment] : []))
}

/** The label of each labelled record, by the record's id. */
export function labelsById(store: ReadableStore, datasetId: number): Map<number, number> {
  const rows = all<{ id: number; label: number }>(
    store,
    'SELECT id, label FROM record WHERE dataset_id = ? AND label IS NOT NULL',
    datasetId,
  )
  return new Map(rows.map(({ id, label }) => [id, label]))
}

/** Every record with its first cell, or every so many-th, for jobs that walk a dataset. */
export function iterateRecords(
  store: ReadableStore,
  datasetId: number,
  stride = 1,
): { id: number; name: string; start: number; length: number }[] {
  return all(
    store,
    'SELECT id, name, start, length FROM record WHERE dataset_id = ? AND position % ? = 0 ORDER BY position',
    datasetId,
    stride,
  )
}
