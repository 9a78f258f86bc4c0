import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bridge } from '../main/contract/calls.ts'
import { expect, processesOf, test } from './fixtures.ts'
import { look, shot } from './window.ts'

declare global {
  interface Window {
    strand?: Bridge
  }
}

interface Answer {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: string
}

/** A bare request, so that Host and Origin can be anything. */
function ask(url: URL, options: { method?: string; headers?: OutgoingHttpHeaders; body?: string; path?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body, path = url.pathname + url.search } = options
    const request = httpRequest(
      { host: '127.0.0.1', port: url.port, path, method, headers: { host: url.host, ...headers } },
      (response) => {
        let text = ''
        response.on('data', (data: Buffer) => (text += data.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      },
    )
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' })
    })
    request.on('error', reject)
    request.end(body)
  })
}

for (const host of ['web', 'electron'] as const) {
  test.describe(host, () => {
    test.use({ host })

    test('shows the app without a word on the console, and it is accessible', async ({ app }) => {
      const words: string[] = []
      app.page.on('console', (message) => message.type() === 'error' && words.push(message.text()))
      app.page.on('pageerror', (error) => words.push(String(error)))
      await app.page.reload()
      await expect(app.page).toHaveTitle(/Strand/)
      await expect(app.page.getByRole('main')).toBeVisible()
      await expect(app.page.getByRole('heading').first()).toBeVisible()
      if (host === 'web') await look(app.page, 'first-start')
      else await shot(app.page, 'first-start-electron')
      expect(words).toEqual([])
    })

    test('closing it leaves no process', async ({ app }) => {
      expect(processesOf(app.home).length).toBeGreaterThan(1)
      await app.stop()
      await expect.poll(() => processesOf(app.home)).toEqual([])
    })

    test('when it is killed its workers end too, and the project opens again', async ({ app }) => {
      await app.kill()
      await expect.poll(() => processesOf(app.home).length, { timeout: 10_000 }).toBe(0)
      const page = await app.start()
      await expect(page.getByRole('main')).toBeVisible()
    })
  })
}

