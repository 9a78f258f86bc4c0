import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Evaluation, ExportResult } from '../../main/contract/run.ts'
import { call } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'
import { useJobs } from './jobs.store.ts'

interface Going {
  jobId: string
  runId: number
}

/** Evaluations and exports of runs: those that are kept, and the one being made. */
export const useResults = defineStore('results', () => {
  const jobs = useJobs()
  const evaluations = shallowRef<ReadonlyMap<number, Evaluation[]>>(new Map())
  const exports = shallowRef<ReadonlyMap<number, ExportResult[]>>(new Map())
  const evaluating = shallowRef<Going | null>(null)
  const exporting = shallowRef<Going | null>(null)
  const errors = shallowRef<{ evaluate: CallError | null; export: CallError | null }>({ evaluate: null, export: null })
  const evaluatingJob = computed(() => (evaluating.value ? (jobs.byId.get(evaluating.value.jobId) ?? null) : null))
  const exportingJob = computed(() => (exporting.value ? (jobs.byId.get(exporting.value.jobId) ?? null) : null))

  async function loadEvaluations(runId: number): Promise<Evaluation[]> {
    const kept = newestFirst(await call('run/evaluations', { runId }))
    evaluations.value = new Map(evaluations.value).set(runId, kept)
    return kept
  }
  async function loadExports(runId: number): Promise<ExportResult[]> {
    const kept = newestFirst(await call('run/exports', { runId }))
    exports.value = new Map(exports.value).set(runId, kept)
    return kept
  }
  async function evaluate(runId: number, split: 'validation' | 'test'): Promise<boolean> {
    errors.value = { ...errors.value, evaluate: null }
    try {
      const { jobId } = await call('run/evaluate', { runId, split })
      evaluating.value = { jobId, runId }
      await jobs.result<Evaluation>(jobId)
      await loadEvaluations(runId)
      return true
    } catch (thrown) {
      errors.value = { ...errors.value, evaluate: asCallError(thrown) }
      return false
    } finally {
      evaluating.value = null
    }
  }
  async function exportRun(runId: number, folder?: string): Promise<boolean> {
    errors.value = { ...errors.value, export: null }
    try {
      const { jobId } = await call('run/export', folder ? { runId, folder } : { runId })
      exporting.value = { jobId, runId }
      await jobs.result<ExportResult>(jobId)
      await loadExports(runId)
      return true
    } catch (thrown) {
      errors.value = { ...errors.value, export: asCallError(thrown) }
      return false
    } finally {
      exporting.value = null
    }
  }
  const clearErrors = (): void => {
    errors.value = { evaluate: null, export: null }
  }
  return {
    evaluations,
    exports,
    evaluating,
    exporting,
    evaluatingJob,
    exportingJob,
    errors,
    loadEvaluations,
    loadExports,
    evaluate,
    exportRun,
    clearErrors,
  }
})

const newestFirst = <T extends { createdAt: string }>(list: T[]): T[] => [...list].sort((a, b) => b.createdAt.localeCompare(a.createdAt))
