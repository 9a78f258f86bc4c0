// Compiles the CPU backend's kernels (AssemblyScript, *.simd.ts) to two WebAssembly modules, with and without fused multiply-add,
// and writes them as base64 into generated/wasm.ts, with what wide.ts wants to know. Does nothing when neither the sources nor V8 changed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { sourceDigest } from './sources.ts'

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

/** The bytes of a module's data section, 0 if it has none. */
function dataBytes(binary) {
  for (let at = 8; at < binary.length;) {
    const id = binary[at++]
    let size = 0
    for (let shift = 0, more = true; more; shift += 7) {
      size |= (binary[at] & 127) << shift
      more = binary[at++] > 127
    }
    if (id === 11) return size
    at += size
  }
  return 0
}

const digest = sourceDigest()

let current = ''
try {
  current = readFileSync(output, 'utf8')
} catch {
  // not built yet
}
const checked = `checkedWith = '${process.versions.v8}'`
if (!current.includes(digest) || !current.includes(checked)) {
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
    // Static data would lie where the control words and the heap are (codes.ts): Math.log and its like bring tables.
    if (dataBytes(binary) > 0)
      throw new Error(`The ${name} build holds ${dataBytes(binary)} bytes of static data; the heap has no place for it.`)
    modules.push(`export const ${name} =\n  '${Buffer.from(binary).toString('base64')}'\n`)
    console.log(`kernels: ${name} build, ${binary.length} bytes`)
  }
  mkdirSync(dirname(output), { recursive: true })
  const write = (wide) =>
    writeFileSync(
      output,
      `// Built by kernels/backends/cpu/build.mjs.\nexport const digest = '${digest}'\nexport const ${checked}\nexport const wide = ${wide}\n${modules.join('')}`,
    )
  write(false)
  // Fusing pairs of vectors is experimental in V8, and one shape of code ends the process: every kernel is compiled so here, before any is trusted.
  const script = `import { fma, plain } from ${JSON.stringify(pathToFileURL(output).href)}
    for (const binary of [fma, plain]) new WebAssembly.Module(Buffer.from(binary, 'base64'))`
  const flags = ['--experimental-wasm-revectorize', '--no-liftoff', '--no-wasm-lazy-compilation', '--input-type=module', '-e', script]
  const wide = process.arch === 'x64' && spawnSync(process.execPath, flags).status === 0
  write(wide)
  console.log(`kernels: V8 ${process.versions.v8} ${wide ? 'compiles' : 'does not compile'} them with 256-bit registers`)
  console.log(`kernels: built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
