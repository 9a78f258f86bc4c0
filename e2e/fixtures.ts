import { expect, test as base, type Browser, type Page, type PlaywrightWorkerArgs } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CHROMIUM, CHROMIUM_ARGS } from '../playwright.config.ts'

export type HostKind = 'web' | 'electron'

/** Strand as a user has it: a process with its own empty user folder, and the page it shows. */
export interface App {
  readonly kind: HostKind
  /** User data and projects; removed when the test ends. */
  readonly home: string
  readonly page: Page
  /** What the process printed so far. */
  output(): string
  /** The address with its token (web only). */
  readonly url: string
  /** Ends the process as closing it would, and opens it again on the same folder. Answers the new page. */
  restart(): Promise<Page>
  /** As a crash or the power going: the process gets no chance to save. */
  kill(): Promise<void>
  start(): Promise<Page>
  stop(): Promise<void>
}

const ROOT = join(import.meta.dirname, '..')

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function environment(home: string, extra: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, STRAND_HOME: home, STRAND_NO_OPEN: '1', STRAND_CHROMIUM: CHROMIUM, ...extra }
}

/** Process ids that were started for this user folder and still live. */
export function processesOf(home: string): number[] {
  const mark = `STRAND_HOME=${home}\0`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark) && !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
        )
      } catch {
        return false
      }
    })
    .map(Number)
}

class RunningApp implements App {
  readonly kind: HostKind
  readonly home = mkdtempSync(join(tmpdir(), 'strand-e2e-'))
  url = ''
  #playwright: PlaywrightWorkerArgs['playwright']
  #process: ChildProcess | undefined
  #browser: Browser | undefined
  #page: Page | undefined
  #output = ''

  constructor(kind: HostKind, playwright: PlaywrightWorkerArgs['playwright']) {
    this.kind = kind
    this.#playwright = playwright
  }

  get page(): Page {
    if (!this.#page) throw new Error('the app is not running')
    return this.#page
  }

  output(): string {
    return this.#output
  }

  async start(): Promise<Page> {
    this.#page = this.kind === 'web' ? await this.#startWeb() : await this.#startElectron()
    return this.#page
  }

  async #startWeb(): Promise<Page> {
    this.url = await this.#spawn(['--disable-warning=ExperimentalWarning', 'main/web/main.ts'], {}, /Strand is open at (\S+)\n/)
    this.#browser = await this.#playwright.chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS })
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })
    const page = await context.newPage()
    await page.goto(this.url)
    return page
  }

  async #startElectron(): Promise<Page> {
    const port = await freePort()
    await this.#spawn(
      ['--import', './e2e/electron-standin/register.mjs', 'out/main/electron.js'],
      { STANDIN_CDP_PORT: String(port) },
      /STANDIN-WINDOW (\S+)\n/,
    )
    this.#browser = await this.#playwright.chromium.connectOverCDP(`http://127.0.0.1:${port}`)
    const page = this.#browser
      .contexts()
      .flatMap((context) => context.pages())
      .find((candidate) => candidate.url().includes('strand.app.test'))
    if (!page) throw new Error('the stand-in opened no window')
    return page
  }

  async #spawn(args: string[], extra: Record<string, string>, ready: RegExp): Promise<string> {
    const child = spawn(process.execPath, args, { cwd: ROOT, env: environment(this.home, extra), stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    this.#output = ''
    return new Promise((resolve, reject) => {
      const hear = (data: Buffer): void => {
        this.#output += data.toString()
        const match = ready.exec(this.#output)
        if (match) resolve(match[1])
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('exit', (code, signal) => reject(new Error(`Strand ended (${signal ?? code}) before it was open:\n${this.#output}`)))
    })
  }

  async stop(): Promise<void> {
    if (this.kind === 'electron') await this.#end('SIGTERM')
    await this.#browser?.close().catch(() => undefined)
    await this.#end('SIGTERM')
    this.#browser = this.#page = undefined
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
    await this.#browser?.close().catch(() => undefined)
    this.#browser = this.#page = undefined
  }

  async restart(): Promise<Page> {
    await this.stop()
    return this.start()
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    const patience = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await ended
    clearTimeout(patience)
  }

  /** Whatever a test left behind ends here; what outlived its parent fails the test. */
  async cleanUp(): Promise<number[]> {
    await this.stop()
    let left = processesOf(this.home)
    for (let tries = 0; left.length > 0 && tries < 50; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      left = processesOf(this.home)
    }
    for (const pid of left) process.kill(pid, 'SIGKILL')
    rmSync(this.home, { recursive: true, force: true })
    return left
  }
}

interface Fixtures {
  host: HostKind
  app: App
  page: Page
}

/** `page` is Strand's window on the chosen host (`test.use({ host: 'electron' })`), opened on an empty user folder. */
export const test = base.extend<Fixtures>({
  host: ['web', { option: true }],
  app: async ({ host, playwright }, use) => {
    const app = new RunningApp(host, playwright)
    try {
      await app.start()
      await use(app)
    } finally {
      const left = await app.cleanUp()
      expect(left, 'processes left after the app was closed').toEqual([])
    }
  },
  page: async ({ app }, use) => use(app.page),
})

export { expect }
