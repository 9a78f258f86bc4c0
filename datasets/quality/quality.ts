import type { DatasetQuality, RecordQuery, RecordRow, Split } from '../../main/contract/dataset.ts'
import { count, plural } from '../importing/source.ts'
import { all, first, type ReadableStore, type SqlValue } from '../store/connection.ts'
import { getLeakage, getStoredDataset } from '../store/store.ts'

const BINS = 24
/** Groups shown, the largest first; classes shown, the same. */
const MOST_GROUPS = 50
const MOST_CLASSES = 200
/** Lengths that differ by more than this are counted on a scale of ratios. */
const WIDE = 50
/** A class that holds this share makes accuracy look better than it is. */
const DOMINANT = 0.9

type SplitCounts = Record<Split | 'mixed', number>
const none = (): SplitCounts => ({ train: 0, validation: 0, test: 0, mixed: 0 })

/** What the records are like, as numbers for charts: labels by split, lengths, groups, and in sentences what deserves a look. */
export function describeQuality(store: ReadableStore, id: number): DatasetQuality {
  const { labels, name } = getStoredDataset(store, id)
  const rows = all<{ label: number | null; split: Split | 'mixed'; n: number }>(
    store,
    'SELECT label, split, count(*) AS n FROM record WHERE dataset_id = ? GROUP BY label, split',
    id,
  )
  const unlabelled = rows.reduce((sum, { label, n }) => sum + (label === null ? n : 0), 0)
  const classes = labels?.kind === 'class' ? byClass(rows, labels.names) : []
  const groupRows = all<{ name: string; records: number }>(
    store,
    'SELECT grp AS name, count(*) AS records FROM record WHERE dataset_id = ? AND grp IS NOT NULL GROUP BY grp ORDER BY records DESC, grp',
    id,
  )
  return {
    classes: classes.slice(0, MOST_CLASSES),
    values: labels?.kind === 'number' ? histogram(store, id, 'label') : [],
    unlabelled,
    lengths: histogram(store, id, 'length'),
    groups: groupRows.slice(0, MOST_GROUPS),
    groupCount: groupRows.length,
    notes: notesOf(store, id, name, labels ? classes : null, unlabelled),
  }
}

function byClass(
  rows: readonly { label: number | null; split: Split | 'mixed'; n: number }[],
  names: readonly string[],
): DatasetQuality['classes'] {
  const counts = names.map(none)
  for (const { label, split, n } of rows) if (label !== null) counts[label][split] += n
  return names
    .map((name, label) => ({ label, name, ...counts[label], records: Object.values(counts[label]).reduce((a, b) => a + b, 0) }))
    .sort((a, b) => b.records - a.records || a.label - b.label)
}

/** Equal steps, or equal ratios where the values lie far apart; a bin holds from ≤ value < to, the last one its end too. */
function histogram(store: ReadableStore, id: number, column: 'length' | 'label'): DatasetQuality['lengths'] {
  const where = `dataset_id = ? AND ${column} IS NOT NULL`
  const { low, high } = first<{ low: number | null; high: number | null }>(
    store,
    `SELECT min(${column}) AS low, max(${column}) AS high FROM record WHERE ${where}`,
    id,
  )!
  if (low === null || high === null) return []
  const ratio = column === 'length' && high > WIDE * Math.max(1, low)
  const whole = column === 'length'
  const bins = low === high ? 1 : whole ? Math.min(BINS, high - low + 1) : BINS
  const edge = (i: number): number => {
    const place = ratio ? Math.max(1, low) * (high / Math.max(1, low)) ** (i / bins) : low + ((high - low) * i) / bins
    return whole ? Math.round(place) : place
  }
  const edges = [...new Set(Array.from({ length: bins + 1 }, (_, i) => (i === 0 ? low : i === bins ? high : edge(i))))]
  if (edges.length === 1) edges.push(high)
  const sql = (end: '<' | '<='): string => `SELECT count(*) AS n FROM record WHERE ${where} AND ${column} >= ? AND ${column} ${end} ?`
  return edges.slice(1).map((to, i) => ({
    from: edges[i],
    to,
    records: first<{ n: number }>(store, sql(i === edges.length - 2 ? '<=' : '<'), id, edges[i], to)!.n,
  }))
}

function notesOf(store: ReadableStore, id: number, name: string, classes: DatasetQuality['classes'] | null, unlabelled: number): string[] {
  const notes: string[] = []
  const repeated = getLeakage(store, id)?.repeated
  const present = classes?.filter(({ records }) => records > 0) ?? []
  const labelled = present.reduce((sum, { records }) => sum + records, 0)
  if (present.length === 1) notes.push(`The label never changes: all ${count(labelled)} records of "${name}" are "${present[0].name}".`)
  else if (present.length > 1 && present[0].records >= DOMINANT * labelled)
    notes.push(
      `${((100 * present[0].records) / labelled).toFixed(1)} % of the records are "${present[0].name}": always saying so is right that often. Look at macro F1 rather than accuracy.`,
    )
  for (const split of ['train', 'validation', 'test'] as const) {
    const missing = present.filter((own) => own[split] === 0)
    if (present.length < 2 || missing.length === 0 || present.every((own) => own[split] === 0)) continue
    const which = missing.slice(0, 3).map((own) => `"${own.name}"`)
    const more = missing.length > 3 ? ` and ${count(missing.length - 3)} more` : ''
    notes.push(`The ${split} split has no record of ${which.join(', ')}${more}.`)
  }
  if (unlabelled > 0 && labelled > 0)
    notes.push(`${plural(unlabelled, 'record')} without a label; classification leaves ${unlabelled === 1 ? 'it' : 'them'} out.`)
  if (repeated && repeated.contents > 0)
    notes.push(
      `${plural(repeated.records - repeated.contents, 'record')} repeat${repeated.records - repeated.contents === 1 ? 's' : ''} the content of another; ${plural(repeated.contents, 'content')} occur${repeated.contents === 1 ? 's' : ''} more than once.`,
    )
  if (repeated && repeated.conflicts > 0)
    notes.push(
      `${plural(repeated.conflicts, 'content')} ${repeated.conflicts === 1 ? 'has' : 'have'} more than one label: no model can get all of them right.`,
    )
  return notes
}

/** The records behind a bar of a chart, a page at a time in file order. */
export function queryRecords(
  store: ReadableStore,
  { id, label, group, split, length, value, offset, limit }: RecordQuery,
): { total: number; records: RecordRow[] } {
  const conditions = ['dataset_id = ?']
  const values: SqlValue[] = [id]
  const add = (condition: string, ...given: SqlValue[]): void => {
    conditions.push(condition)
    values.push(...given)
  }
  if (label === null) add('label IS NULL')
  else if (label !== undefined) add('label = ?', label)
  if (group !== undefined) add('grp = ?', group)
  if (split !== undefined) add('split = ?', split)
  if (length) add('length BETWEEN ? AND ?', length.from, length.to)
  if (value) add('label BETWEEN ? AND ?', value.from, value.to)
  const where = conditions.join(' AND ')
  return {
    total: first<{ n: number }>(store, `SELECT count(*) AS n FROM record WHERE ${where}`, ...values)!.n,
    records: all<RecordRow>(
      store,
      `SELECT id, name, length, split, label, grp AS "group" FROM record WHERE ${where} ORDER BY position LIMIT ? OFFSET ?`,
      ...values,
      limit,
      offset,
    ),
  }
}
