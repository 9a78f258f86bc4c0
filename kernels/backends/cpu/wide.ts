import { setFlagsFromString } from 'node:v8'
import type { SharedHeap } from './memory.ts'

/** V8's pass that fuses pairs of neighbouring 128-bit operations into one 256-bit operation where the processor has AVX2. Off by default. */
const FUSE_PAIRS = 'experimental-wasm-revectorize'
/** V8 compiles a function first without optimising it, so without fusing; with this off it optimises at the first call. */
const QUICK_COMPILER = 'liftoff'
const DEPTH = 128

export interface Probe {
  probe(wide: number, times: number, depth: number, a: number, b: number, y: number): void
}

/** Asks for wide registers; must be called before the kernels first run, for what is compiled stays as it is. */
export const askForWideRegisters = (): void => setFlagsFromString(`--${FUSE_PAIRS}`)

/**
 * Whether V8 fuses pairs: the 6 × 16 register tile of matmul, which only pays then, gives the same bits as two of 6 × 8 and is faster.
 * Takes about a millisecond. The results of no kernel depend on the answer.
 */
export function hasWideRegisters({ probe }: Probe, heap: SharedHeap): boolean {
  const [depth, columns] = [DEPTH, 16]
  const room = heap.allocate(4 * ((6 + columns) * depth + 2 * 6 * columns), 'probe')
  const a = new Float32Array(heap.memory.buffer, room, (6 + columns) * depth)
  a.forEach((_, i) => (a[i] = Math.sin(i + 1)))
  const outputs = [0, 1].map((wide) => new Float32Array(heap.memory.buffer, room + 4 * (a.length + 6 * columns * wide), 6 * columns))
  const run = (wide: number, times: number): number => {
    const start = performance.now()
    probe(wide, times, depth, room, room + 4 * 6 * depth, outputs[wide].byteOffset)
    return performance.now() - start
  }
  setFlagsFromString(`--no-${QUICK_COMPILER}`)
  run(0, 1)
  run(1, 1)
  setFlagsFromString(`--${QUICK_COMPILER}`)
  const same = outputs[0].every((x, i) => Object.is(x, outputs[1][i]))
  const best = [Infinity, Infinity]
  for (let round = 0; round < 12; round++) for (const wide of [0, 1]) best[wide] = Math.min(best[wide], run(wide, 40))
  heap.release(room)
  return same && best[1] < 0.85 * best[0]
}
