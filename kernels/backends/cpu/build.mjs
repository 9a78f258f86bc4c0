// Compiles the CPU backend's kernels (AssemblyScript, *.simd.ts) to two WebAssembly modules, with and without fused multiply-add,
// and writes them as base64 into generated/wasm.ts. Does nothing when the sources have not changed.
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const kernels = join(here, '../..')
const output = join(here, 'generated/wasm.ts')
const builds = {
  fma: ['--enable', 'simd,threads,relaxed-simd'],
  plain: ['--enable', 'simd,threads'],
}
const options = [
  '-O3',
  '--converge',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '16',
  '--maximumMemory',
  '65536',
  '--disableWarning',
  '112',
  '--disableWarning',
  '201',
]

const sources = [
  ...globSync('{ops,backends/cpu}/**/*.simd.ts', { cwd: kernels }),
  'backends/cpu/wasm/codes.ts',
  'backends/cpu/build.mjs',
].sort()
const hash = createHash('sha256')
for (const source of sources) hash.update(source).update(readFileSync(join(kernels, source)))
const digest = hash.digest('hex')

let current = ''
try {
  current = readFileSync(output, 'utf8')
} catch {
  // not built yet
}
if (!current.includes(digest)) {
  const { main } = (await import('assemblyscript/asc')).default
  const started = performance.now()
  const modules = []
  for (const [name, features] of Object.entries(builds)) {
    let binary = null
    const { error, stderr } = await main(['backends/cpu/wasm/main.simd.ts', '--outFile', 'kernels.wasm', ...options, ...features], {
      readFile: (name, base) => {
        try {
          return readFileSync(join(base === '.' ? kernels : base, name), 'utf8')
        } catch {
          return null
        }
      },
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') binary = contents
      },
      baseDir: kernels,
    })
    if (error) {
      console.error(stderr.toString())
      throw error
    }
    modules.push(`export const ${name} =\n  '${Buffer.from(binary).toString('base64')}'\n`)
    console.log(`kernels: ${name} build, ${binary.length} bytes`)
  }
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, `// Built from *.simd.ts by kernels/backends/cpu/build.mjs. Sources: ${digest}\n${modules.join('')}`)
  console.log(`kernels: built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
