import { randomUUID } from 'node:crypto'
import type { Job } from '../contract/system.ts'
import { errorShape, StrandError } from './errors.ts'
import { throttle } from './throttle.ts'

export interface Progress {
  /** 0..1, or null while the amount is unknown. */
  fraction: number | null
  phase: string
  secondsLeft?: number | null
}

export interface JobCall {
  readonly id: string
  readonly signal: AbortSignal
  progress(progress: Progress): void
}

interface Entry {
  job: Job
  abort: AbortController
  finished: Promise<void>
}

/** Ended jobs that a front opened late can still ask about. */
const KEPT = 50
/** Milliseconds between two 'job/changed' of one job while it runs. */
const EVERY = 100

/** Long work other than training. A job's end is announced exactly once, after its last progress. */
export class Jobs {
  readonly #entries = new Map<string, Entry>()
  readonly #changed: (job: Job) => void

  constructor(changed: (job: Job) => void) {
    this.#changed = changed
  }

  start(kind: Job['kind'], title: string, work: (call: JobCall) => Promise<unknown>): string {
    const id = randomUUID()
    const abort = new AbortController()
    const job: Job = { id, kind, title, state: 'running', fraction: null, phase: 'starting', secondsLeft: null }
    const began = performance.now()
    const { push, flush } = throttle<Job>(EVERY, this.#changed)
    const progress = ({ fraction, phase, secondsLeft }: Progress): void => {
      if (job.state !== 'running') return
      const spent = (performance.now() - began) / 1000
      // a rate measured over less than half a second says nothing yet
      const guess = fraction !== null && fraction > 0 && spent > 0.5 ? (spent * (1 - fraction)) / fraction : null
      Object.assign(job, { fraction, phase, secondsLeft: secondsLeft === undefined ? guess : secondsLeft })
      push({ ...job })
    }
    const run = async (): Promise<void> => {
      try {
        job.result = await work({ id, signal: abort.signal, progress })
        Object.assign(job, { state: 'done', fraction: 1, phase: 'done', secondsLeft: null })
      } catch (error) {
        const shape = errorShape(error)
        const cancelled = abort.signal.aborted || shape.code === 'cancelled'
        Object.assign(job, { state: cancelled ? 'cancelled' : 'failed', secondsLeft: null, error: cancelled ? undefined : shape })
      }
      flush()
      this.#changed({ ...job })
      this.#forgetOld()
    }
    push({ ...job })
    // the caller gets the id before the first result can arrive
    const finished = new Promise<void>((resolve) => setImmediate(() => void run().then(resolve)))
    this.#entries.set(id, { job, abort, finished })
    return id
  }

  list(): Job[] {
    return [...this.#entries.values()].map(({ job }) => ({ ...job })).reverse()
  }

  cancel(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) throw new StrandError('not-found', `There is no job ${id}; it may have ended long ago.`)
    entry.abort.abort()
  }

  /** Cancels what runs and waits until it has let go. */
  async close(): Promise<void> {
    for (const { abort } of this.#entries.values()) abort.abort()
    await Promise.all([...this.#entries.values()].map(({ finished }) => finished))
  }

  #forgetOld(): void {
    const ended = [...this.#entries.values()].filter(({ job }) => job.state !== 'running')
    for (const { job } of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#entries.delete(job.id)
  }
}
