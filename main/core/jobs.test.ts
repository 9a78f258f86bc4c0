import { expect, test } from 'vitest'
import type { Job } from '../contract/system.ts'
import { StrandError } from './errors.ts'
import { Jobs } from './jobs.ts'

function collector(): { jobs: Jobs; heard: Job[]; ended(id: string): Promise<Job> } {
  const heard: Job[] = []
  const waiting = new Map<string, (job: Job) => void>()
  const jobs = new Jobs((job) => {
    heard.push(job)
    if (job.state !== 'running') waiting.get(job.id)?.(job)
  })
  return { jobs, heard, ended: (id) => new Promise((resolve) => waiting.set(id, resolve)) }
}

test('progress is told at most ten times a second, and the end exactly once and last', async () => {
  const { jobs, heard, ended } = collector()
  const began = performance.now()
  const id = jobs.start('import', 'Import a', async ({ progress }) => {
    for (let i = 0; i < 400; i++) {
      progress({ fraction: i / 400, phase: `line ${i}` })
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return { datasetId: 1 }
  })
  const job = await ended(id)
  expect(job).toMatchObject({ state: 'done', result: { datasetId: 1 }, fraction: 1, secondsLeft: null })
  expect(heard.filter(({ state }) => state === 'done')).toHaveLength(1)
  expect(heard.at(-1)?.state).toBe('done')
  expect(heard.length).toBeLessThanOrEqual((performance.now() - began) / 100 + 3)
  expect(heard.some(({ fraction, secondsLeft }) => fraction !== null && fraction > 0.9 && secondsLeft !== null && secondsLeft < 0.2)).toBe(
    true,
  )
})

test('a failure keeps its code, a cancellation is not a failure', async () => {
  const { jobs, ended } = collector()
  const failing = jobs.start('export', 'Export', () => Promise.reject(new StrandError('disk-full', 'The disk is full.', { bytes: 1 })))
  expect(await ended(failing)).toMatchObject({ state: 'failed', error: { code: 'disk-full', facts: { bytes: 1 } } })

  const long = jobs.start(
    'generate',
    'Generate',
    ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  jobs.cancel(long)
  expect(await ended(long)).toMatchObject({ state: 'cancelled', error: undefined })
  expect(() => jobs.cancel('none')).toThrow('There is no job none')
})
