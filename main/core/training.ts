import type { RunSummary, StartRun } from '../contract/run.ts'
import type { Device, TrainingEnd, TrainingNews } from '../../projects/api.ts'
import type { ComputeMethods, DataMethods, RunNews } from '../workers/methods.ts'
import type { Supervisor } from '../workers/supervisor.ts'
import type { CoreContext } from './core.ts'
import { errorShape, StrandError } from './errors.ts'
import type { Projects } from './projects.ts'

interface Active {
  runId: number
  name: string
  paused: boolean
  /** The loop has ended; only its record is still being written. */
  ending: boolean
  /** Waiting for the data worker; given to it in one transaction per flush. */
  news: RunNews
  /** Flushes follow one another, so that points reach SQLite in order. */
  writing: Promise<void>
  timer: NodeJS.Timeout
  ended: Promise<void>
}

/** Milliseconds between two transactions, and between two 'run/metrics' to the fronts. */
const FLUSH_EVERY = 250
/** After this a training process that does not answer 'stop' is ended; its last checkpoint remains. */
const STOP_PATIENCE = 60_000

/** A run that 'auto' put on a device goes on there. */
const DEVICES: readonly Device[] = ['webgpu', 'cpu', 'reference']

const nothing = (): RunNews => ({ checkpoints: [], removed: [], points: [], samples: [], events: [], change: {} })

/** The one training run under way: its process, its record and what the fronts hear of it. */
export class Training {
  readonly #trainer: Supervisor<ComputeMethods>
  readonly #data: Supervisor<DataMethods>
  readonly #projects: Projects
  readonly #emit: CoreContext['emit']
  #active: Active | undefined
  #starting = false
  #closing = false

  constructor(trainer: Supervisor<ComputeMethods>, data: Supervisor<DataMethods>, projects: Projects, emit: CoreContext['emit']) {
    this.#trainer = trainer
    this.#data = data
    this.#projects = projects
    this.#emit = emit
  }

  /** The run that trains or is paused now. */
  get runId(): number | null {
    return this.#active?.runId ?? null
  }

  get pid(): number | undefined {
    return this.#trainer.pid
  }

