import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Calls, CallName, Events, EventName } from '../contract/calls.ts'
import type { DatasetSummary } from '../contract/dataset.ts'
import type { RunSummary } from '../contract/run.ts'
import type { Job } from '../contract/system.ts'
import { createCore, type Core, type CoreOptions } from '../core/core.ts'
import { errorShape, fromShape, StrandError } from '../core/errors.ts'
import { projectsDir, userDataDir } from '../core/folders.ts'
import { forkWorker } from '../workers/fork.ts'
import { createOutput, duration, type Output } from './output.ts'

export interface CommonOptions {
  project?: string
  json?: boolean
}

export interface Session {
  readonly core: Core
  readonly output: Output
  /** Called on the first Ctrl-C instead of ending at once; a second one ends at once. */
  onInterrupt(act: () => void): void
}

/** --project, else the folder one stands in when it is a project, else (undefined) the one the window had open last. */
function chooseProject(named: string | undefined, create: boolean): CoreOptions['project'] {
  if (named !== undefined) return { folder: named, create }
  return existsSync(join(process.cwd(), 'project.sqlite')) ? { folder: process.cwd(), create: false } : undefined
}

/** Runs one command on the same core as the windows have, and turns its outcome into an exit code: 0, or 1 with one sentence on stderr. */
export async function withCore(
  options: CommonOptions,
  need: 'project' | 'new project' | 'no project',
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const output = createOutput(options.json === true)
  let core: Core | undefined
  let act: (() => void) | undefined
  process.on('SIGINT', () => {
    if (!act) process.exit(130)
    act()
    act = undefined
  })
  try {
    core = await createCore({
      front: 'cli',
      userDataDir: userDataDir(),
      projectsDir: projectsDir(),
      spawnWorker: forkWorker,
      project: need === 'no project' ? null : chooseProject(options.project, need === 'new project'),
    })
    await core.ready
    await work({ core, output, onInterrupt: (next) => (act = next) })
  } catch (error) {
    const shape = errorShape(error)
    output.object('error', { code: shape.code, message: shape.message, facts: shape.facts })
    output.progress('')
    process.stderr.write(`${shape.message}\n`)
    process.exitCode = 1
  } finally {
    await core?.close()
  }
}

export function listen<E extends EventName>(core: Core, event: E, listener: (payload: Events[E]) => void): () => void {
  return core.on((name, payload) => {
    if ((name as string) === event) listener(payload as unknown as Events[E])
  })
}

type JobCall = { [K in CallName]: Calls[K][1] extends { jobId: string } ? K : never }[CallName]

/** Starts a job, shows its progress until it ends, and answers its result. Ctrl-C cancels it. */
export async function runJob<K extends JobCall>(
  { core, output, onInterrupt }: Session,
  name: K,
  input: Calls[K][0],
  onStart?: (jobId: string) => void,
): Promise<unknown> {
  let stop: () => void = () => undefined
  const ended = new Promise<Job>((resolve, reject) => {
    const seen = new Map<string, Job>()
    let jobId: string | undefined
    const look = (job: Job): void => {
      if (job.id !== jobId) return void seen.set(job.id, job)
      if (job.state !== 'running') return resolve(job)
      const { fraction, phase, secondsLeft } = job
      output.object('progress', { kind: job.kind, fraction, phase, secondsLeft })
      const percent = fraction === null ? '' : `${Math.floor(fraction * 100)} %  `
      output.progress(`${job.title}: ${percent}${phase}${secondsLeft === null ? '' : `  ${duration(secondsLeft)} left`}`)
    }
    stop = listen(core, 'job/changed', look)
    core.call(name, input).then((started) => {
      jobId = (started as { jobId: string }).jobId
      const id = jobId
      onInterrupt(() => void core.call('job/cancel', { jobId: id }))
      onStart?.(id)
      const early = seen.get(id)
      if (early) look(early)
    }, reject)
  })
  try {
    const job = await ended
    if (job.state === 'done') return job.result
    throw job.error ? fromShape(job.error as StrandError) : new StrandError('cancelled', `${job.title} was cancelled.`)
  } finally {
    stop()
  }
}

/** By id, or by name (any case). */
function pick<T extends { id: number; name: string }>(list: T[], what: string, given: string): T {
  const byId = list.find(({ id }) => String(id) === given)
  if (byId) return byId
  const named = list.filter(({ name }) => name.toLowerCase() === given.toLowerCase())
  if (named.length === 1) return named[0]
  const known = list.map(({ id, name }) => `${id} (${name})`).join(', ')
  if (named.length > 1)
    throw new StrandError(
      'bad-input',
      `More than one ${what} is named "${given}"; give its number: ${named.map(({ id }) => id).join(', ')}.`,
    )
  throw new StrandError('not-found', `There is no ${what} "${given}" in this project; there ${known ? `are ${known}` : 'is none'}.`)
}

/** By name the newest version; by number any. */
export async function findDataset(core: Core, given: string): Promise<DatasetSummary> {
  const newest = await core.call('dataset/list', undefined)
  const older = /^\d+$/.test(given) && !newest.some(({ id }) => id === Number(given))
  return older ? core.call('dataset/get', { id: Number(given) }) : pick(newest, 'dataset', given)
}

export async function findRun(core: Core, given: string): Promise<RunSummary> {
  return pick(await core.call('run/list', undefined), 'run', given)
}
