import { fileURLToPath } from 'node:url'
import type { WorkerKind } from './messages.ts'

/** Run from source the worker is the .ts file beside this one; built, every entry lies in one folder as .js. */
export function workerFile(kind: WorkerKind): string {
  const built = !import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(/* @vite-ignore */ built ? `./${kind}.worker.js` : `./${kind}.worker.ts`, import.meta.url))
}
