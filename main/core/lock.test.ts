import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ProjectLock } from './lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strand-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Another process that takes the lock, says so, and keeps it until it is killed. */
async function holder(): Promise<{ pid: number; kill(): Promise<void> }> {
  const script = `const { ProjectLock } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)})
    console.log(new ProjectLock(${JSON.stringify(folder)}).tryAcquire())
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())))
  expect(said).toBe('true')
  return {
    pid: child.pid ?? 0,
    kill: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}

test('held by a living process it is refused, naming the process; after a SIGKILL it is taken over', async () => {
  const other = await holder()
  const lock = new ProjectLock(folder)
  try {
    expect(lock.tryAcquire()).toBe(false)
    await expect(lock.acquire()).rejects.toMatchObject({
      code: 'busy',
      facts: { pid: other.pid },
      message: expect.stringContaining(`process ${other.pid}`),
    })
  } finally {
    await other.kill()
  }
  expect(lock.tryAcquire()).toBe(true)
  lock.release()
})

test('a reused pid, a torn file and a released lock do not keep anyone out', () => {
  const file = join(folder, 'strand.lock')
  const lock = new ProjectLock(folder)
  writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), started: 'another start' }))
  expect(lock.tryAcquire()).toBe(true)
  lock.release()
  writeFileSync(file, '{"pid":')
  expect(lock.tryAcquire()).toBe(true)
  expect(new ProjectLock(folder).tryAcquire()).toBe(false)
  lock.release()
  expect(new ProjectLock(folder).tryAcquire()).toBe(true)
})

test('a lock taken on another machine is respected: its process cannot be asked about here', () => {
  writeFileSync(join(folder, 'strand.lock'), JSON.stringify({ pid: 1, host: 'another-machine', started: '' }))
  expect(new ProjectLock(folder).tryAcquire()).toBe(false)
})
