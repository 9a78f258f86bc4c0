import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Backend, DeviceBuffer } from '../backends/backend.ts'
import { gradient } from '../graph/gradient.ts'
import { GraphBuilder } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { sashimi } from '../models/sashimi.ts'
import { elements, f32, type TensorType } from '../tensor/tensor.ts'
import { relativeError } from './opCase.ts'

interface Golden {
  dims: { batch: number; seqlen: number; d_model: number; d_state: number; layers: number; pool: number[]; expand: number; ff: number }
  variants: ({ unet: boolean; params: Record<string, number[]>; grads: Record<string, number[]> } & Record<
    'x' | 'cotangent' | 'out' | 'grad_x',
    number[]
  >)[]
}
const { dims, variants } = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/sashimi.json'), 'utf8')) as Golden

/** Whether each of the golden backbones is a U-net. */
export const goldenVariants = variants.map(({ unet }) => unet)
export const contents = (buffer: DeviceBuffer): ArrayLike<number> | Promise<ArrayLike<number>> =>
  'data' in buffer ? (buffer.data as Float64Array) : buffer.read()

/** Runs a golden SaShiMi on a backend; parameter names of both sides, and relative L2 errors of the output and of every gradient. */
export async function sashimiErrors(backend: Backend, unet: boolean): Promise<{ names: [string[], string[]]; errors: [string, number][] }> {
  const golden = variants.find((v) => v.unet === unet)!
  const { batch, seqlen, d_model, d_state, pool, expand, ff } = dims
  const layer = { mixer: 's4d', options: { d_state } }
  const backbone = sashimi({ pool, expand, ff, unet }, Array(dims.layers).fill(layer), { d_model, seqlen, norm: 'layer' })
  const builder = new GraphBuilder()
  const buffers: Record<string, DeviceBuffer> = {}
  const input = (key: string, type: TensorType, data: number[]) => {
    buffers[key] = backend.createBuffer(elements(type), 'f32', key)
    buffers[key].write(Float32Array.from(data))
    return builder.external(key, type)
  }
  const params = Object.fromEntries(
    Object.entries(backbone.params).map(([key, { shape }]) => {
      const rest = shape.slice(1).reduce((a, b) => a * b, 1)
      return [key, input(key, shape.length === 1 ? f32(1, shape[0]) : f32(shape[0], rest), golden.params[key])]
    }),
  )
  const rows = f32(batch * seqlen, d_model)
  const x = input('x', rows, golden.x)
  const out = backbone.forward(
    builder,
    (key) => params[key],
    x,
    { batch, seqlen },
    (y) => y,
    {},
  )
  const grads = gradient(builder, [{ value: out, grad: input('cotangent', rows, golden.cotangent) }], [x, ...Object.values(params)])
  const expected: Record<string, number[]> = { out: golden.out, 'grad.x': golden.grad_x }
  for (const key of Object.keys(params)) expected[`grad.${key}`] = golden.grads[key]
  const results = [out, ...grads.map((g) => g!)]
  Object.keys(expected).forEach((key, i) => {
    buffers[key] = backend.createBuffer(elements(results[i].type), 'f32', key)
    builder.store(results[i], key)
  })
  const program = await backend.compile(plan(builder.graph, backend.sizes), buffers)
  program.run()
  await program.done()
  const errors: [string, number][] = []
  for (const [key, values] of Object.entries(expected)) errors.push([key, relativeError(await contents(buffers[key]), values)])
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  return { names: [Object.keys(backbone.params).sort(), Object.keys(golden.params).sort()], errors }
}
