import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { DatasetPreview, DatasetSummary, PreviewRequest, Sample } from '../../main/contract/dataset.ts'
import { call, on, onReconnect } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'
import { useJobs } from './jobs.store.ts'

/** As much as shows what it is; sound is taken whole. */
const THUMBNAIL_LENGTH = { genomics: 3000, audio: undefined, timeseries: 240, text: 400 }

/** The datasets of the open project and the bundled samples. */
export const useDatasets = defineStore('datasets', () => {
  const list = shallowRef<DatasetSummary[]>([])
  const samples = shallowRef<Sample[]>([])
  const state = shallowRef<'loading' | 'ready' | 'error'>('loading')
  const error = shallowRef<CallError | null>(null)
  const importingSample = shallowRef<string | null>(null)
  /** First picture of each dataset, for lists. Content never changes under one hash. */
  const thumbnails = new Map<string, Promise<DatasetPreview>>()

  async function load(): Promise<void> {
    try {
      const [datasets, bundled] = await Promise.all([call('dataset/list'), call('sample/list')])
      list.value = datasets
      samples.value = bundled
      state.value = 'ready'
      error.value = null
    } catch (thrown) {
      error.value = asCallError(thrown)
      state.value = 'error'
    }
  }
  const byId = (id: number): DatasetSummary | undefined => list.value.find((dataset) => dataset.id === id)
  const preview = (request: PreviewRequest): Promise<DatasetPreview> => call('dataset/preview', request)
  function thumbnail(dataset: DatasetSummary): Promise<DatasetPreview> {
    const known = thumbnails.get(dataset.hash) ?? preview({ id: dataset.id, length: THUMBNAIL_LENGTH[dataset.domain] })
    thumbnails.set(dataset.hash, known)
    known.catch(() => thumbnails.delete(dataset.hash))
    return known
  }
  /** Brings a bundled sample into the project, unless it is there. Answers the dataset's id. */
  async function importSample(sample: Sample): Promise<number> {
    if (sample.datasetId !== null) return sample.datasetId
    importingSample.value = sample.id
    try {
      const { jobId } = await call('sample/import', { id: sample.id })
      const { datasetId } = await useJobs().result<{ datasetId: number }>(jobId)
      await load()
      return datasetId
    } finally {
      importingSample.value = null
    }
  }
  /** Generates a task with the sizes of its paper. Answers the dataset's id. */
  async function generateTask(task: string): Promise<number> {
    const { jobId } = await call('synthetic/generate', { task })
    const { datasetId } = await useJobs().result<{ datasetId: number }>(jobId)
    await load()
    return datasetId
  }
  const rename = (id: number, name: string): Promise<void> => call('dataset/rename', { id, name })
  const remove = (id: number): Promise<void> => call('dataset/delete', { id })

  on('dataset/changed', () => void load())
  on('project/changed', () => void load())
  onReconnect(() => void load())
  return { list, samples, state, error, importingSample, load, byId, preview, thumbnail, importSample, generateTask, rename, remove }
})
