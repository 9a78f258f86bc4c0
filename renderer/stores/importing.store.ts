import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ImportOptions, ImportPreview } from '../../main/contract/importing.ts'
import { call, pathForFile } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'
import { useJobs } from './jobs.store.ts'

export type ImportPhase = 'closed' | 'receiving' | 'looking' | 'ready' | 'importing'

/** One import, from the dropped files to the dataset. */
export const useImporting = defineStore('importing', () => {
  const jobs = useJobs()
  const phase = shallowRef<ImportPhase>('closed')
  const fileNames = shallowRef<string[]>([])
  const received = shallowRef(0)
  const paths = shallowRef<string[]>([])
  const options = shallowRef<ImportOptions>({})
  const preview = shallowRef<ImportPreview | null>(null)
  const error = shallowRef<CallError | null>(null)
  const jobId = shallowRef<string | null>(null)
  const job = computed(() => (jobId.value ? (jobs.byId.get(jobId.value) ?? null) : null))
  let turn = 0

  async function start(files: File[]): Promise<void> {
    if (files.length === 0) return
    const own = ++turn
    phase.value = 'receiving'
    fileNames.value = files.map((file) => file.name)
    received.value = 0
    options.value = {}
    preview.value = null
    error.value = null
    jobId.value = null
    const total = files.reduce((sum, file) => sum + file.size, 0) || 1
    let before = 0
    const got: string[] = []
    try {
      for (const file of files) {
        got.push(await pathForFile(file, (fraction) => own === turn && (received.value = (before + fraction * file.size) / total)))
        before += file.size
        if (own !== turn) return
      }
      paths.value = got
      await look()
    } catch (thrown) {
      if (own === turn) fail(thrown)
    }
  }
  /** Reads the first records again under the present choices. */
  async function look(): Promise<void> {
    const own = ++turn
    phase.value = 'looking'
    error.value = null
    try {
      const seen = await call('dataset/inspect', { paths: paths.value, options: options.value })
      if (own !== turn) return
      preview.value = seen
      options.value = { name: seen.suggestedName, ...options.value }
      phase.value = 'ready'
    } catch (thrown) {
      if (own === turn) fail(thrown)
    }
  }
  function fail(thrown: unknown): void {
    error.value = asCallError(thrown)
    phase.value = 'ready'
  }
  async function choose(part: Partial<ImportOptions>): Promise<void> {
    options.value = { ...options.value, ...part }
    await look()
  }
  const setName = (name: string): void => {
    options.value = { ...options.value, name }
  }
  /** Answers the new dataset's id, or null when it failed (`error` says why). */
  async function run(): Promise<number | null> {
    phase.value = 'importing'
    error.value = null
    try {
      const started = await call('dataset/import', { paths: paths.value, options: options.value })
      jobId.value = started.jobId
      const { datasetId } = await jobs.result<{ datasetId: number }>(started.jobId)
      phase.value = 'closed'
      return datasetId
    } catch (thrown) {
      fail(thrown)
      return null
    } finally {
      jobId.value = null
    }
  }
  async function cancel(): Promise<void> {
    if (jobId.value) await jobs.cancel(jobId.value)
  }
  const close = (): void => {
    turn++
    phase.value = 'closed'
  }
  return { phase, fileNames, received, options, preview, error, job, start, choose, setName, run, cancel, close }
})
