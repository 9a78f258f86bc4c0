import type { DatasetDetail, DatasetSummary, Domain, Labels, LeakageReport, Split } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import type { CellType, CodecJson, Layout } from '../codec.ts'
import { tokenCodecFromJSON, tokensInWords } from '../codecs.ts'
import { StrandError } from '../errors.ts'
import { getLeakage } from './findings.ts'
import { all, first, releaseDisk, run, transaction, type ReadableStore, type WritableStore } from './connection.ts'
import { listRecords } from './records.ts'
import { recipeOf } from '../importing/recipe.ts'
import type { NewDataset } from './newDataset.ts'
import { readReport } from './reports.ts'

interface DatasetRow extends Pick<NewDataset, 'name' | 'domain' | 'format' | 'unit' | 'cell' | 'channels'> {
  id: number
  chunk_cells: number
  packed: 0 | 1
  length: number
  records: number
  bytes: number
  hash: string
  content_hash: string
  version: number
  labels: string | null
  folds: number
  fold_codecs: string | null
  leakage: string | null
  cells_of: number | null
  codec: string
  layout: string
  options: string
  facts: string
  split_rule: string
  created_at: string
  lineage: number
}

/** What batching and previews need to know to read a dataset's cells. */
export interface StoredDataset {
  id: number
  name: string
  domain: Domain
  unit: DatasetSummary['unit']
  hash: string
  /** Cells in all records together. A cell is one base, sample, character or byte; for a series one row of `channels` numbers. */
  length: number
  cell: CellType
  channels: number
  chunkCells: number
  /** The cells are bases and lie packed in their chunks. */
  packed: boolean
  codec: CodecJson
  layout: Layout
  labels: Labels | null
  folds: number
  /** The dataset whose chunks hold the cells: its own id, or that of the version it was made from. */
  cellsId: number
}

function datasetRow(store: ReadableStore, id: number): DatasetRow {
  const row = first<DatasetRow>(store, `SELECT * FROM dataset WHERE id = ? AND state = 'ready'`, id)
  if (!row)
    throw new StrandError('not-found', `There is no dataset ${id} in this project. List the datasets to see their numbers.`, {
      dataset: id,
    })
  return row
}

const labelsOf = ({ labels }: DatasetRow): Labels | null => (labels === null ? null : (JSON.parse(labels) as Labels))

/** The column knows the unit of a domain; what it does not know, the layout says. */
const unitOf = ({ unit, layout }: DatasetRow): DatasetSummary['unit'] => (JSON.parse(layout) as Layout).unit ?? unit

function leaksOf({ leakage }: DatasetRow): string | null {
  const report = leakage === null ? null : (JSON.parse(leakage) as LeakageReport)
  return report && report.findings.length > 0 ? report.sentence : null
}

const summary = (row: DatasetRow): DatasetSummary => ({
  id: row.id,
  name: row.name,
  domain: row.domain,
  format: row.format,
  records: row.records,
  length: row.length,
  unit: unitOf(row),
  createdAt: row.created_at,
  bytes: row.bytes,
  hash: row.hash,
  contentHash: row.content_hash,
  version: row.version,
  labels: labelsOf(row),
  leaks: leaksOf(row),
  folds: row.folds,
  facts: JSON.parse(row.facts) as DatasetSummary['facts'],
})

/** The newest version of each, oldest dataset first; `listVersions` has the others. */
export function listDatasets(store: ReadableStore): DatasetSummary[] {
  return all<DatasetRow>(
    store,
    `SELECT * FROM dataset AS d WHERE state = 'ready'
       AND version = (SELECT max(version) FROM dataset WHERE lineage = d.lineage AND state = 'ready') ORDER BY lineage`,
  ).map(summary)
}

export function getDataset(store: ReadableStore, id: number): DatasetSummary {
  return summary(datasetRow(store, id))
}

/** By exact name, else by number written as text. With several of one name, the newest. */
export function findDataset(store: ReadableStore, nameOrId: string): DatasetSummary {
  const named = first<DatasetRow>(store, `SELECT * FROM dataset WHERE state = 'ready' AND name = ? ORDER BY id DESC LIMIT 1`, nameOrId)
  if (named) return summary(named)
  if (/^\d+$/.test(nameOrId)) return getDataset(store, Number(nameOrId))
  const names = listDatasets(store).map((dataset) => dataset.name)
  const known = names.length ? `The project has: ${names.slice(0, 20).join(', ')}.` : 'The project has no datasets yet.'
  throw new StrandError('not-found', `There is no dataset named "${nameOrId}". ${known}`, { name: nameOrId })
}

/** `fold`: of a dataset with folds, which one tests: what is fitted on the others depends on it. */
export function getStoredDataset(store: ReadableStore, id: number, fold = 0): StoredDataset {
  const row = datasetRow(store, id)
  const unit = unitOf(row)
  const { name, domain, hash, length, cell, channels } = row
  return {
    ...{ id, name, domain, unit, hash, length, cell, channels },
    chunkCells: row.chunk_cells,
    packed: row.packed === 1,
    codec: codecOfFold(row, fold),
    layout: JSON.parse(row.layout) as Layout,
    labels: labelsOf(row),
    folds: row.folds,
    cellsId: row.cells_of ?? row.id,
  }
}

function codecOfFold({ codec, fold_codecs }: DatasetRow, fold: number): CodecJson {
  const ofFold = fold_codecs === null ? undefined : (JSON.parse(fold_codecs) as CodecJson[])[fold]
  return ofFold ?? (JSON.parse(codec) as CodecJson)
}

