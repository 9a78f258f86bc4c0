// npm run build: the CPU kernels' WebAssembly, then main, preload and renderer into out/, with the project's own Node.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const ownNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const electronVite = join(dirname(createRequire(import.meta.url).resolve('electron-vite/package.json')), 'bin', 'electron-vite.js')

function run(...args) {
  const { status } = spawnSync(existsSync(ownNode) ? ownNode : process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

run(join(root, 'kernels', 'backends', 'cpu', 'build.mjs'))
run(electronVite, 'build', '--config', 'electron.config.ts', '--logLevel', 'warn')
