import { BrowserWindow, nativeTheme } from 'electron'
import { join } from 'node:path'
import { readJson, writeJson } from '../core/jsonFile.ts'

interface WindowState {
  width: number
  height: number
  x?: number
  y?: number
  maximized: boolean
}

const FIRST: WindowState = { width: 1280, height: 800, maximized: false }

/** The one window: sandboxed, isolated, going nowhere but to its own page, as large and where it was last. */
export function createWindow(userDataDir: string, preload: string): BrowserWindow {
  const file = join(userDataDir, 'window.json')
  const { maximized, ...bounds } = { ...FIRST, ...readJson<Partial<WindowState>>(file, {}) }
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Strand',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#111318' : '#f6f7f9',
    webPreferences: { preload, contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true, spellcheck: false },
  })
  if (maximized) window.maximize()
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.on('will-attach-webview', (event) => event.preventDefault())
  window.once('ready-to-show', () => window.show())
  window.on('close', () => writeJson(file, { ...window.getNormalBounds(), maximized: window.isMaximized() }))
  return window
}
