// npm start: the Electron window where it can open, else the browser front on 127.0.0.1. Plain JavaScript, so that any Node can read it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const ownNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const node = existsSync(ownNode) ? ownNode : process.execPath

/** The newest change below the folders that the build reads. */
function newest(folder) {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs)
  }
  return latest
}

function buildIfStale() {
  const built = join(root, 'out', 'renderer', 'index.html')
  const sources = ['main', 'renderer', 'kernels', 'datasets', 'projects'].map((name) => join(root, name))
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources.map(newest))) return
  console.log('Building the window (once, a few seconds)…')
  const { status, stdout, stderr } = spawnSync(node, [join(root, 'main', 'build.mjs')], { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}`)
  console.error('The window could not be built; the lines above say why.')
  process.exit(1)
}

const electronFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))

/** The Electron executable, or null. It is not part of the package: Electron's own installer downloads it. */
function installedElectron() {
  const pathFile = join(electronFolder, 'path.txt')
  if (!existsSync(pathFile)) return null
  const executable = join(electronFolder, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(executable) ? executable : null
}

/** The executable and why it cannot be used, of which one is null. */
function findElectron() {
  if (process.env.STRAND_FRONT === 'web') return [null, 'STRAND_FRONT=web asks for it']
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return [null, 'this machine has no display']
  const installed = installedElectron()
  if (installed) return [installed, null]
  console.log('Fetching the Electron window (once, about 120 MB)…')
  spawnSync(node, [join(electronFolder, 'install.js')], { stdio: 'ignore', timeout: 600_000 })
  const fetched = installedElectron()
  return fetched ? [fetched, null] : [null, 'the Electron binary could not be downloaded']
}

buildIfStale()
const [executable, reason] = findElectron()
if (reason) console.log(`Strand opens in the browser, because ${reason}.`)
const child = executable
  ? spawn(executable, [root], { stdio: 'inherit' })
  : spawn(node, ['--disable-warning=ExperimentalWarning', join(root, 'main', 'web', 'main.ts')], { stdio: 'inherit' })
// Ctrl-C reaches the child too, which saves before it ends; this process only waits for it
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
