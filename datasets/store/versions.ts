import { createHash, type Hash } from 'node:crypto'
import type { DatasetVersion } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import type { CodecJson } from '../codec.ts'
import { StrandError } from '../errors.ts'
import { all, first, insertRows, run, transaction, type ReadableStore, type SqlValue, type WritableStore } from './connection.ts'
import { getDataset, getStoredDataset } from './datasets.ts'
import type { PlannedRecord, RecordList, Sealing, SplitPlan } from './newDataset.ts'

/** All versions of the dataset that `id` is one of, oldest first. */
export function listVersions(store: ReadableStore, id: number): DatasetVersion[] {
  return all<DatasetVersion>(
    store,
    `SELECT id, version, hash, created_at AS createdAt, change, records, length,
       (SELECT count(*) FROM run WHERE run.dataset_id = dataset.id) AS runs
     FROM dataset WHERE state = 'ready' AND lineage = (SELECT lineage FROM dataset WHERE id = ?) ORDER BY version`,
    id,
  )
}

/** What a run pins: content, coding and which records train, validate and test. */
export function hashVersion(content: string, codec: CodecJson, plan: Pick<SplitPlan, 'records' | 'folds'>): string {
  const version = createHash('sha256').update(content).update(JSON.stringify(codec))
  hashAll(version, plan.records)
  if (plan.folds) version.update(JSON.stringify(plan.folds.of))
  return version.digest('hex')
}

/** Items as JSON, one behind the other, in few large texts: a million small ones would take a second. */
export function hashAll(hash: Hash, items: Iterable<unknown>): void {
  let text = ''
  for (const item of items) {
    text += JSON.stringify(item)
    if (text.length < 65_536) continue
    hash.update(text)
    text = ''
  }
  hash.update(text)
}

/** Records with their splits and cuts; part of a transaction. Their ids follow one another: answers the first. */
export function insertRecords(store: WritableStore, datasetId: number, records: RecordList, plan: SplitPlan): number {
  const columns = ['dataset_id', 'position', 'name', 'start', 'length', 'split']
  // of a million short reads none has any of these
  const labelled =
    plan.folds !== undefined || !records.every(({ label, group, fixed }) => label === null && group === null && fixed === null)
  if (labelled) columns.push('label', 'grp', 'fixed', 'fold')
  const firstId = insertRows(store, 'record', columns, rowsOf(datasetId, records, plan, labelled))
  insertRows(store, 'split_cut', ['record_id', 'split', 'start', 'stop'], cutsOf(firstId, plan))
  return firstId
}

function* rowsOf(datasetId: number, records: RecordList, plan: SplitPlan, labelled: boolean): Generator<SqlValue[]> {
  for (let position = 0; position < records.length; position++) {
    const { name, start, length, label, group, fixed } = records.at(position)!
    const part = plan.records[position]
    const row = [datasetId, position, name, start, length, typeof part === 'string' ? part : 'mixed']
    yield labelled ? [...row, label, group, fixed, plan.folds?.of[position] ?? null] : row
  }
}

function* cutsOf(firstId: number, plan: SplitPlan): Generator<SqlValue[]> {
  for (const [position, part] of plan.records.entries())
    if (typeof part !== 'string') for (const { split, start, stop } of part) yield [firstId + position, split, start, stop]
}

interface Place {
  lineage: number
  version: number
  change: string
}

/** Where an import that is being sealed belongs: a dataset of its own, the next version of another, or the same content as a version there is. */
export function nextVersion(
  store: ReadableStore,
  id: number,
  hash: string,
  { sources, versionOf }: Pick<Sealing, 'sources' | 'versionOf'>,
): Place | { same: number } {
  if (versionOf === undefined) return { lineage: id, version: 1, change: origin(sources) }
  const versions = listVersions(store, versionOf)
  const newest = versions.at(-1)
  if (!newest)
    throw new StrandError('not-found', `There is no dataset ${versionOf} in this project to be the next version of.`, {
      dataset: versionOf,
    })
  const same = versions.find((version) => version.hash === hash)
  if (same) return { same: same.id }
  return { ...after(store, newest), change: changeOf(store, newest.id, sources) }
}

const origin = (sources: Sealing['sources']): string => {
  if (sources.length === 0) return 'Generated.'
  return `Imported from ${sources.length === 1 ? sources[0].name : `${sources.length} files`}.`
}

const after = (store: ReadableStore, newest: DatasetVersion): Omit<Place, 'change'> => ({
  lineage: first<{ lineage: number }>(store, 'SELECT lineage FROM dataset WHERE id = ?', newest.id)!.lineage,
  version: newest.version + 1,
})

