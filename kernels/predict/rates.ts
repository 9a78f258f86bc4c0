import type { Backend, DeviceBuffer } from '../backends/backend.ts'
import { GraphBuilder, type Value } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { f32 } from '../tensor/tensor.ts'
import type { Rates } from './speeds.ts'

/** Milliseconds of work before the clock is read: an idle card reads several times too slow. */
const WARM_MS = 300
const TIMING_MS = 60

/** What `backend` reaches now: a copy larger than its caches, a matrix product, exponentials, and commands that do nothing. About two seconds. */
export async function measureRates(backend: Backend): Promise<Rates> {
  const large = backend.name === 'webgpu' ? 1 << 25 : 1 << 23
  const side = backend.name === 'webgpu' ? 2048 : 512
  const elements = backend.name === 'webgpu' ? 1 << 24 : 1 << 20
  const many = 200
  const copy = await time(backend, (g) => g.store(g.one('copy', [g.external('x', f32(1, large))]), 'y'))
  const exps = await time(backend, (g) => g.store(g.one('neg_exp', [g.external('x', f32(1, elements))]), 'y'))
  const product = await time(backend, (g) =>
    g.store(g.one('matmul', [g.external('x', f32(side, side)), g.external('z', f32(side, side))]), 'y'),
  )
  const small = await time(backend, (g) => {
    let x: Value = g.external('x', f32(1, 64))
    for (let k = 0; k < many; k++) x = g.one('mul', [x, x])
    g.store(x, 'y')
  })
  return {
    bytes: (8 * large) / (copy / 1e3),
    flops: (2 * side ** 3) / (product / 1e3),
    exps: elements / (exps / 1e3),
    command: small / many,
  }
}

/** Milliseconds of one replay, the best of several rounds. */
async function time(backend: Backend, build: (builder: GraphBuilder) => void): Promise<number> {
  const builder = new GraphBuilder()
  build(builder)
  const made = plan(builder.graph, backend.sizes)
  const buffers: Record<string, DeviceBuffer> = {}
  for (const b of made.buffers) if (b.kind === 'external') buffers[b.name] = backend.createBuffer(b.elements, 'f32', b.name)
  const program = await backend.compile(made, buffers)
  const round = async (times: number): Promise<number> => {
    const began = performance.now()
    backend.submit(Array.from({ length: times }, () => program))
    await program.done()
    return (performance.now() - began) / times
  }
  let best = await round(1)
  const times = Math.max(1, Math.min(500, Math.ceil(TIMING_MS / 5 / Math.max(best, 1e-3))))
  for (const until = performance.now() + WARM_MS; performance.now() < until;) await round(times)
  for (const until = performance.now() + TIMING_MS; performance.now() < until;) best = Math.min(best, await round(times))
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  return best
}
