// Stand-in for the part of the `electron` module that Strand's main process uses. The built main and preload run unmodified;
// a window is a page of Debian's Chromium, an app:// address is answered through page.route, a utility process is a forked Node.
// It refuses what real Electron would refuse where that matters here (insecure windows, late scheme registration, double handlers).
import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { chromium } from '@playwright/test'
import { preloadScript } from './preloadHost.mjs'

const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const handlers = new Map()
const schemes = new Map()
const privileged = new Set()
const windows = new Set()
const paths = { userData: process.env.STRAND_HOME }
// Chromium gives a page secure-context rights only on https; app://strand/x is https://strand.app.test/x inside
const toWeb = (url) =>
  url.replace(/^(\w+):\/\/([\w-]+)/, (whole, scheme, host) => (privileged.has(scheme) ? `https://${host}.${scheme}.test` : whole))
const fromWeb = (url) => url.replace(/^https:\/\/([\w-]+)\.(\w+)\.test/, '$2://$1')
let browser

export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  async whenReady() {
    const port = process.env.STANDIN_CDP_PORT
    browser ??= await chromium.launch({
      executablePath: process.env.STRAND_CHROMIUM ?? '/usr/bin/chromium',
      args: port ? [...ARGS, `--remote-debugging-port=${port}`] : ARGS,
    })
  },
  getPath(name) {
    if (!paths[name]) throw new Error(`the stand-in has no app.getPath('${name}')`)
    return paths[name]
  },
  setPath: (name, path) => void (paths[name] = path),
  requestSingleInstanceLock: () => true,
  /** As in Electron: 'before-quit' can hold it up, and then the app quits when asked again. */
  quit() {
    let held = false
    app.emit('before-quit', { preventDefault: () => (held = true) })
    if (!held) void app.exit(0)
  },
  async exit(code = 0) {
    await browser?.close()
    process.exit(code)
  },
})
process.on('SIGTERM', () => app.quit())

export const protocol = {
  registerSchemesAsPrivileged(list) {
    if (browser) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme } of list) privileged.add(scheme)
  },
  handle: (scheme, answer) => void schemes.set(scheme, answer),
}
export const session = { defaultSession: { setPermissionRequestHandler() {}, setPermissionCheckHandler() {} } }
export const nativeTheme = { shouldUseDarkColors: false }
export const shell = { showItemInFolder: (path) => console.log(`STANDIN-REVEAL ${path}`) }
export const dialog = { showOpenDialog: async () => ({ canceled: true, filePaths: [] }) }
export const Menu = { buildFromTemplate: (template) => template, setApplicationMenu() {} }
export const ipcMain = {
  handle(channel, handler) {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  },
}

export const utilityProcess = {
  fork(file, args = []) {
    const child = fork(file, args, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--import', new URL('./worker.mjs', import.meta.url).href],
    })
    const events = new EventEmitter()
    child.on('message', (message) => events.emit('message', message))
    child.on('exit', (code) => events.emit('exit', code))
    return {
      pid: child.pid,
      postMessage: (message) => child.connected && child.send(structuredClone(message)),
      kill: () => child.kill(),
      on: (name, listener) => events.on(name, listener),
    }
  },
}

async function invoke(window, frame, channel, args) {
  try {
    const handler = handlers.get(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    const senderFrame = { url: fromWeb(frame.url()), parent: frame.parentFrame() ? {} : null }
    return { ok: structuredClone(await handler({ sender: window.webContents, senderFrame }, ...args)) }
  } catch (error) {
    return { error: String(error) }
  }
}

export class BrowserWindow extends EventEmitter {
  constructor(options) {
    super()
    const { contextIsolation, sandbox, nodeIntegration } = options.webPreferences ?? {}
    if (!contextIsolation || !sandbox || nodeIntegration)
      throw new Error('a window without contextIsolation and sandbox, or with nodeIntegration')
    windows.add(this)
    this.options = options
    this.webContents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (decide) => (this.decideOpen = decide),
      send: (channel, ...args) =>
        void this.page?.evaluate(([name, list]) => window.__standinSend(name, list), [channel, structuredClone(args)]).catch(() => {}),
    })
    this.ready = this.#open()
  }

  async #open() {
    const { width, height, webPreferences } = this.options
    const context = await browser.newContext({ viewport: { width, height }, ignoreHTTPSErrors: true })
    this.page = await context.newPage()
    await this.page.exposeBinding('__standinInvoke', ({ frame }, channel, args) => invoke(this, frame, channel, args))
    await this.page.exposeBinding('__standinFile', (_source, name) => {
      const path = join(mkdtempSync(join(tmpdir(), 'strand-drop-')), basename(name))
      writeFileSync(path, '')
      return path
    })
    await this.page.exposeBinding('__standinBytes', (_source, path, base64) => appendFileSync(path, Buffer.from(base64, 'base64')))
    await this.page.addInitScript({ content: preloadScript(readFileSync(webPreferences.preload, 'utf8')) })
    await this.page.route('**/*', (route) => this.#answer(route))
    this.page.on('close', () => this.#closed())
  }

  async #answer(route) {
    const url = fromWeb(route.request().url())
    const handler = schemes.get(url.split(':')[0])
    // nothing leaves the app
    if (!handler) return route.abort('blockedbyclient')
    const answer = await handler(new Request(url))
    return route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    })
  }

  #closed() {
    this.emit('close')
    this.destroyed = true
    windows.delete(this)
    this.emit('closed')
    if (windows.size === 0) app.emit('window-all-closed')
  }

  async loadURL(url) {
    await this.ready
    await this.page.goto(toWeb(url))
    this.emit('ready-to-show')
    console.log(`STANDIN-WINDOW ${url}`)
  }

  getNormalBounds() {
    return { x: 0, y: 0, width: this.options.width, height: this.options.height }
  }
  isDestroyed() {
    return Boolean(this.destroyed)
  }
  isMaximized = () => false
  isMinimized = () => false
  maximize() {}
  restore() {}
  focus() {}
  show() {}
}

export default { app, protocol, session, nativeTheme, shell, dialog, Menu, ipcMain, utilityProcess, BrowserWindow }
