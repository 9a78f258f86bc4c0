import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { tiledMatmul } from '../ops/matmul/tiled.ts'
import { chooseTile, HARDWARE_TILES, suits, type TileChoice } from '../ops/matmul/tiles.ts'
import { elements } from '../tensor/tensor.ts'
import { PREFERRED_WALKS, type WalkKind, type WalkShape } from '../ops/selective_scan/scanPlan.ts'
import type { BenchCase } from './gpuCases.ts'
import type { Rates } from './gpuMicro.ts'
import { benchOp, randomData, timeProgram } from './gpuOps.ts'

/** Times every tile and split on a matmul case, fastest first, and says which the backend would choose. */
export async function tuneMatmul(backend: WebGpuBackend, c: BenchCase, more: readonly TileChoice['tile'][] = []): Promise<string> {
  const [a, b] = c.inputs
  const [transA, transB] = [!!c.attrs.transA, !!c.attrs.transB]
  const [M, K] = transA ? [a.cols, a.rows] : [a.rows, a.cols]
  const N = transB ? b.rows : b.cols
  const chosen = chooseTile({ M, N, K, transA, transB }, backend.target)
  const buffers = [elements(a), elements(b), M * N].map((n, i) => backend.createBuffer(n, 'f32', `matrix ${i}`))
  buffers[0].write(randomData(a))
  buffers[1].write(randomData(b))
  const operand = (buffer: number, rows: number, cols: number) => ({ buffer, offset: 0, rows, cols, ld: cols, dtype: 'f32' as const })
  const found: { text: string; ms: number }[] = []
  for (const tile of [...HARDWARE_TILES.map((t) => t.tile), ...more]) {
    if (!suits(tile, transA, transB)) continue
    const groups = Math.ceil(M / tile.BM) * Math.ceil(N / tile.BN)
    const splits = [1, 2, 4, 8, 16, 32, 64].filter(
      (s) => s === 1 || (groups * s <= 2112 && K / s >= 128 && s * M * N <= 2 ** 26 && groups < 600),
    )
    for (const splitK of splits) {
      const scratch = backend.createBuffer(splitK * M * N, 'f32', 'parts')
      const dispatches = tiledMatmul(
        { a: operand(0, a.rows, a.cols), b: operand(1, b.rows, b.cols), y: operand(2, M, N), transA, transB },
        { tile, splitK },
        operand(3, 1, splitK * M * N),
      )
      const program = await backend.compileDispatches(dispatches, [...buffers, scratch])
      const ms = await timeProgram(program)
      const mark = tile === chosen.tile && splitK === chosen.splitK ? ' (chosen)' : ''
      found.push({
        ms,
        text: `${tile.BM}x${tile.BN}x${tile.BK} ${tile.TM}x${tile.TN} /${splitK} ${((2 * M * N * K) / ms / 1e9).toFixed(1)}${mark}`,
      })
      scratch.destroy()
    }
  }
  buffers.forEach((x) => x.destroy())
  found.sort((x, y) => x.ms - y.ms)
  const place = found.findIndex((f) => f.text.endsWith('(chosen)'))
  return `${c.name}: ${found
    .slice(0, 4)
    .map((f) => f.text)
    .join(' | ')}${place >= 4 ? ` | ${place + 1}th ${found[place].text}` : ''}`
}

const WALK_VARIANTS: readonly [WalkKind, Partial<WalkShape>][] = [
  ['K1', {}],
  ['K1', { RT: 16 }],
  ['K1', { RT: 4 }],
  ['K1', { workgroup: 64 }],
  ['K1', { workgroup: 256 }],
  ['K3', { c: 1 }],
  ['K3', { c: 4 }],
  ['K3', { tiled: true }],
  ['K3', { c: 4, tiled: true }],
  ['K3', { RT: 16, tiled: true }],
  ['K3', { workgroup: 64 }],
]

/** Times the scan with one walk laid out differently at a time; milliseconds of that walk and of the whole. */
export async function tuneScan(backend: WebGpuBackend, c: BenchCase, rates: Rates): Promise<string> {
  const label = { F1: 'chunks', F2: 'outputs', K1: 'forwards', K3: 'backwards' }
  const found: string[] = []
  for (const [kind, change] of WALK_VARIANTS) {
    const usual = PREFERRED_WALKS[kind]
    PREFERRED_WALKS[kind] = (chunk) => ({ ...usual(chunk), ...change })
    const { ms, dispatches } = await benchOp(backend, c, rates)
    PREFERRED_WALKS[kind] = usual
    found.push(
      `${kind} ${JSON.stringify(change)} ${dispatches.find(([name]) => name.endsWith(label[kind]))?.[1].toFixed(4)} of ${ms.toFixed(4)}`,
    )
  }
  return `${c.name}: ${found.join(' | ')}`
}