/** "Imported again: a.csv changed, 2 files added." */
function changeOf(store: ReadableStore, before: number, sources: Sealing['sources']): string {
  const old = new Map(
    all<{ name: string; sha256: string }>(store, 'SELECT name, sha256 FROM source WHERE dataset_id = ?', before).map((source) => [
      source.name,
      source.sha256,
    ]),
  )
  const names = new Set(sources.map(({ name }) => name))
  const parts = [
    words(
      sources.filter(({ name, sha256 }) => old.has(name) && old.get(name) !== sha256).map(({ name }) => name),
      'changed',
    ),
    words(
      sources.filter(({ name }) => !old.has(name)).map(({ name }) => name),
      'added',
    ),
    words(
      [...old.keys()].filter((name) => !names.has(name)),
      'removed',
    ),
  ].filter(Boolean)
  return parts.length === 0 ? 'The same files, imported with other options.' : `Imported again: ${parts.join(', ')}.`
}

const words = (files: string[], verb: string): string =>
  files.length === 0 ? '' : `${files.length === 1 ? files[0] : `${files.length} files`} ${verb}`

export interface NewVersion {
  /** What differs, in a sentence: "Split again by speaker." */
  change: string
  /** Record by record, in order. */
  plan: SplitPlan
  /** Where it was fitted on the training split, and that changed. */
  codec?: CodecJson
  /** Cross-validation: the codec while each fold tests, where it is fitted. */
  foldCodecs?: CodecJson[]
  /** What the dataset was made with, where that changed. */
  options?: ImportOptions
}

/**
 * The newest version of a dataset with its records split anew: a version that shares the cells of the one before. Answers the id of the new
 * version, or of the one that already is so.
 */
export function addVersion(store: WritableStore, datasetId: number, { change, plan, codec, foldCodecs, options }: NewVersion): number {
  const newest = listVersions(store, datasetId).at(-1)
  if (!newest) throw new StrandError('not-found', `There is no dataset ${datasetId} in this project.`, { dataset: datasetId })
  const { contentHash } = getDataset(store, newest.id)
  const stored = getStoredDataset(store, newest.id)
  const records = plannedRecords(store, newest.id)
  if (records.length !== plan.records.length)
    throw new StrandError('internal', `A split of ${plan.records.length} records was made for a dataset of ${records.length}.`)
  const hash = hashVersion(contentHash, codec ?? stored.codec, plan)
  const same = listVersions(store, datasetId).find((version) => version.hash === hash)
  if (same) return same.id
  const { lineage, version } = after(store, newest)
  return transaction(store, () => {
    const { id } = run(
      store,
      `INSERT INTO dataset (state, owner, name, domain, format, unit, cell, channels, chunk_cells, packed, length, records, bytes, hash, content_hash,
         labels, codec, layout, options, facts, split_rule, accepted, repaired, skipped, refused, created_at, lineage, version, change, cells_of, folds, fold_codecs)
       SELECT state, owner, name, domain, format, unit, cell, channels, chunk_cells, packed, length, records, bytes, ?, content_hash,
         labels, ?, layout, coalesce(?, options), facts, ?, accepted, repaired, skipped, refused, ?, ?, ?, ?, ?, ?, ? FROM dataset WHERE id = ?`,
      hash,
      JSON.stringify(codec ?? stored.codec),
      options === undefined ? null : JSON.stringify(options),
      plan.rule,
      new Date().toISOString(),
      lineage,
      version,
      change,
      stored.cellsId,
      plan.folds?.count ?? 0,
      foldCodecs ? JSON.stringify(foldCodecs) : null,
      newest.id,
    )
    insertRecords(store, id, records, plan)
    run(store, 'INSERT INTO source SELECT ?, position, name, bytes, sha256 FROM source WHERE dataset_id = ?', id, newest.id)
    run(
      store,
      `INSERT INTO import_problem SELECT ?, position, severity, file, line, byte, message FROM import_problem WHERE dataset_id = ?`,
      id,
      newest.id,
    )
    return id
  })
}

/** The records of a dataset in file order, as a split is planned on. */
export function plannedRecords(store: ReadableStore, datasetId: number): PlannedRecord[] {
  const sql = 'SELECT name, start, length, label, grp AS "group", fixed FROM record WHERE dataset_id = ? ORDER BY position'
  return all<PlannedRecord>(store, sql, datasetId)
}
