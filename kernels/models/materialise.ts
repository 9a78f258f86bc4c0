import type { Backend, DeviceBuffer } from '../backends/backend.ts'
import { GraphBuilder } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import type { TensorType } from '../tensor/tensor.ts'
import type { Model } from './model.ts'
import { inputType } from './plans.ts'

/** A layer's mixer on one sequence, written out: what each position reads of each. */
export interface Materialised {
  readonly seqlen: number
  /** (matrices, seqlen, seqlen): entry [h, t, s] is the weight of the value at s in what comes out at t; in a causal mixer 0 for s > t. */
  readonly matrices: Float32Array
  /** (seqlen, columns): for each matrix, or group of matrices that share values, its own columns. */
  readonly values: Float32Array
  /** (seqlen, matrices · columns of one): matrices × values, by the mixer's own forward pass. */
  readonly mixed: Float32Array
}

/**
 * The matrices of layer `layer` for `input` (seqlen, 1 or width), made by sending a 1 in at each position in turn, under the gates, queries, keys
 * and steps of the input itself (the template of structured matrix mixers, Hwang et al. 2024, arXiv:2407.09941). Of a layer of both directions
 * the forward one. Throws an Error where the layer is not linear in its values (LayerFacts.matrices is 0).
 */
export async function materialise(
  backend: Backend,
  model: Model,
  params: Float32Array,
  input: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  layer: number,
): Promise<Materialised> {
  const { matrices: count, mixer } = model.layers[layer]
  if (count === 0) throw new Error(`${mixer} decides by its values what it keeps of them, so it is no matrix between positions`)
  const { cols } = inputType(model, 1)
  const seqlen = input.length / cols
  const builder = new GraphBuilder()
  const types: { values?: TensorType; mixed?: TensorType } = {}
  const external = builder.external('input', inputType(model, seqlen))
  model.forward(
    builder,
    model.reader(builder),
    external,
    { batch: 1, seqlen },
    (x) => x,
    (place) => {
      if (place !== layer || types.values) return undefined
      return (values, map) => {
        const mixed = map(values)
        types.values = values.type
        types.mixed = mixed.type
        builder.store(values, 'values')
        builder.store(mixed, 'mixed')
        builder.store(map(builder.external('impulse', values.type)), 'column')
        return mixed
      }
    },
  )
  const { values, mixed } = types as Required<typeof types>
  const buffer = (name: string, { rows, cols: width }: TensorType): DeviceBuffer => backend.createBuffer(rows * width, 'f32', name)
  const buffers: Record<string, DeviceBuffer> = {
    input: backend.createBuffer(input.length, inputType(model, 1).dtype, 'input'),
    params: backend.createBuffer(model.arenaElements, 'f32', 'params'),
    values: buffer('values', values),
    mixed: buffer('mixed', mixed),
    impulse: buffer('impulse', values),
    column: buffer('column', mixed),
  }
  for (const [name, constant] of Object.entries(model.constants)) {
    buffers[name] = backend.createBuffer(constant.length, 'i32', name)
    buffers[name].write(constant)
  }
  // a second direction begins at the sequence's own end
  buffers.lengths = backend.createBuffer(1, 'i32', 'lengths')
  buffers.lengths.write(Int32Array.of(seqlen))
  buffers.input.write(input)
  buffers.params.write(params as Float32Array<ArrayBuffer>)
  const program = await backend.compile(plan(builder.graph, backend.sizes), buffers)
  const out = new Float32Array(count * seqlen * seqlen)
  const width = mixed.cols / count
  for (let s = 0; s < seqlen; s++) {
    const impulse = new Float32Array(seqlen * values.cols)
    impulse.fill(1, s * values.cols, (s + 1) * values.cols)
    buffers.impulse.write(impulse)
    program.run()
    const column = await buffers.column.read()
    for (let h = 0; h < count; h++) for (let t = 0; t < seqlen; t++) out[(h * seqlen + t) * seqlen + s] = column[t * mixed.cols + h * width]
  }
  const [own, made] = [(await buffers.values.read()) as Float32Array, (await buffers.mixed.read()) as Float32Array]
  program.destroy()
  for (const each of Object.values(buffers)) each.destroy()
  return { seqlen, matrices: out, values: own, mixed: made }
}
