import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createCore } from '../core/core.ts'
import { errorShape } from '../core/errors.ts'
import { projectsDir, userDataDir } from '../core/folders.ts'
import { forkWorker } from '../workers/fork.ts'
import { openBrowser } from './openBrowser.ts'
import { startWebFront } from './server.ts'

/** The browser front as a process of its own: prints where it is, and ends on Ctrl-C with every run's checkpoint saved. */
async function main(): Promise<void> {
  const root = join(import.meta.dirname, '../../out/renderer')
  if (!existsSync(join(root, 'index.html'))) throw new Error('The window is not built: run "npm run build" in the Strand folder first.')
  const core = await createCore({ front: 'web', userDataDir: userDataDir(), projectsDir: projectsDir(), spawnWorker: forkWorker })
  const front = await startWebFront(core, root, Number(process.env.STRAND_PORT ?? 0))
  let closing = false
  const stop = async (): Promise<void> => {
    if (closing) return process.exit(1) // a second Ctrl-C does not wait
    closing = true
    await front.close()
    await core.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
  await core.ready
  console.log(`Strand is open at ${front.url}`)
  openBrowser(front.url)
}

main().catch((error: unknown) => {
  console.error(errorShape(error).message)
  process.exit(1)
})