  requireIdle(): void {
    if (!this.#active) return
    throw new StrandError(
      'busy',
      `"${this.#active.name}" is ${this.#active.paused ? 'paused' : 'training'}; stop it or wait for its end before you start another run.`,
      {
        runId: this.#active.runId,
      },
    )
  }

  start(input: StartRun): Promise<{ runId: number }> {
    return this.#alone(async () => {
      const run = await this.#data.request('run/create', input)
      this.#begin(run, input.device ?? 'auto', false)
      return { runId: run.id }
    })
  }

  async pause(runId: number): Promise<void> {
    const active = this.#require(runId)
    if (active.paused) return
    active.paused = true
    await this.#trainer.request('train/pause', undefined)
    await this.#note(active, { state: 'paused', secondsLeft: null })
  }

  async resume(runId: number): Promise<void> {
    const active = this.#active
    if (active?.runId === runId) {
      if (!active.paused) return
      active.paused = false
      await this.#trainer.request('train/continue', undefined)
      await this.#note(active, { state: 'running' })
      return
    }
    await this.#alone(async () => {
      const run = await this.#data.request('run/get', { runId })
      if (run.state === 'done') {
        const message = `"${run.name}" has taken all of its ${run.steps} steps; start a new run to train longer.`
        throw new StrandError('bad-input', message, { runId })
      }
      await this.#data.request('run/rewind', { runId })
      this.#begin(run, DEVICES.find((device) => device === run.device) ?? 'auto', true)
    })
  }

  async stop(runId: number): Promise<void> {
    const active = this.#require(runId)
    await this.#stopProcess(active)
  }

  /** Saves the checkpoint of the run under way; it stays 'interrupted' and can be resumed. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#active) await this.#stopProcess(this.#active)
  }

  /** Between asking for a run and its start, nobody else may start one. */
  async #alone<T>(begin: () => Promise<T>): Promise<T> {
    this.requireIdle()
    if (this.#starting) throw new StrandError('busy', 'Another run is just being started; wait for its end before you start this one.')
    this.#starting = true
    try {
      return await begin()
    } finally {
      this.#starting = false
    }
  }

  #begin(run: RunSummary, device: Device, resume: boolean): void {
    const active: Active = {
      runId: run.id,
      name: run.name,
      paused: false,
      ending: false,
      news: nothing(),
      writing: Promise.resolve(),
      timer: setInterval(() => void this.#flush(active), FLUSH_EVERY),
      ended: Promise.resolve(),
    }
    active.timer.unref()
    this.#active = active
    active.ended = this.#train(active, device, resume)
  }

  async #train(active: Active, device: Device, resume: boolean): Promise<void> {
    const { runId } = active
    let end: RunNews['change']
    try {
      await this.#note(active, { state: 'running', message: null })
      const input = { folder: this.#projects.folder, runId, device, resume }
      end = this.#endOf(await this.#trainer.request('train', input, { onProgress: (news) => this.#hear(active, news) }))
    } catch (error) {
      const { code, message } = errorShape(error)
      const crashed = code === 'worker-crashed' || code === 'cancelled'
      end = {
        state: crashed ? 'interrupted' : 'failed',
        message: crashed ? `${message.split(/[;.] /)[0].replace(/\.$/, '')}. Resume continues from the last checkpoint.` : message,
      }
    }
    active.ending = true
    clearInterval(active.timer)
    // a fresh process for the next run: whatever this one held of memory and device is given back
    await this.#trainer.stop()
    await this.#note(active, { ...end, secondsLeft: null }).catch((error: unknown) => console.error(error))
    this.#active = undefined
  }

  #endOf({ state, message }: TrainingEnd): RunNews['change'] {
    if (state === 'stopped' && this.#closing) {
      return { state: 'interrupted', message: 'Strand was closed while this run trained. Resume continues where it was.' }
    }
    return { state, message }
  }

  #hear(active: Active, { checkpoints, removed, points, samples, events, change }: TrainingNews): void {
    const { news, runId } = active
    if (checkpoints) news.checkpoints.push(...checkpoints)
    if (removed) news.removed.push(...removed)
    if (points) news.points.push(...points)
    if (events) news.events.push(...events)
    if (samples) {
      news.samples.push(...samples)
      for (const sample of samples) this.#emit('run/sample', { runId, sample })
    }
    Object.assign(news.change, change)
  }

  #note(active: Active, change: RunNews['change']): Promise<void> {
    Object.assign(active.news.change, change)
    return this.#flush(active)
  }

  #flush(active: Active): Promise<void> {
    const { runId, news } = active
    if (Object.values(news).every((part) => Object.keys(part).length === 0)) return active.writing
    active.news = nothing()
    if (news.points.length) this.#emit('run/metrics', { runId, points: news.points })
    const write = async (): Promise<void> => {
      const summary = await this.#record(runId, news)
      this.#emit('run/changed', summary)
    }
    const next = active.writing.catch(() => undefined).then(write)
    active.writing = next
    // points that cannot be written do not end the run: its weights are worth more than its curve
    next.catch((error: unknown) => console.error(error))
    return next
  }

  /** A data worker that died is started again by the next request, so what it was given is given once more. */
  async #record(runId: number, news: RunNews): Promise<RunSummary> {
    try {
      return await this.#data.request('run/news', { runId, news })
    } catch (error) {
      if (errorShape(error).code !== 'worker-crashed') throw error
      return this.#data.request('run/news', { runId, news })
    }
  }

  async #stopProcess(active: Active): Promise<void> {
    const patience = setTimeout(() => void this.#trainer.stop(), STOP_PATIENCE)
    if (!active.ending) await this.#trainer.request('train/stop', undefined).catch(() => undefined)
    await active.ended
    clearTimeout(patience)
  }

  #require(runId: number): Active {
    if (this.#active?.runId === runId && !this.#active.ending) return this.#active
    throw new StrandError('bad-input', `Run ${runId} is not training now.`, { runId })
  }
}
