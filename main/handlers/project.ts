import { existsSync } from 'node:fs'
import type { CoreContext } from '../core/core.ts'
import { StrandError } from '../core/errors.ts'
import type { Handlers } from './types.ts'

export function projectHandlers({ projects, training, jobs, user }: CoreContext) {
  /** Work under way belongs to the folder it was started in. */
  const requireIdle = (): void => {
    training.requireIdle()
    const job = jobs.list().find(({ state }) => state === 'running')
    if (job)
      throw new StrandError('busy', `"${job.title}" is still running in this project; cancel it or wait before you open another.`, {
        jobId: job.id,
      })
  }
  return {
    'project/current': () => projects.info(),
    'project/recent': () => user.recent(),
    'project/open': ({ path }) => {
      requireIdle()
      // an empty folder that the user chose becomes a project
      return projects.open(path, existsSync(path))
    },
    'project/create': ({ name }) => {
      requireIdle()
      return projects.create(name)
    },
  } satisfies Partial<Handlers>
}
