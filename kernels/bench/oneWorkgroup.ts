import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { bindOperands, kernel, reads, writes } from '../backends/webgpu/wgsl.ts'
import type { Operand } from '../graph/plan.ts'
import { best } from './gpuMicro.ts'

const flat = (buffer: number, count: number): Operand => ({ buffer, offset: 0, rows: 1, cols: count, ld: count, dtype: 'f32' })
const AHEAD = 8

/**
 * Bytes per second at which one workgroup alone reads (1, elements) that lie in the cache. WebGPU has no barrier across workgroups, so a single dispatch
 * that walks a model through many tokens is one workgroup, and no faster than it reads the weights.
 */
export async function oneWorkgroupRate(backend: WebGpuBackend, elements: number): Promise<number> {
  const threads = Math.min(1024, backend.target.invocations)
  const buffers = [backend.createBuffer(elements, 'f32', 'weights'), backend.createBuffer(threads * 4, 'f32', 'sums')]
  const bound = bindOperands({ x: reads(flat(0, elements), true), y: writes(flat(1, threads * 4), true) })
  const loads = Array.from({ length: AHEAD }, (_, k) => bound.views.x.get4('0u', `i + ${k * threads}u`))
  const dispatch = kernel({
    label: 'one workgroup',
    bound,
    workgroup: threads,
    groups: 1,
    body: `var sum = vec4f(); for (var i = li; i < ${elements / 4}u; i += ${AHEAD * threads}u) { ${loads.map((load) => `sum += ${load};`).join(' ')} }
${bound.views.y.put4('0u', 'li', 'sum')}`,
  })
  const program = await backend.compileDispatches([dispatch], buffers)
  const ms = await best(program, backend.target.software ? 1 : 20)
  program.destroy()
  buffers.forEach((buffer) => buffer.destroy())
  return (4 * elements) / (ms / 1e3)
}
