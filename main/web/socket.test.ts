import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { ProjectInfo } from '../contract/system.ts'
import { createCore, type Core } from '../core/core.ts'
import { forkWorker } from '../workers/fork.ts'
import { startWebFront, type WebFront } from './server.ts'
import { safeName } from './upload.ts'

let home: string
let core: Core
let front: WebFront

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'strand-web-'))
  core = await createCore({ front: 'web', userDataDir: home, projectsDir: home, spawnWorker: forkWorker })
  front = await startWebFront(core, home)
})
afterEach(async () => {
  await front.close()
  await core.close()
  rmSync(home, { recursive: true, force: true })
})

interface Page {
  socket: WebSocket
  /** The first message that fits, heard or still to come; gives up when the connection closes. */
  next(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  ask(request: unknown): void
}

async function openPage(): Promise<Page> {
  const granted = await fetch(front.url, { redirect: 'manual' })
  const cookie = String(granted.headers.get('set-cookie')).split(';')[0]
  const { host, origin } = new URL(front.url)
  const socket = new WebSocket(`ws://${host}/rpc`, { headers: { cookie, origin } })
  const heard: Record<string, unknown>[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data: Buffer) => {
    heard.push(JSON.parse(data.toString()) as Record<string, unknown>)
    for (const look of waiting) look()
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    next: (fits) =>
      new Promise((resolve, reject) => {
        socket.once('close', (code) => reject(new Error(`the connection closed (${code})`)))
        const look = (): void => {
          const found = heard.find(fits)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    ask: (request) => socket.send(typeof request === 'string' ? request : JSON.stringify(request)),
  }
}

test('answers carry the id and come as ok or as an error with its code and facts', async () => {
  const page = await openPage()
  page.ask({ id: 1, name: 'app/info' })
  page.ask({ id: 2, name: 'dataset/get', input: { id: 9 } })
  page.ask({ id: 3, name: 'job/cancel', input: {} })
  page.ask({ id: 4, name: 'system/choose-folder', input: { title: 'x' } })
  expect(await page.next(({ id }) => id === 1)).toMatchObject({ ok: { front: 'web' } })
  expect(await page.next(({ id }) => id === 2)).toMatchObject({ error: { code: 'not-found', facts: { dataset: 9 } } })
  expect(await page.next(({ id }) => id === 3)).toMatchObject({ error: { code: 'bad-input', facts: { field: 'jobId' } } })
  expect(await page.next(({ id }) => id === 4)).toEqual({ id: 4, ok: null })
})

test('events reach every page', async () => {
  const [one, two] = [await openPage(), await openPage()]
  one.ask({ id: 1, name: 'project/create', input: { name: 'Barley' } })
  for (const page of [one, two]) {
    expect(await page.next(({ event, payload }) => event === 'project/changed' && (payload as ProjectInfo).name === 'Barley')).toBeTruthy()
  }
})

test('what is no request ends the connection, not the server', async () => {
  for (const nonsense of ['not json', '[]', '{"id":"1","name":"app/info"}', '{"id":-1,"name":"app/info"}']) {
    const page = await openPage()
    const closed = new Promise<number>((resolve) => page.socket.once('close', resolve))
    page.ask(nonsense)
    expect(await closed, nonsense).toBe(1008)
  }
  const page = await openPage()
  page.ask({ id: 1, name: 'job/list' })
  expect(await page.next(({ id }) => id === 1)).toEqual({ id: 1, ok: [] })
})

test('a safe name is one path component on every system', () => {
  expect(safeName('../../etc/passwd')).toBe('_.._etc_passwd')
  expect(safeName('C:\\data\\a.txt')).toBe('C__data_a.txt')
  expect(safeName('...')).toBe('file')
  expect(safeName('')).toBe('file')
  expect(safeName('reads 1.fa.gz')).toBe('reads 1.fa.gz')
  expect(safeName('x'.repeat(500) + '.csv')).toHaveLength(120)
})
