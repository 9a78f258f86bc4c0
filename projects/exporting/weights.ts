import type { Model } from '../../kernels/models/model.ts'
import type { Tensor, TensorFile } from '../../kernels/weights/safetensors.ts'

const EMBEDDING = 'backbone.embedding.weight'
const HEAD = 'lm_head.weight'

/** The arena under the names and shapes of mamba_ssm, in its order. A tied head is written out, because its loader asks for it. */
export function namedTensors(model: Model, params: Float32Array): Tensor[] {
  const tensors = model.params.map(({ name, shape, offset, elements }) => ({
    name,
    shape,
    data: params.subarray(offset, offset + elements),
  }))
  const embedding = tensors.find(({ name }) => name === EMBEDDING)
  return model.config.head.tied && embedding ? [...tensors, { ...embedding, name: HEAD }] : tensors
}

/** The reverse. Throws an Error naming the tensor that is missing or of another shape. */
export function arenaOf(model: Model, { tensors }: TensorFile): Float32Array<ArrayBuffer> {
  const arena = new Float32Array(model.arenaElements)
  for (const { name, shape, offset } of model.params) {
    const tensor = tensors.get(name)
    if (!tensor) throw new Error(`The file has no "${name}".`)
    if (tensor.shape.join() !== shape.join())
      throw new Error(`"${name}" is (${tensor.shape.join(', ')}) in the file, (${shape.join(', ')}) in the model.`)
    arena.set(tensor.data, offset)
  }
  return arena
}
