import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forkWorker } from '../workers/fork.ts'
import { createCore, type Core } from './core.ts'
import { VERSION } from './version.ts'

let home: string
const open: Core[] = []

async function start(): Promise<Core> {
  const core = await createCore({
    front: 'web',
    userDataDir: join(home, 'user'),
    projectsDir: join(home, 'projects'),
    spawnWorker: forkWorker,
  })
  open.push(core)
  return core
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'strand-core-'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((core) => core.close()))
  rmSync(home, { recursive: true, force: true })
})

test('the first start makes a project, the next one opens it again', async () => {
  const first = await start()
  const made = await first.call('project/current', undefined)
  expect(made).toMatchObject({ name: 'First project', datasets: 0, runs: 0 })
  const created = await first.call('project/create', { name: 'Wheat' })
  expect(created.path).toBe(join(home, 'projects', 'Wheat'))
  await first.close()
  expect(existsSync(join(created.path, 'strand.lock'))).toBe(false)

  const second = await start()
  expect((await second.call('project/current', undefined)).name).toBe('Wheat')
  expect((await second.call('project/recent', undefined)).map(({ name }) => name)).toEqual(['Wheat', 'First project'])
})

test('what a front may not send is refused with a sentence that names the field', async () => {
  const core = await start()
  const refusals: [string, unknown, string][] = [
    ['no/such-call', {}, 'There is no call named "no/such-call".'],
    ['toString', {}, 'There is no call named "toString".'],
    ['dataset/get', { id: '1; DROP TABLE dataset' }, 'dataset/get was given a value it cannot take: id:'],
    ['dataset/get', { id: 1, extra: true }, 'dataset/get was given a value it cannot take: the input:'],
    ['dataset/inspect', { paths: [] }, 'paths:'],
    ['dataset/inspect', { paths: ['a\0b'] }, 'paths.0: is not a path'],
    ['dataset/import', { paths: ['/x'], options: { split: { train: 1, validation: 1, test: 1 } } }, 'options.split: must add up to 1'],
    ['run/generate', { runId: 1, length: Number.NaN, temperature: 1, seed: 1 }, 'length:'],
    ['system/settings', { theme: 'sepia' }, 'theme:'],
  ]
  for (const [name, input, sentence] of refusals) {
    await expect(core.call(name, input), name).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining(sentence) })
  }
})

test('settings are kept, and only the ones given change', async () => {
  const core = await start()
  expect(await core.call('system/settings', undefined)).toEqual({ theme: 'system', device: 'auto', singleKeyShortcuts: true })
  await core.call('system/settings', { theme: 'dark' })
  expect(await core.call('system/settings', undefined)).toEqual({ theme: 'dark', device: 'auto', singleKeyShortcuts: true })
})

test('a second Strand reads the same project and is told who has it when it would write', async () => {
  const first = await start()
  const { path } = await first.call('project/current', undefined)
  const second = await createCore({
    front: 'cli',
    userDataDir: join(home, 'user'),
    projectsDir: join(home, 'projects'),
    spawnWorker: forkWorker,
    project: { folder: path, create: false },
  })
  open.push(second)
  // same process, so the lock file is what is looked at, as another process would
  expect(await second.call('dataset/list', undefined)).toEqual([])
  await expect(second.call('dataset/rename', { id: 1, name: 'x' })).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining(`open in another Strand on this machine (process ${process.pid})`),
  })
  await first.close()
  await expect(second.call('dataset/rename', { id: 1, name: 'x' })).rejects.toMatchObject({ code: 'not-found' })
})

test('a folder that is no project is refused and the open one stays', async () => {
  const core = await start()
  const { path } = await core.call('project/current', undefined)
  await expect(core.call('project/open', { path: home })).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('is not a Strand project'),
  })
  await expect(core.call('project/open', { path: join(home, 'nowhere') })).rejects.toMatchObject({ code: 'not-found' })
  expect((await core.call('project/current', undefined)).path).toBe(path)
})

test('the version is the package’s', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(VERSION).toBe(version)
})
