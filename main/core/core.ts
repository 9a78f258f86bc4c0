import type { CallName, EventName, Events, Input, Output } from '../contract/calls.ts'
import type { AppInfo } from '../contract/system.ts'
import { createHandlers } from '../handlers/handlers.ts'
import { isCallName, parseInput } from '../handlers/inputs.ts'
import type { SpawnWorker } from '../workers/messages.ts'
import type { ComputeMethods, DataMethods } from '../workers/methods.ts'
import { Supervisor } from '../workers/supervisor.ts'
import { StrandError } from './errors.ts'
import { Jobs } from './jobs.ts'
import { Projects } from './projects.ts'
import { UserFiles } from './settings.ts'
import { Training } from './training.ts'

/** What only the Electron window can do; elsewhere the calls answer that they cannot. */
export interface Desktop {
  reveal(path: string): Promise<boolean>
  chooseFolder(title: string): Promise<string | null>
}

export interface CoreOptions {
  front: AppInfo['front']
  userDataDir: string
  projectsDir: string
  spawnWorker: SpawnWorker
  /** The folder to open (`create` makes it where it is missing); undefined: the last one opened, or a first one; null: none. */
  project?: { folder: string; create: boolean } | null
  desktop?: Desktop
}

/** What the handlers work with. */
export interface CoreContext {
  readonly front: AppInfo['front']
  readonly desktop: Desktop | undefined
  readonly user: UserFiles
  readonly projects: Projects
  readonly data: Supervisor<DataMethods>
  /** Evaluation, generation, export, doctor: apart from training, so that neither takes the other down. */
  readonly compute: Supervisor<ComputeMethods>
  readonly training: Training
  readonly jobs: Jobs
  emit<E extends EventName>(event: E, payload: Events[E]): void
}

type Listener = <E extends EventName>(event: E, payload: Events[E]) => void

export interface Core {
  /** Resolves when the project is open; rejects with the sentence why it cannot be. */
  readonly ready: Promise<void>
  /** The untrusted entry: a front passes on whatever arrived. */
  call<K extends CallName>(name: K, input: Input<K>): Promise<Output<K>>
  call(name: string, input: unknown): Promise<unknown>
  on(listener: Listener): () => void
  /** Where a front that cannot pass a path puts the file's bytes. */
  uploadsDir(): Promise<string>
  /** Saves the checkpoint of a run under way, cancels jobs, ends the workers, gives the project back. */
  close(): Promise<void>
}

export async function createCore(options: CoreOptions): Promise<Core> {
  const listeners = new Set<Listener>()
  const emit: CoreContext['emit'] = (event, payload) => {
    for (const listener of listeners) listener(event, payload)
  }
  const user = new UserFiles(options.userDataDir)
  const spawn = options.spawnWorker
  const data: Supervisor<DataMethods> = new Supervisor({
    kind: 'data',
    title: 'data',
    spawn,
    onStart: (request): Promise<void> => projects.reopen(request),
  })
  const compute = new Supervisor<ComputeMethods>({ kind: 'compute', title: 'compute', spawn, idleMs: 60_000 })
  const trainer = new Supervisor<ComputeMethods>({ kind: 'compute', title: 'training', spawn })
  const projects = new Projects(data, user, options.projectsDir, emit, options.front !== 'cli')
  const jobs = new Jobs((job) => emit('job/changed', job))
  const training = new Training(trainer, data, projects, emit)
  const context: CoreContext = { front: options.front, desktop: options.desktop, user, projects, data, compute, training, jobs, emit }
  const handlers = createHandlers(context)
  const ready = options.project === null ? Promise.resolve() : projects.openFirst(options.project)
  ready.catch(() => undefined)

  return {
    ready,
    async call(name: string, input: unknown): Promise<never> {
      if (!isCallName(name)) throw new StrandError('bad-input', `There is no call named ${JSON.stringify(name.slice(0, 64))}.`)
      const checked = parseInput(name, input)
      await ready
      return (handlers[name] as (value: unknown) => never)(checked)
    },
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async uploadsDir() {
      await ready
      await projects.requireWrite()
      return projects.uploads
    },
    async close() {
      await ready.catch(() => undefined)
      await training.close()
      // a worker deep in a computation hears of the cancellation late; it writes nothing, so it may be ended
      const patience = setTimeout(() => void compute.stop(), 3000)
      await jobs.close()
      clearTimeout(patience)
      await Promise.all([trainer.close(), compute.close(), data.close()])
      projects.close()
    },
  }
}
