#!/usr/bin/env node
// Strand needs Node 24, which comes with `npm install`; the machine's own may be older. Any Node can read this file.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
if (Number(process.versions.node.split('.')[0]) >= 24) {
  process.removeAllListeners('warning')
  await import('./index.ts')
} else {
  const node = join(here, '..', '..', 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(node)) {
    console.error(
      `Strand needs Node 24 or newer and this is ${process.version}; run "npm install" in the Strand folder, which brings its own.`,
    )
    process.exit(1)
  }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // Ctrl-C goes to the child as well, which saves a checkpoint first
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}
