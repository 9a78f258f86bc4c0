import { rm } from 'node:fs/promises'
import { basename, dirname, sep } from 'node:path'
import type { CoreContext } from '../core/core.ts'
import type { Handlers } from './types.ts'

export function datasetHandlers({ data, projects, jobs, emit }: CoreContext) {
  /** An uploaded copy is of no use once its content is in the database. */
  const dropUploads = async (paths: string[]): Promise<void> => {
    for (const path of paths) if (path.startsWith(projects.uploads + sep)) await rm(dirname(path), { recursive: true, force: true })
  }
  return {
    'dataset/inspect': ({ paths, options }) => data.request('dataset/inspect', { paths, options: options ?? {} }),
    'dataset/import': async ({ paths, options }) => {
      await projects.requireWrite()
      const title = options.name ?? (paths.length === 1 ? basename(paths[0]) : `${basename(paths[0])} and ${paths.length - 1} more`)
      const jobId = jobs.start('import', `Import ${title}`, async ({ signal, progress }) => {
        const result = await data.request('dataset/import', { paths, options }, { signal, onProgress: progress })
        await dropUploads(paths)
        emit('dataset/changed', { id: result.datasetId })
        await projects.changed()
        return result
      })
      return { jobId }
    },
    'dataset/list': () => data.request('dataset/list', undefined),
    'dataset/get': (input) => data.request('dataset/get', input),
    'dataset/versions': (input) => data.request('dataset/versions', input),
    'dataset/signal': (input) => data.request('dataset/signal', input),
    'dataset/preview': (input) => data.request('dataset/preview', input),
    'dataset/quality': (input) => data.request('dataset/quality', input),
    'dataset/records': (input) => data.request('dataset/records', input),
    'dataset/split': async (input) => {
      await projects.requireWrite()
      const result = await data.request('dataset/split', input)
      emit('dataset/changed', { id: result.datasetId })
      await projects.changed()
      return result
    },
    'dataset/rename': async (input) => {
      await projects.requireWrite()
      await data.request('dataset/rename', input)
      emit('dataset/changed', { id: input.id })
    },
    'dataset/delete': async (input) => {
      await projects.requireWrite()
      await data.request('dataset/delete', input)
      emit('dataset/changed', { id: input.id, removed: true })
      await projects.changed()
    },
  } satisfies Partial<Handlers>
}
