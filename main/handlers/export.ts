import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CoreContext } from '../core/core.ts'
import type { Handlers } from './types.ts'

/** The folder itself, or with -2, -3, … where it was exported before. */
function unused(folder: string): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? folder : `${folder}-${n}`
    if (!existsSync(candidate)) return candidate
  }
}

export function exportHandlers({ data, compute, projects, jobs, user }: CoreContext) {
  return {
    'run/export': async ({ runId, folder }) => {
      await projects.requireWrite()
      const { name } = await data.request('run/get', { runId })
      const target = folder ?? unused(join(projects.folder, 'exports', `run-${runId}`))
      const jobId = jobs.start('export', `Export ${name}`, async ({ signal, progress }) => {
        const input = { folder: projects.folder, runId, target, device: user.settings().device }
        const result = await compute.request('export', input, { signal, onProgress: progress })
        await data.request('run/add-export', result)
        return result
      })
      return { jobId }
    },
    'run/exports': (input) => data.request('run/exports', input),
  } satisfies Partial<Handlers>
}
