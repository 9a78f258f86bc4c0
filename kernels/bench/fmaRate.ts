import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { best, time } from './timing.ts'

type Chains = (rounds: number, factor: number, addend: number) => number
interface Engine {
  instantiate(bytes: Uint8Array): Promise<{ instance: { exports: { chains: Chains; pairs: Chains } } }>
}

/** GFLOP/s of one thread doing nothing but fused multiply-adds in registers, in whichever form is the faster; after a CPU backend was opened. */
export async function fmaRate(): Promise<number> {
  const kernels = fileURLToPath(new URL('..', import.meta.url))
  let binary: Uint8Array | undefined
  const { error, stderr } = await asc.main(
    ['bench/fmaRate.simd.ts', '--outFile', 'fma.wasm', '-O3', '--runtime', 'stub', '--enable', 'simd,relaxed-simd', '--initialMemory', '1'],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(isAbsolute(name) ? name : join(base === '.' ? kernels : base, name), 'utf8')
        } catch {
          return null
        }
      },
      writeFile: (name, contents) => {
        if (name === 'fma.wasm') binary = contents as Uint8Array
      },
      listFiles: () => [],
    },
  )
  if (error || !binary) throw new Error(`fmaRate.simd.ts does not compile: ${stderr.toString()}`)
  const { WebAssembly } = globalThis as unknown as { WebAssembly: Engine }
  const { chains, pairs } = (await WebAssembly.instantiate(binary)).instance.exports
  // Short runs, many of them: some fall between other programs' turns.
  const rounds = 1e5
  const rate = (work: Chains, operations: number): number => {
    work(1e6, 0.999, 0.001)
    return (operations * rounds) / best(time(400, () => void work(rounds, 0.999, 0.001))) / 1e6
  }
  return Math.max(rate(chains, 96), rate(pairs, 192))
}
