import type { Operand } from '../graph/plan.ts'
import { kernels } from '../backends/webgpu/kernels.ts'
import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { ceilDiv } from '../backends/webgpu/wgsl.ts'
import { tiledLayout, tiledMatmul } from '../ops/matmul/tiled.ts'
import type { MatmulShape, TileChoice } from '../ops/matmul/tiles.ts'
import { type Scales, unitLayout, unitMatmul } from '../ops/matmul/units.ts'
import type { UnitChoice } from '../ops/matmul/unitTiles.ts'
import { RandomStream } from '../random/philox.ts'
import { relativeError } from './opCase.ts'

/**
 * Runs one WebGPU matmul variant on random matrices, bias and residual, whatever variant the shape would get by itself; relative L2 error against float64.
 * y is written over the residual, as plans have it where the residual ends there.
 * Inputs are whole 1024ths, which float16 holds exactly; `halves`: it lies in memory so.
 */
export async function matmulTileError(
  backend: WebGpuBackend,
  choice: TileChoice | UnitChoice,
  shape: MatmulShape,
  scales: Scales = [1, 1],
  halves = false,
): Promise<number> {
  const { M, N, K, transA, transB } = shape
  const random = new RandomStream(7)
  const matrix = (rows: number, cols: number) =>
    Float32Array.from({ length: rows * cols }, () => Math.round(1024 * random.uniform() - 512) / 1024)
  const [a, b, bias, residual] = [matrix(M, K), matrix(K, N), matrix(1, N), matrix(M, N)]
  const room = ('units' in choice ? unitLayout(shape, choice, scales) : tiledLayout(shape, choice)).total || 1
  const inHalves = halves ? [M * K, K * N].map((n) => ceilDiv(n, 2)) : []
  const buffers = [M * K, K * N, M * N, room, N, ...inHalves].map((n, i) => backend.createBuffer(n, 'f32', `matrix ${i}`))
  buffers[0].write(a)
  buffers[1].write(b)
  buffers[4].write(bias)
  buffers[2].write(residual)
  const operand = (buffer: number, rows: number, cols: number): Operand => ({ buffer, offset: 0, rows, cols, ld: cols, dtype: 'f32' })
  const given = [transA ? operand(0, K, M) : operand(0, M, K), transB ? operand(1, N, K) : operand(1, K, N)]
  const [a16, b16] = given.map((o, i): Operand => ({ ...o, buffer: 5 + i, dtype: 'f16' }))
  const operands = {
    a: halves ? a16 : given[0],
    b: halves ? b16 : given[1],
    bias: operand(4, 1, N),
    residual: operand(2, M, N),
    y: operand(2, M, N),
    transA,
    transB,
  }
  const scratch = operand(3, 1, room)
  const dispatches = 'units' in choice ? unitMatmul(operands, choice, scales, scratch) : tiledMatmul(operands, choice, scratch)
  const rounding = halves
    ? [a16, b16].flatMap((o, i) =>
        kernels.copy.dispatches({ op: 'copy', attrs: {}, inputs: [given[i]], outputs: [o], scratch: null }, backend.target),
      )
    : []
  const program = await backend.compileDispatches([...rounding, ...dispatches], buffers)
  program.run()
  await program.done()
  const actual = await buffers[2].read()
  const expected = Float64Array.from(residual, (r, i) => r + bias[i % N])
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++)
      for (let k = 0; k < K; k++) expected[m * N + n] += a[transA ? k * M + m : m * K + k] * b[transB ? n * K + k : k * N + n]
  buffers.forEach((buffer) => buffer.destroy())
  return relativeError(actual, expected)
}