test.describe('the window’s bridge', () => {
  test.use({ host: 'electron' })

  test('offers the contract and nothing else, and errors keep their code', async ({ app }) => {
    expect(await app.page.evaluate(() => Object.keys(window.strand ?? {}).sort())).toEqual(['call', 'front', 'on', 'pathForFile'])
    expect(await app.page.evaluate(() => window.strand?.call('app/info', undefined))).toMatchObject({
      front: 'electron',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    })
    const refused = await app.page.evaluate(() =>
      window.strand?.call('dataset/get', { id: 7 }).then(
        () => null,
        (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
      ),
    )
    expect(refused).toMatchObject({ code: 'not-found', message: expect.stringContaining('no dataset 7') })
  })

  test('the page cannot leave the app or reach the network', async ({ app }) => {
    const reached = await app.page.evaluate(() =>
      fetch('https://example.org/').then(
        () => 'reached',
        () => 'refused',
      ),
    )
    expect(reached).toBe('refused')
  })
})

test.describe('the browser front', () => {
  test.use({ host: 'web' })

  test('refuses strangers: no token, a wrong one, another Host, another Origin', async ({ app }) => {
    const url = new URL(app.url)
    const bare = new URL('/', url)
    expect((await ask(bare)).status).toBe(403)
    expect((await ask(new URL('/?token=nope', url))).status).toBe(403)
    expect((await ask(url, { headers: { host: 'evil.test' } })).status).toBe(403)
    expect((await ask(url, { headers: { host: `evil.test:${url.port}` } })).status).toBe(403)

    const granted = await ask(url)
    expect(granted.status).toBe(302)
    const cookie = String(granted.headers['set-cookie'])
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
    const own = { cookie: cookie.split(';')[0] }
    const page = await ask(bare, { headers: own })
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['content-security-policy']).toContain("script-src 'self';")

    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const rpc = new URL('/rpc', url)
    expect((await ask(rpc, { headers: upgrade })).status).toBe(403)
    expect((await ask(rpc, { headers: { ...upgrade, ...own, origin: 'https://evil.test' } })).status).toBe(403)
    expect((await ask(rpc, { headers: { ...upgrade, ...own, origin: url.origin } })).status).toBe(101)
    const put = new URL('/upload/a.txt', url)
    expect((await ask(put, { method: 'PUT', body: 'x' })).status).toBe(403)
    expect((await ask(put, { method: 'PUT', body: 'x', headers: { ...own, origin: 'http://127.0.0.1:1' } })).status).toBe(403)
    expect((await ask(bare, { method: 'POST', body: 'x', headers: own })).status).toBe(405)
  })

  test('serves no file outside the window’s folder', async ({ app }) => {
    const url = new URL(app.url)
    const own = { cookie: String((await ask(url)).headers['set-cookie']).split(';')[0] }
    for (const path of [
      '/../../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/../../main/electron.js',
      '/%00',
    ]) {
      const answer = await ask(url, { path, headers: own })
      expect([403, 404], path).toContain(answer.status)
      expect(answer.body).not.toContain('"name"')
    }
  })

  test('an upload lies in the project’s uploads folder whatever its name, and half of one is removed', async ({ app }) => {
    const url = new URL(app.url)
    const own = { cookie: String((await ask(url)).headers['set-cookie']).split(';')[0] }
    const uploads = join(app.home, 'projects', 'First project', 'uploads')
    for (const name of [
      '../../../../escaped.txt',
      '..\\..\\escaped.txt',
      '/etc/escaped.txt',
      '.hidden',
      'a\0b\n.txt',
      'plain name.txt',
      '💧.txt',
    ]) {
      const answer = await ask(url, { path: `/upload/${encodeURIComponent(name)}`, method: 'PUT', body: 'hello', headers: own })
      expect(answer.status, name).toBe(200)
      const { path } = JSON.parse(answer.body) as { path: string }
      expect(path.startsWith(uploads + '/'), path).toBe(true)
      expect(readFileSync(path, 'utf8')).toBe('hello')
      expect(path.slice(uploads.length + 1).split('/')).toHaveLength(2)
    }
    expect(existsSync(join(app.home, 'escaped.txt'))).toBe(false)

    const before = readdirSync(uploads).length
    const broken = httpRequest({
      host: '127.0.0.1',
      port: url.port,
      path: '/upload/half.txt',
      method: 'PUT',
      headers: { host: url.host, ...own, 'content-length': 1_000_000 },
    })
    broken.on('error', () => undefined)
    broken.write('half')
    await expect.poll(() => readdirSync(uploads).length).toBe(before + 1)
    broken.destroy()
    await expect.poll(() => readdirSync(uploads).length).toBe(before)
  })

  test('an upload larger than the disk is refused before it is read', async ({ app }) => {
    const url = new URL(app.url)
    const own = { cookie: String((await ask(url)).headers['set-cookie']).split(';')[0] }
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: url.port,
          path: '/upload/huge.fa',
          method: 'PUT',
          headers: { host: url.host, ...own, 'content-length': 1e15 },
        },
        (response) => {
          let body = ''
          response.on('data', (data: Buffer) => (body += data.toString()))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        },
      )
      request.on('error', reject)
      request.flushHeaders()
    })
    expect(answer.status).toBe(507)
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { code: 'disk-full', message: expect.stringContaining('huge.fa needs 1000000.0 GB') },
    })
  })
})

test('npm start says why there is no window, opens the browser front, and ends on Ctrl-C with nothing left', async () => {
  const home = mkdtempSync(join(tmpdir(), 'strand-start-'))
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env
  const child = spawn(process.execPath, ['main/start.mjs'], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...env, STRAND_HOME: home, STRAND_NO_OPEN: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
    // a group of its own, so that Ctrl-C can be sent as a terminal sends it: to all of it
    detached: true,
  })
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  try {
    await expect.poll(() => output, { timeout: 60_000 }).toContain('Strand is open at http://127.0.0.1:')
    expect(output).toContain('Strand opens in the browser, because this machine has no display.')
    const ended = new Promise((resolve) => child.once('exit', resolve))
    process.kill(-(child.pid as number), 'SIGINT')
    expect(await ended).toBe(0)
    await expect.poll(() => processesOf(home)).toEqual([])
  } finally {
    for (const pid of processesOf(home)) process.kill(pid, 'SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
})
