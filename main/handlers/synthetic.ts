import type { CoreContext } from '../core/core.ts'
import { StrandError } from '../core/errors.ts'
import type { Handlers } from './types.ts'

export function syntheticHandlers({ data, projects, jobs, emit }: CoreContext) {
  return {
    'synthetic/list': () => data.request('synthetic/list', undefined),
    'synthetic/generate': async (input) => {
      await projects.requireWrite()
      const task = (await data.request('synthetic/list', undefined)).find(({ id }) => id === input.task)
      if (!task) throw new StrandError('not-found', `There is no task named "${input.task}".`, { task: input.task })
      const jobId = jobs.start('import', `Generate ${input.name ?? task.title}`, async ({ signal, progress }) => {
        const result = await data.request('synthetic/generate', input, { signal, onProgress: progress })
        emit('dataset/changed', { id: result.datasetId })
        await projects.changed()
        return result
      })
      return { jobId }
    },
  } satisfies Partial<Handlers>
}
