import type { CoreContext } from '../core/core.ts'
import { StrandError } from '../core/errors.ts'
import type { Device } from '../../projects/api.ts'
import type { Handlers } from './types.ts'

export function runHandlers({ data, compute, training, projects, jobs, user, emit }: CoreContext) {
  const chosenDevice = (): Device => user.settings().device
  return {
    'run/start': async (input) => {
      await projects.requireWrite()
      const started = await training.start({ ...input, device: input.device ?? chosenDevice() })
      await projects.changed()
      return started
    },
    'run/pause': ({ runId }) => training.pause(runId),
    'run/resume': async ({ runId }) => {
      await projects.requireWrite()
      await training.resume(runId)
    },
    'run/stop': ({ runId }) => training.stop(runId),
    'run/list': () => data.request('run/list', undefined),
    'run/get': (input) => data.request('run/get', input),
    'run/metrics': (input) => data.request('run/metrics', input),
    'run/rename': async (input) => {
      await projects.requireWrite()
      await data.request('run/rename', input)
      emit('run/changed', await data.request('run/get', { runId: input.runId }))
    },
    'run/delete': async ({ runId }) => {
      if (training.runId === runId) throw new StrandError('busy', `Run ${runId} is training; stop it before you delete it.`, { runId })
      await projects.requireWrite()
      await data.request('run/delete', { runId })
      await projects.changed()
    },
    'run/evaluate': async ({ runId, split }) => {
      await projects.requireWrite()
      const { name } = await data.request('run/get', { runId })
      const jobId = jobs.start('evaluate', `Evaluate ${name}`, async ({ signal, progress }) => {
        const input = { folder: projects.folder, runId, split, device: chosenDevice() }
        const evaluation = await compute.request('evaluate', input, { signal, onProgress: progress })
        await data.request('run/add-evaluation', evaluation)
        return evaluation
      })
      return { jobId }
    },
    'run/evaluations': (input) => data.request('run/evaluations', input),
    'run/generate': async (request) => {
      const { name } = await data.request('run/get', { runId: request.runId })
      const jobId = jobs.start('generate', `Generate from ${name}`, ({ id, signal, progress }) => {
        const input = { folder: projects.folder, request, device: chosenDevice() }
        return compute.request('generate', input, {
          signal,
          onProgress: (chunk) => {
            emit('generate/chunk', { ...chunk, jobId: id })
            progress({ fraction: Math.min(1, chunk.start / request.length), phase: 'generating' })
          },
        })
      })
      return { jobId }
    },
  } satisfies Partial<Handlers>
}
