import type { CoreContext } from '../core/core.ts'
import type { Handlers } from './types.ts'

export function jobHandlers({ jobs }: CoreContext) {
  return {
    'job/list': () => jobs.list(),
    'job/cancel': ({ jobId }) => jobs.cancel(jobId),
  } satisfies Partial<Handlers>
}
