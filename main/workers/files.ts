import { fileURLToPath } from 'node:url'
import type { WorkerKind } from './messages.ts'

/** Run from source the worker is the .ts file beside this one; built, every entry lies in one folder as .js. */
export function workerFile(kind: WorkerKind): string {
  const built = !import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(/* @vite-ignore */ built ? `./${kind}.worker.js` : `./${kind}.worker.ts`, import.meta.url))
}

/**
 * V8's flags for a worker. The data worker streams: what it allocates is dead in a moment, and a large young generation (Node's default grows to
 * some 100 MB) would only be memory that an import of any size never needs.
 */
export const workerFlags = (kind: WorkerKind): string[] => (kind === 'data' ? ['--max-semi-space-size=8'] : [])
