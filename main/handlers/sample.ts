import type { CoreContext } from '../core/core.ts'
import { StrandError } from '../core/errors.ts'
import type { Handlers } from './types.ts'

export function sampleHandlers({ data, projects, jobs, emit }: CoreContext) {
  return {
    'sample/list': () => data.request('sample/list', undefined),
    'sample/import': async ({ id }) => {
      await projects.requireWrite()
      const sample = (await data.request('sample/list', undefined)).find((candidate) => candidate.id === id)
      if (!sample) throw new StrandError('not-found', `There is no sample named "${id}".`, { id })
      const jobId = jobs.start('import', `Import ${sample.name}`, async ({ signal, progress }) => {
        const result = await data.request('sample/import', { id }, { signal, onProgress: progress })
        emit('dataset/changed', { id: result.datasetId })
        await projects.changed()
        return result
      })
      return { jobId }
    },
  } satisfies Partial<Handlers>
}
