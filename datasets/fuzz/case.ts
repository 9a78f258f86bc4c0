import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Domain } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import { isStrandError } from '../errors.ts'
import { importFiles } from '../importing/importFiles.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { previewDataset } from '../preview/preview.ts'
import { all } from '../store/connection.ts'
import { deleteDataset, getDatasetDetail, getStoredDataset, readCells, type WritableStore } from '../store/store.ts'
import type { Seed } from './corpus.ts'
import { mutate } from './mutate.ts'

/** Growth of the process beyond this, in one case, is a parser that believed a header. */
export const MOST_GROWTH = 512 * 1_048_576

export interface Case {
  seed: number
  from: string
  bytes: Buffer
  options: ImportOptions
}

const DOMAINS: readonly (Domain | 'auto')[] = ['auto', 'auto', 'auto', 'auto', 'auto', 'auto', 'genomics', 'audio', 'timeseries', 'text']

/** What a user may have chosen, right for the file or not. */
const CHOICES: readonly ImportOptions[] = [
  { missing: 'linear' },
  { missing: 'split' },
  { missing: 'stop' },
  { tokens: 'byte' },
  { tokens: 'bpe', vocab: 280 },
  { tokens: 'kmer', k: 3 },
  { tokens: 'protein' },
  { tokens: 'linear', bits: 6 },
  { tokens: 'continuous' },
  { sampleRate: 8000 },
  { records: 'lines', labels: { from: 'line' } },
  { labels: { from: 'feature' } },
  { labels: { from: 'file' }, folds: 3 },
  { splitBy: 'stratified' },
  { encoding: 'utf-16le' },
  { table: { rows: 'series' } },
  { table: { order: 'time' } },
]

/** A case is a function of its number and the corpus alone. */
export function makeCase(seed: number, corpus: readonly Seed[]): Case {
  const random = new RandomStream(seed, 77)
  const from = corpus[Math.floor(random.uniform() * corpus.length)]
  const bytes = mutate(random, from, corpus)
  const domain = DOMAINS[Math.floor(random.uniform() * DOMAINS.length)]
  const choice = random.uniform() < 0.6 ? {} : CHOICES[Math.floor(random.uniform() * CHOICES.length)]
  const onProblem = (['stop', 'skip', 'fix'] as const)[Math.floor(random.uniform() * 3)]
  return { seed, from: from.name, bytes, options: { ...choice, domain, onProblem } }
}

/**
 * Looks into the file, imports it, and looks at what came of it. Every outcome is fine but these, which throw: an error without a sentence of ours,
 * traces of a refused import, a dataset that cannot be read back, and memory that a small file does not explain.
 */
export async function runCase(store: WritableStore, { from, bytes, options }: Case): Promise<'imported' | 'refused'> {
  const path = join(store.folder, 'uploads', `fuzz.${from.split('.').slice(1).join('.') || 'bin'}`)
  const before = process.memoryUsage.rss()
  writeFileSync(path, bytes)
  try {
    await inspectFiles([path], options)
    const id = await imported(store, path, options)
    const grown = process.memoryUsage.rss() - before
    if (grown > MOST_GROWTH) throw new Error(`memory grew by ${(grown / 1e6).toFixed(0)} MB for a file of ${bytes.length} bytes`)
    if (id === null) {
      const left = all(
        store,
        'SELECT (SELECT count(*) FROM dataset) + (SELECT count(*) FROM chunk) + (SELECT count(*) FROM record) AS n',
      ) as { n: number }[]
      if (left[0].n > 0) throw new Error(`a refused import left ${left[0].n} rows`)
      return 'refused'
    }
    readBack(store, id)
    deleteDataset(store, id)
    return 'imported'
  } finally {
    rmSync(path, { force: true })
  }
}

async function imported(store: WritableStore, path: string, options: ImportOptions): Promise<number | null> {
  try {
    return (await importFiles(store, { paths: [path], options })).datasetId
  } catch (error) {
    if (!isStrandError(error) || error.code === 'internal') throw error
    // a sentence: it begins like one, ends like one, and is no stack
    if (!/^\S.*[.?]$/s.test(error.message) || error.message.length > 2000) throw new Error(`no sentence: ${error.message.slice(0, 300)}`)
    return null
  }
}

function readBack(store: WritableStore, id: number): void {
  const detail = getDatasetDetail(store, id)
  const stored = getStoredDataset(store, id)
  if (!Number.isSafeInteger(detail.length) || detail.length < 0) throw new Error(`a length of ${detail.length}`)
  readCells(store, stored, 0, Math.min(stored.length, 100_000))
  const preview = previewDataset(store, { id })
  JSON.stringify(preview)
}
