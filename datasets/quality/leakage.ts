import type { LeakageFinding, LeakageReport } from '../../main/contract/dataset.ts'
import { throwIfCancelled } from '../errors.ts'
import { getDataset, getStoredDataset, listRecords, type ReadableStore } from '../store/store.ts'
import { Contents } from './contents.ts'
import { findingOf, summaryOf } from './leakageWords.ts'
import { dnaShingles, HashList, shingles, ShingleTable, type ShingleSpec } from './shingles.ts'
import { isDna, overlapFrom, shingleLength, symbolReader } from './symbols.ts'
import { listUnits, readUnits, storedRows, type UnitRow, type Units } from './units.ts'

/** Shingles remembered; with more cells than this fewer of each are kept. */
const MOST_SHINGLES = 2_000_000
/** Letters, samples or values looked at; of a larger dataset evenly spaced stretches. */
const MOST_NUMBERS = 64_000_000
/** A unit with fewer kept shingles is compared as a whole only. */
const FEWEST_SHINGLES = 8
/** Share of a unit's shingles found in training from which it is a near duplicate. */
const NEAR = 0.5
const EXAMPLES = 10
/** Cells between two looks at the clock and the signal. */
const BREATH = 500_000

export interface LeakageHooks {
  signal?: AbortSignal
  /** 0…1 */
  onProgress?: (fraction: number) => void
}

/** Unit i is like unit `owner`. */
interface Match {
  i: number
  owner: number
  similarity: number
}

/** What of a dataset is compared. `rows`: its records, from an import that holds them still. */
export function leakageUnits(store: ReadableStore, datasetId: number, rows: Iterable<UnitRow> = storedRows(store, datasetId)): Units {
  const dataset = getStoredDataset(store, datasetId)
  // a window of a long record is long enough for its sample to say something
  const window = Math.max(1024, 64 * keptOf(dataset.length))
  return listUnits(rows, dataset, { window, most: MOST_NUMBERS / dataset.channels, records: getDataset(store, datasetId).records })
}

/** One shingle in so many is kept. */
const keptOf = (cells: number): number => Math.max(1, Math.ceil(cells / MOST_SHINGLES))

/**
 * Compares what is held out with what trains: whole records by a hash of their content (DNA also by that of the other strand), and parts of them by
 * the share of their shingles that training holds (containment, Broder 1997, over a sample that keeps the same shingles everywhere). With folds each
 * record is compared with those of the other folds. The data is read once; memory is bounded by MOST_SHINGLES and 60 bytes a record, time by MOST_NUMBERS.
 */
export async function checkLeakage(
  store: ReadableStore,
  datasetId: number,
  hooks: LeakageHooks = {},
  units = leakageUnits(store, datasetId),
): Promise<LeakageReport> {
  const dataset = getStoredDataset(store, datasetId)
  const spec: ShingleSpec = { k: shingleLength(dataset), every: keptOf(dataset.length) }
  const symbols = symbolReader(dataset)
  const dna = isDna(dataset)
  const contents = new Contents(units, dna)
  const kept = new HashList()
  const ends = new Int32Array(units.count)
  // of a million short reads too few shingles of each would be kept to say anything
  const parts = units.cells / spec.every >= FEWEST_SHINGLES * units.count
  let cells = 0
  for (const { i, bytes } of readUnits(store, dataset, units)) {
    if (units.whole[i]) contents.add(i, bytes)
    if (parts && dna) dnaShingles(bytes, spec, kept)
    else if (parts) shingles(symbols(bytes), spec, kept)
    ends[i] = kept.length
    cells += units.length[i]
    if (cells < BREATH) continue
    cells = 0
    throwIfCancelled(hooks.signal, 'The leakage check')
    hooks.onProgress?.(i / units.count)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const table = new ShingleTable(kept.length, units.folds)
  const hashesOf = (i: number): Uint32Array => kept.values.subarray(i === 0 ? 0 : ends[i - 1], ends[i])
  for (let i = 0; i < units.count; i++) {
    if (!units.trains(i)) continue
    const other = (owner: number): boolean => units.isTrainingOf(i, owner)
    for (const hash of hashesOf(i)) table.add(hash, i, other)
  }
  const found: Record<LeakageFinding['kind'], Match[]> = { duplicate: [], 'reverse-complement': [], near: [], overlap: [] }
  let judged = 0
  for (let i = 0; i < units.count; i++) {
    if (!units.isHeldOut(i)) continue
    judged++
    const twin = contents.twin(i)
    if (twin) {
      found[twin.kind].push({ i, owner: twin.owner, similarity: 1 })
      continue
    }
    const match = likeness(hashesOf(i), (hash) => table.find(hash, (owner) => units.isTrainingOf(i, owner)))
    if (match && match.similarity >= overlapFrom(dataset)) found[match.similarity >= NEAR ? 'near' : 'overlap'].push({ i, ...match })
  }
  const subject = { of: judged, unit: units.allWhole ? ('records' as const) : ('windows' as const), folds: units.folds, parts }
  const recordOf = (i: number): { id: number; name: string } => listRecords(store, datasetId, units.record[i], 1)[0]
  const example = ({ i, owner, similarity }: Match): LeakageFinding['examples'][number] => {
    const [record, other] = [recordOf(i), recordOf(owner)]
    return {
      recordId: record.id,
      record: record.name,
      position: units.positionOf(i),
      split: units.splitOf(i),
      otherId: other.id,
      other: other.name,
      similarity,
    }
  }
  const findings = (Object.keys(found) as LeakageFinding['kind'][]).flatMap((kind) => {
    const examples = found[kind]
      .toSorted((a, b) => b.similarity - a.similarity)
      .slice(0, EXAMPLES)
      .map(example)
    return examples.length > 0 ? [findingOf(kind, found[kind].length, examples, subject)] : []
  })
  return { sentence: summaryOf(findings, subject), records: units.count, looked: units.looked, repeated: contents.repeated(), findings }
}

/** The training unit that holds most of these shingles, and the share of them that any holds. */
function likeness(hashes: Uint32Array, find: (hash: number) => number): { owner: number; similarity: number } | null {
  if (hashes.length < FEWEST_SHINGLES) return null
  const owners = new Map<number, number>()
  let hits = 0
  for (const hash of hashes) {
    const owner = find(hash)
    if (owner < 0) continue
    hits++
    owners.set(owner, (owners.get(owner) ?? 0) + 1)
  }
  if (hits === 0) return null
  const [owner] = [...owners].reduce((best, own) => (own[1] > best[1] ? own : best))
  return { owner, similarity: hits / hashes.length }
}
