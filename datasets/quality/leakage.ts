import type { LeakageFinding, LeakageReport } from '../../main/contract/dataset.ts'
import { throwIfCancelled } from '../errors.ts'
import { getRecord, getStoredDataset, type ReadableStore } from '../store/store.ts'
import { Contents } from './contents.ts'
import { findingOf, summaryOf } from './leakageWords.ts'
import { eachShingle, ShingleTable, type ShingleSpec } from './shingles.ts'
import { isDna, overlapFrom, shingleLength, symbolReader } from './symbols.ts'
import { listUnits, readUnits } from './units.ts'

/** Shingles remembered; with more cells than this fewer of each are kept. */
const MOST_SHINGLES = 2_000_000
/** Cells looked at; of a larger dataset evenly spaced stretches. */
const MOST_CELLS = 64_000_000
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

/**
 * Compares what is held out with what trains: whole records by a hash of their content (DNA also by that of the other strand), and parts of them by
 * the share of their shingles that training holds (containment, Broder 1997, over a sample that keeps the same shingles everywhere). With folds each
 * record is compared with those of the other folds. Memory is bounded by MOST_SHINGLES and 60 bytes a record, time by MOST_CELLS.
 */
export async function checkLeakage(store: ReadableStore, datasetId: number, hooks: LeakageHooks = {}): Promise<LeakageReport> {
  const dataset = getStoredDataset(store, datasetId)
  const every = Math.max(1, Math.ceil(dataset.length / MOST_SHINGLES))
  const spec: ShingleSpec = { k: shingleLength(dataset), every, dna: isDna(dataset) }
  // a window of a long record is long enough for its sample to say something
  const units = listUnits(store, dataset, { window: Math.max(1024, 64 * every), most: MOST_CELLS })
  const symbols = symbolReader(dataset)
  const table = new ShingleTable(Math.min(MOST_SHINGLES, Math.ceil(dataset.length / every)), units.folds)
  const contents = new Contents(units, spec.dna)
  const pass = async (wanted: (i: number) => boolean, part: 0 | 1, use: (i: number, bytes: Uint8Array) => void): Promise<void> => {
    let cells = 0
    for (const { i, bytes } of readUnits(store, dataset, units, wanted)) {
      use(i, bytes)
      cells += units.length[i]
      if (cells < BREATH) continue
      cells = 0
      throwIfCancelled(hooks.signal, 'The leakage check')
      hooks.onProgress?.((part + i / units.count) / 2)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await pass(
    () => true,
    0,
    (i, bytes) => {
      if (units.whole[i]) contents.add(i, bytes)
      if (!units.trains(i)) return
      const other = (owner: number): boolean => units.isTrainingOf(i, owner)
      eachShingle(symbols(bytes), spec, (hash) => table.add(hash, i, other))
    },
  )
  const found: Record<LeakageFinding['kind'], Match[]> = { duplicate: [], 'reverse-complement': [], near: [], overlap: [] }
  let judged = 0
  await pass(
    (i) => units.isHeldOut(i),
    1,
    (i, bytes) => {
      judged++
      const twin = units.whole[i] ? contents.twin(i, bytes) : null
      if (twin) {
        found[twin.kind].push({ i, owner: twin.owner, similarity: 1 })
        return
      }
      const match = likeness(symbols(bytes), spec, (hash) => table.find(hash, (owner) => units.isTrainingOf(i, owner)))
      if (match && match.similarity >= overlapFrom(dataset)) found[match.similarity >= NEAR ? 'near' : 'overlap'].push({ i, ...match })
    },
  )
  const subject = { of: judged, unit: units.allWhole ? ('records' as const) : ('windows' as const), folds: units.folds }
  const name = (i: number): string => getRecord(store, datasetId, units.recordId[i]).name
  const example = ({ i, owner, similarity }: Match): LeakageFinding['examples'][number] => ({
    recordId: units.recordId[i],
    record: name(i),
    position: units.positionOf(i),
    split: units.splitOf(i),
    otherId: units.recordId[owner],
    other: name(owner),
    similarity,
  })
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
function likeness(
  symbols: ArrayLike<number>,
  spec: ShingleSpec,
  find: (hash: number) => number,
): { owner: number; similarity: number } | null {
  let all = 0
  let hits = 0
  const owners = new Map<number, number>()
  eachShingle(symbols, spec, (hash) => {
    all++
    const owner = find(hash)
    if (owner < 0) return
    hits++
    owners.set(owner, (owners.get(owner) ?? 0) + 1)
  })
  if (all < FEWEST_SHINGLES || hits === 0) return null
  const [owner] = [...owners].reduce((best, own) => (own[1] > best[1] ? own : best))
  return { owner, similarity: hits / all }
}
