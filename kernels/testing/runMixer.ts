import type { Backend, DeviceBuffer } from '../backends/backend.ts'
import { gradient } from '../graph/gradient.ts'
import { GraphBuilder, type Value } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import type { Mixer } from '../mixers/mixer.ts'
import { packedOf, type Packing } from '../models/packing.ts'
import { RandomStream } from '../random/philox.ts'
import { f32, type TensorType } from '../tensor/tensor.ts'

export interface MixerRun {
  readonly out: ArrayLike<number>
  readonly gradX: ArrayLike<number>
  readonly grads: Readonly<Record<string, ArrayLike<number>>>
}

const elementsOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const matrix = (shape: readonly number[]): TensorType => (shape.length === 1 ? f32(1, shape[0]) : f32(shape[0], elementsOf(shape.slice(1))))

/** Parameters as the mixer initialises them, each from its own random stream. */
export function initialParams(mixer: Mixer, config: Record<string, unknown>, seed = 1): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(mixer.params(config)).map(([name, spec], i) => {
      const data = new Float32Array(elementsOf(spec.shape))
      spec.init(data, new RandomStream(seed, i), spec.shape)
      return [name, data]
    }),
  )
}

/** A backend's buffers for named host arrays; `read` gives full float64 on the reference backend. */
class Buffers {
  readonly all: Record<string, DeviceBuffer> = {}
  readonly #backend: Backend
  constructor(backend: Backend) {
    this.#backend = backend
  }
  addIntegers(name: string, data: Int32Array<ArrayBuffer>): void {
    this.all[name] = this.#backend.createBuffer(data.length, 'i32', name)
    this.all[name].write(data)
  }
  add(name: string, elements: number, data?: ArrayLike<number>): void {
    this.all[name] = this.#backend.createBuffer(elements, 'f32', name)
    this.all[name].write(data ? Float32Array.from(data) : new Float32Array(elements).fill(NaN))
  }
  async read(name: string): Promise<ArrayLike<number>> {
    const buffer = this.all[name]
    return 'data' in buffer ? (buffer.data as Float64Array) : buffer.read()
  }
  destroy(): void {
    Object.values(this.all).forEach((b) => b.destroy())
  }
}

/** Output and every gradient of Σ ⟨cotangent, out⟩; with `borders` of packed records. */
export async function runForward(
  backend: Backend,
  mixer: Mixer,
  config: Record<string, unknown>,
  params: Record<string, ArrayLike<number>>,
  x: ArrayLike<number>,
  cotangent: ArrayLike<number>,
  dims: { batch: number; seqlen: number },
  packed?: { packing: Packing; borders: Int32Array<ArrayBuffer> },
): Promise<MixerRun> {
  const [builder, buffers] = [new GraphBuilder(), new Buffers(backend)]
  const specs = mixer.params(config)
  const type = f32(dims.batch * dims.seqlen, x.length / (dims.batch * dims.seqlen))
  const input = (name: string, t: TensorType, data: ArrayLike<number>): Value => (
    buffers.add(name, t.rows * t.cols, data),
    builder.external(name, t)
  )
  const output = (name: string, value: Value): void => (buffers.add(name, value.type.rows * value.type.cols), builder.store(value, name))
  const values = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, input(`param.${name}`, matrix(spec.shape), params[name])]),
  )
  const xValue = input('x', type, x)
  if (packed) buffers.addIntegers('borders', packed.borders)
  const borders = packed && packedOf(builder, packed.packing, dims.batch * dims.seqlen)
  const out = mixer.forward(builder, values, xValue, config, dims, { packed: borders })
  const wanted = [xValue, ...Object.values(values)]
  const grads = gradient(builder, [{ value: out, grad: input('cotangent', type, cotangent) }], wanted)
  output('out', out)
  ;['x', ...Object.keys(specs)].forEach((name, i) => output(`grad.${name}`, grads[i]!))
  const program = await backend.compile(plan(builder.graph, backend.sizes), buffers.all)
  program.run()
  await program.done()
  const gradEntries = await Promise.all(
    Object.keys(specs).map(async (name) => [name, Float64Array.from(await buffers.read(`grad.${name}`))] as const),
  )
  const result = {
    out: Float64Array.from(await buffers.read('out')),
    gradX: Float64Array.from(await buffers.read('grad.x')),
    grads: Object.fromEntries(gradEntries),
  }
  program.destroy()
  buffers.destroy()
  return result
}

/** The step form unrolled over time from a zero state: outputs in the layout of `forward`, and the final state by name. */
export async function runSteps(
  backend: Backend,
  mixer: Mixer,
  config: Record<string, unknown>,
  params: Record<string, ArrayLike<number>>,
  x: ArrayLike<number>,
  { batch, seqlen }: { batch: number; seqlen: number },
): Promise<{ out: Float64Array; state: Record<string, ArrayLike<number>> }> {
  const [builder, buffers] = [new GraphBuilder(), new Buffers(backend)]
  const d = x.length / (batch * seqlen)
  const values = Object.fromEntries(
    Object.entries(mixer.params(config)).map(([name, spec]) => {
      buffers.add(`param.${name}`, elementsOf(spec.shape), params[name])
      return [name, builder.external(`param.${name}`, matrix(spec.shape))]
    }),
  )
  const state = Object.fromEntries(
    Object.entries(mixer.state(config)).map(([name, elements]) => {
      buffers.add(`state.${name}`, batch * elements, new Float32Array(batch * elements))
      return [name, builder.external(`state.${name}`, f32(batch, elements))]
    }),
  )
  buffers.add('x', batch * d)
  buffers.add('out', batch * d)
  builder.store(mixer.step(builder, values, builder.external('x', f32(batch, d)), state, config), 'out')
  const program = await backend.compile(plan(builder.graph, backend.sizes), buffers.all)
  const out = new Float64Array(x.length)
  for (let t = 0; t < seqlen; t++) {
    const column = new Float32Array(batch * d)
    for (let b = 0; b < batch; b++) for (let c = 0; c < d; c++) column[b * d + c] = x[(b * seqlen + t) * d + c]
    buffers.all.x.write(column)
    program.run()
    await program.done()
    const y = await buffers.read('out')
    for (let b = 0; b < batch; b++) for (let c = 0; c < d; c++) out[(b * seqlen + t) * d + c] = y[b * d + c]
  }
  const finalState = Object.fromEntries(
    await Promise.all(Object.keys(state).map(async (name) => [name, Float64Array.from(await buffers.read(`state.${name}`))] as const)),
  )
  program.destroy()
  buffers.destroy()
  return { out, state: finalState }
}
