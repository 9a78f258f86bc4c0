import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledSamples, findSample, type BundledSample } from '../../datasets/samples/samples.ts'
import { getDatasetDetail, listDatasets, type ReadableStore } from '../../datasets/store/store.ts'
import type { Sample } from '../contract/dataset.ts'

/** Run from source the samples lie in their folder; built, two folders up; packaged, beside the archive, as plain files. */
function samplesFolder(): string | undefined {
  if (import.meta.url.endsWith('.ts')) return undefined
  const beside = join(import.meta.dirname, '../../../samples')
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../datasets/samples')
}

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

let bundled: { sample: BundledSample['sample']; key: string }[] | undefined

/** The samples, each with the dataset it has become in this project: the one whose sources are the sample's files. */
export function listSamples(store: ReadableStore): Sample[] {
  bundled ??= bundledSamples(samplesFolder()).map(({ sample, paths }) => ({ sample, key: paths.map(digest).sort().join() }))
  const imported = new Map<string, number>()
  for (const { id } of listDatasets(store)) {
    const { sources } = getDatasetDetail(store, id)
    imported.set(sources.map(({ sha256 }) => sha256).sort().join(), id) // prettier-ignore
  }
  return bundled.map(({ sample, key }) => ({ ...sample, datasetId: imported.get(key) ?? null }))
}

export const sampleFiles = (id: string): BundledSample => findSample(id, samplesFolder())
