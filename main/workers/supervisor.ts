import { fromShape, StrandError } from '../core/errors.ts'
import type { FromWorker, MethodTable, SpawnWorker, WorkerKind, WorkerProcess } from './messages.ts'

export interface RequestOptions<P> {
  signal?: AbortSignal
  onProgress?: (value: P) => void
}

export interface SupervisorOptions<M extends MethodTable<M>> {
  kind: WorkerKind
  /** Completes "The … process ended". */
  title: string
  spawn: SpawnWorker
  /** Brings a fresh process to where the last one was. */
  onStart?: (request: Supervisor<M>['request']) => Promise<void>
  /** A process that was asked nothing for so long is ended. */
  idleMs?: number
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
  progress: ((value: never) => void) | undefined
}

interface Live {
  process: WorkerProcess
  pending: Map<number, Pending>
  started: Promise<void>
}

/** So many ends within so many milliseconds and the worker is not started again until the time has passed. */
const QUICK_ENDS = 5
const QUICK_MS = 20_000

/**
 * Starts a worker process when first asked, watches it, and starts another one when it has died.
 * Requests under way when it dies are rejected with 'worker-crashed'; later ones go to the new process.
 */
export class Supervisor<M extends MethodTable<M>> {
  readonly #kind: WorkerKind
  readonly #title: string
  readonly #spawn: SpawnWorker
  readonly #onStart: (request: Supervisor<M>['request']) => Promise<void>
  readonly #ends: number[] = []
  readonly #idleMs: number
  #rest: NodeJS.Timeout | undefined
  #live: Live | undefined
  #nextId = 1
  #closed = false

  constructor(options: SupervisorOptions<M>) {
    this.#kind = options.kind
    this.#title = options.title
    this.#spawn = options.spawn
    this.#onStart = options.onStart ?? (async () => {})
    this.#idleMs = options.idleMs ?? Infinity
  }

  get pid(): number | undefined {
    return this.#live?.process.pid
  }

  async request<K extends keyof M & string>(method: K, input: M[K][0], options: RequestOptions<M[K][2]> = {}): Promise<M[K][1]> {
    const live = this.#ensure()
    await live.started
    return this.#send(live, method, input, options)
  }

  /** Ends the process; what it was asked is refused with 'cancelled'. A later request starts another. */
  async stop(): Promise<void> {
    const live = this.#live
    if (!live) return
    this.#live = undefined
    this.#refuse(live, new StrandError('cancelled', `The ${this.#title} process was stopped.`))
    const ended = new Promise<void>((resolve) => live.process.onExit(() => resolve()))
    live.process.kill()
    await ended
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.stop()
  }

  #refuse({ pending }: Live, error: StrandError): void {
    for (const { reject } of [...pending.values()]) reject(error)
  }

  #ensure(): Live {
    if (this.#live) return this.#live
    if (this.#closed) throw new StrandError('worker-crashed', `The ${this.#title} process was closed.`)
    const now = Date.now()
    while (this.#ends.length && now - this.#ends[0] > QUICK_MS) this.#ends.shift()
    if (this.#ends.length >= QUICK_ENDS) {
      throw new StrandError(
        'worker-crashed',
        `The ${this.#title} process keeps ending; wait a few seconds and try again, or run "strand doctor".`,
      )
    }
    const pending = new Map<number, Pending>()
    const child = this.#spawn(this.#kind)
    const live: Live = { process: child, pending, started: Promise.resolve() }
    this.#live = live
    const ready = new Promise<void>((resolve, reject) => {
      child.onMessage((message) => (message.kind === 'ready' ? resolve() : this.#receive(pending, message)))
      child.onExit((how) => {
        const error = new StrandError(
          'worker-crashed',
          `The ${this.#title} process ended unexpectedly (${how}); Strand starts it again when it is needed.`,
          { how },
        )
        reject(error)
        // one that was stopped on purpose is nobody's live process any more
        if (this.#live !== live) return
        this.#live = undefined
        this.#ends.push(Date.now())
        this.#refuse(live, error)
      })
    })
    live.started = ready.then(() => this.#onStart((method, input, options) => this.#send(live, method, input, options ?? {})))
    live.started.catch(() => undefined)
    return live
  }

  #send<K extends keyof M & string>(
    live: Live,
    method: K,
    input: M[K][0],
    { signal, onProgress }: RequestOptions<M[K][2]>,
  ): Promise<M[K][1]> {
    if (this.#live !== live) throw new StrandError('worker-crashed', `The ${this.#title} process ended before it could answer.`)
    const id = this.#nextId++
    return new Promise<M[K][1]>((resolve, reject) => {
      const cancel = (): void => live.process.post({ kind: 'cancel', id })
      const settle = (): void => {
        live.pending.delete(id)
        signal?.removeEventListener('abort', cancel)
        this.#restWhenIdle(live)
      }
      live.pending.set(id, {
        resolve: (value) => (settle(), resolve(value as M[K][1])),
        reject: (error) => (settle(), reject(error)),
        progress: onProgress,
      })
      live.process.post({ kind: 'request', id, method, input })
      if (signal?.aborted) cancel()
      else signal?.addEventListener('abort', cancel, { once: true })
    })
  }

  /** A compute process keeps its model and its device's memory; one that nobody asks gives both back. */
  #restWhenIdle(live: Live): void {
    clearTimeout(this.#rest)
    if (this.#idleMs === Infinity || live.pending.size > 0) return
    this.#rest = setTimeout(() => live === this.#live && live.pending.size === 0 && void this.stop(), this.#idleMs)
    this.#rest.unref()
  }

  #receive(pending: Map<number, Pending>, message: Exclude<FromWorker, { kind: 'ready' }>): void {
    const entry = pending.get(message.id)
    if (!entry) return
    if (message.kind === 'ok') entry.resolve(message.value)
    else if (message.kind === 'error') entry.reject(fromShape(message.error))
    else entry.progress?.(message.value as never)
  }
}
