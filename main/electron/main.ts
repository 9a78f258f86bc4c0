import { app, dialog, ipcMain, protocol, session, shell } from 'electron'
import type { IpcMainInvokeEvent } from 'electron'
import { join } from 'node:path'
import { createCore } from '../core/core.ts'
import { envelope, StrandError } from '../core/errors.ts'
import { projectsDir } from '../core/folders.ts'
import { staticFile } from '../core/staticFiles.ts'
import { setMenu } from './menu.ts'
import { utilityWorker } from './utilityWorker.ts'
import { createWindow } from './window.ts'

const PAGE = 'app://strand/index.html'
const renderer = join(import.meta.dirname, '../renderer')

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
])
if (process.env.STRAND_HOME) app.setPath('userData', process.env.STRAND_HOME)
// a second start of the app shows the window of the first; two windows on one project would contend for it
if (!app.requestSingleInstanceLock()) app.exit(0)

/** Only our page's top frame is answered: not a frame inside it, nor a page it was led away to. */
function isOurs({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && senderFrame.url.split('#')[0] === PAGE
}

async function main(): Promise<void> {
  await app.whenReady()
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
  protocol.handle('app', async (request) => {
    const { host, pathname } = new URL(request.url)
    if (host !== 'strand') return new Response('not found', { status: 404 })
    const { status, headers, body } = await staticFile(renderer, pathname)
    return new Response(typeof body === 'string' ? body : new Uint8Array(body), { status, headers })
  })
  setMenu()

  const userDataDir = app.getPath('userData')
  const window = createWindow(userDataDir, join(import.meta.dirname, '../preload/preload.cjs'))
  const core = await createCore({
    front: 'electron',
    userDataDir,
    projectsDir: projectsDir(),
    spawnWorker: utilityWorker,
    desktop: {
      reveal: async (path) => {
        shell.showItemInFolder(path)
        return true
      },
      chooseFolder: async (title) => {
        const { canceled, filePaths } = await dialog.showOpenDialog(window, { title, properties: ['openDirectory', 'createDirectory'] })
        return canceled ? null : filePaths[0]
      },
    },
  })

  // ipc strips an Error of its fields, so outcomes travel as envelopes
  ipcMain.handle('call', (event, name: unknown, input: unknown) =>
    envelope(() => {
      if (!isOurs(event)) throw new StrandError('bad-input', 'This page may not call Strand.')
      return core.call(String(name), input)
    }),
  )
  core.on((event, payload) => {
    if (!window.isDestroyed()) window.webContents.send('event', event, payload)
  })
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.focus()
  })

  // one window is the whole app, on macOS too: closing it saves and ends
  let saved = false
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    if (saved) return
    event.preventDefault()
    void core.close().finally(() => {
      saved = true
      app.quit()
    })
  })
  await window.loadURL(PAGE)
}

main().catch((error: unknown) => {
  console.error(error)
  app.exit(1)
})
