import { afterEach, expect, test } from 'vitest'
import { forkWorker } from './fork.ts'
import type { DataMethods } from './methods.ts'
import { Supervisor } from './supervisor.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []
const started: Supervisor<DataMethods>[] = []
let starts = 0

function worker(idleMs = Infinity): Supervisor<DataMethods> {
  const folder = mkdtempSync(join(tmpdir(), 'strand-supervisor-'))
  folders.push(folder)
  starts = 0
  const supervisor: Supervisor<DataMethods> = new Supervisor({
    kind: 'data',
    title: 'data',
    spawn: forkWorker,
    idleMs,
    onStart: async (request): Promise<void> => {
      starts++
      await request('project/open', { folder, write: true })
    },
  })
  started.push(supervisor)
  return supervisor
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((supervisor) => supervisor.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test('after a SIGKILL the next request gets a new process, brought to where the last one was', async () => {
  const supervisor = worker()
  expect(await supervisor.request('dataset/list', undefined)).toEqual([])
  const first = supervisor.pid as number
  process.kill(first, 'SIGKILL')
  await expect.poll(() => supervisor.pid).not.toBe(first)
  expect(await supervisor.request('dataset/list', undefined)).toEqual([])
  expect(supervisor.pid).not.toBe(first)
  expect(starts).toBe(2)
})

test('what was asked when the process died is refused with a sentence that says how it ended', async () => {
  const supervisor = worker()
  await supervisor.request('dataset/list', undefined)
  process.kill(supervisor.pid as number, 'SIGSTOP')
  const asked = supervisor.request('project/info', undefined)
  await new Promise((resolve) => setTimeout(resolve, 50))
  process.kill(supervisor.pid as number, 'SIGKILL')
  await expect(asked).rejects.toMatchObject({
    code: 'worker-crashed',
    message: expect.stringContaining('The data process ended unexpectedly (SIGKILL)'),
  })
})

test('a process that ends again and again is not started for ever', async () => {
  const supervisor = worker()
  for (let i = 0; i < 5; i++) {
    await supervisor.request('dataset/list', undefined)
    const { pid } = supervisor
    process.kill(pid as number, 'SIGKILL')
    await expect.poll(() => supervisor.pid).toBeUndefined()
  }
  await expect(supervisor.request('dataset/list', undefined)).rejects.toMatchObject({
    code: 'worker-crashed',
    message: expect.stringContaining('keeps ending'),
  })
})

test('errors keep code and facts across the process', async () => {
  const supervisor = worker()
  await expect(supervisor.request('dataset/get', { id: 41 })).rejects.toMatchObject({ code: 'not-found', facts: { dataset: 41 } })
})

test('close ends the process', async () => {
  const supervisor = worker()
  await supervisor.request('dataset/list', undefined)
  const pid = supervisor.pid as number
  await supervisor.close()
  expect(gone(pid)).toBe(true)
  await expect(supervisor.request('dataset/list', undefined)).rejects.toMatchObject({ code: 'worker-crashed' })
})

test('a process that is asked nothing is ended, and started again when it is asked', async () => {
  const supervisor = worker(200)
  await supervisor.request('dataset/list', undefined)
  const pid = supervisor.pid as number
  await expect.poll(() => gone(pid)).toBe(true)
  expect(await supervisor.request('dataset/list', undefined)).toEqual([])
  expect(starts).toBe(2)
})

test('stopping on purpose is no crash, however often', async () => {
  const supervisor = worker()
  for (let i = 0; i < 7; i++) {
    await supervisor.request('dataset/list', undefined)
    await supervisor.stop()
  }
  expect(await supervisor.request('dataset/list', undefined)).toEqual([])
})
