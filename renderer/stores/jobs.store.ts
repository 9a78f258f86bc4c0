import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Job } from '../../main/contract/system.ts'
import { call, on, onReconnect } from '../services/bridge.ts'
import { CallError } from '../services/callError.ts'
import type { ErrorCode } from '../../main/contract/errors.ts'

/** Imports, evaluations, generations and exports that are going on, and how they ended. */
export const useJobs = defineStore('jobs', () => {
  const byId = shallowRef<ReadonlyMap<string, Job>>(new Map())
  const waiting = new Map<string, ((job: Job) => void)[]>()
  const running = computed(() => [...byId.value.values()].filter((job) => job.state === 'running'))

  function put(job: Job): void {
    byId.value = new Map(byId.value).set(job.id, job)
    if (job.state === 'running') return
    waiting.get(job.id)?.forEach((resolve) => resolve(job))
    waiting.delete(job.id)
  }
  async function load(): Promise<void> {
    for (const job of await call('job/list')) put(job)
  }
  /** The job's result when it is done; rejects when it failed or was cancelled. */
  async function result<T>(jobId: string): Promise<T> {
    const known = byId.value.get(jobId)
    const ended =
      known && known.state !== 'running'
        ? known
        : await new Promise<Job>((resolve) => {
            waiting.set(jobId, [...(waiting.get(jobId) ?? []), resolve])
          })
    if (ended.state === 'done') return ended.result as T
    if (ended.state === 'cancelled') throw new CallError({ code: 'cancelled', message: 'Cancelled. Nothing was changed.' })
    const { code = 'internal', message = 'It failed.', facts } = ended.error ?? {}
    throw new CallError({ code: code as ErrorCode, message, facts })
  }
  const cancel = (jobId: string): Promise<void> => call('job/cancel', { jobId })

  on('job/changed', put)
  onReconnect(() => void load())
  return { byId, running, load, result, cancel }
})