export function getDatasetDetail(store: ReadableStore, id: number): DatasetDetail {
  const row = datasetRow(store, id)
  const options = JSON.parse(row.options) as ImportOptions
  const sources = all<DatasetDetail['sources'][number]>(
    store,
    'SELECT name, bytes, sha256 FROM source WHERE dataset_id = ? ORDER BY position',
    id,
  )
  const codec = JSON.parse(row.codec) as CodecJson
  return {
    ...summary(row),
    sources,
    options,
    recipe: recipeOf(options, sources),
    report: readReport(store, id),
    splits: (['train', 'validation', 'test'] as const).map((split) => describeSplit(store, row, split)),
    leakage: getLeakage(store, id),
    splitRule: row.split_rule,
    recordsPage: listRecords(store, id, 0, 500),
    codec: describeCodec(codec),
  }
}

/** The tokens of a larger vocabulary are not listed. */
const SHOWN_SYMBOLS = 4200

function describeCodec(codec: CodecJson): DatasetDetail['codec'] {
  if (codec.kind === 'series') return { name: 'z-score', vocab: null, symbols: codec.channels }
  const { name, vocab, symbols } = tokenCodecFromJSON(codec)
  return {
    name: name === 'kmer' || name === 'bpe' ? tokensInWords(codec) : name,
    vocab,
    symbols: vocab <= SHOWN_SYMBOLS && symbols ? [...symbols] : null,
  }
}

interface Edge {
  name: string
  position: number
  whole: 0 | 1
}

function describeSplit(store: ReadableStore, row: DatasetRow, split: Split): DatasetDetail['splits'][number] {
  const whole = first<{ n: number; length: number | null }>(
    store,
    'SELECT count(*) AS n, sum(length) AS length FROM record WHERE dataset_id = ? AND split = ?',
    row.id,
    split,
  )!
  const cut = first<{ n: number; length: number | null }>(
    store,
    `SELECT count(DISTINCT record_id) AS n, sum(split_cut.stop - split_cut.start) AS length
     FROM split_cut JOIN record ON record.id = record_id WHERE dataset_id = ? AND split_cut.split = ?`,
    row.id,
    split,
  )!
  const edge = (order: 'ASC' | 'DESC'): Edge | undefined =>
    first<Edge>(
      store,
      `SELECT name, 0 AS position, 1 AS whole, record.position AS place FROM record WHERE dataset_id = ? AND split = ?
       UNION ALL
       SELECT name, ${order === 'ASC' ? 'split_cut.start + 1' : 'split_cut.stop'} AS position, 0 AS whole, record.position AS place
       FROM split_cut JOIN record ON record.id = record_id WHERE dataset_id = ? AND split_cut.split = ?
       ORDER BY place ${order}, position ${order} LIMIT 1`,
      ...[row.id, split, row.id, split],
    )
  const from = edge('ASC')
  const to = edge('DESC')
  const place = (at: Edge | undefined): string => {
    if (!at) return ''
    if (at.whole) return at.name
    const position = `${unitOf(row).slice(0, -1)} ${at.position.toLocaleString('en-US')}`
    return row.records > 1 ? `${at.name}, ${position}` : position
  }
  return { split, length: (whole.length ?? 0) + (cut.length ?? 0), records: whole.n + cut.n, from: place(from), to: place(to) }
}

/** A name belongs to all versions of a dataset; it is not part of any. */
export function renameDataset(store: WritableStore, id: number, name: string): void {
  const { lineage } = datasetRow(store, id)
  if (!name.trim()) throw new StrandError('bad-input', 'A dataset needs a name. Type at least one character.')
  run(store, 'UPDATE dataset SET name = ? WHERE lineage = ?', name.trim(), lineage)
}

/**
 * One version. Frees the disk as well, unless another version shares the cells. Refused while runs were trained on it: their evaluation would
 * have nothing to read.
 */
export function deleteDataset(store: WritableStore, id: number): void {
  const row = datasetRow(store, id)
  const runs = first<{ n: number }>(store, 'SELECT count(*) AS n FROM run WHERE dataset_id = ?', id)!.n
  if (runs > 0) {
    const verb = runs === 1 ? '1 run was' : `${runs} runs were`
    const versions = first<{ n: number }>(store, `SELECT count(*) AS n FROM dataset WHERE lineage = ? AND state = 'ready'`, row.lineage)!.n
    const which = versions > 1 ? `version ${row.version} of "${row.name}"` : `"${row.name}"`
    throw new StrandError('busy', `${verb} trained on ${which}. Delete ${runs === 1 ? 'it' : 'them'} first, then the dataset.`, {
      dataset: id,
      runs,
    })
  }
  transaction(store, () => {
    giveCellsOn(store, id)
    run(store, 'DELETE FROM dataset WHERE id = ?', id)
  })
  releaseDisk(store)
}

/** The first version that shares a dataset's cells becomes their owner. */
function giveCellsOn(store: WritableStore, id: number): void {
  const heir = first<{ id: number | null }>(store, 'SELECT min(id) AS id FROM dataset WHERE cells_of = ?', id)!.id
  if (heir === null) return
  run(store, 'UPDATE chunk SET dataset_id = ? WHERE dataset_id = ?', heir, id)
  run(store, 'UPDATE dataset SET cells_of = NULL WHERE id = ?', heir)
  run(store, 'UPDATE dataset SET cells_of = ? WHERE cells_of = ?', heir, id)
}
