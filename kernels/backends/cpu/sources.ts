import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const kernels = join(import.meta.dirname, '../..')

/**
 * What the compiled kernels were made from: the AssemblyScript and the TypeScript that writes their commands, since the two must agree on
 * every word. null where the sources do not lie beside this file (in a bundle, which is built whole).
 */
export function sourceDigest(): string | null {
  if (!existsSync(join(kernels, 'backends/cpu/sources.ts'))) return null
  const sources = globSync(['ops/**/*.simd.ts', 'ops/**/*.cpu.ts', 'backends/cpu/**/*.{ts,mjs}'], { cwd: kernels })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.includes('/generated/') && !path.endsWith('.test.ts'))
    .sort()
  const hash = createHash('sha256')
  for (const source of sources) hash.update(source).update(readFileSync(join(kernels, source)))
  return hash.digest('hex')
}
