import type { Backend } from '../../kernels/backends/backend.ts'
import { forwardPlan } from '../../kernels/models/plans.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import type { TrainedRun } from '../runs/loadRun.ts'

const WINDOWS = 16

/** Largest difference between a trained model's outputs for random windows and, complemented and turned round, for their reverse complements; relative to the largest output. */
export async function strandDifference({ experiment, params }: TrainedRun, backend: Backend): Promise<number> {
  const { model, dims } = experiment
  const { complement, head, input } = model.config
  if (!complement || input.kind !== 'tokens') throw new Error('Only a model of both strands is compared with itself on the other strand.')
  const [length, width] = [dims.seqlen, head.width]
  const random = new RandomStream(1, 5)
  const own = Int32Array.from({ length: WINDOWS * length }, () => Math.floor(random.uniform() * 4))
  const other = own.map((_, i) => {
    const [window, t] = [Math.floor(i / length), i % length]
    return complement[own[window * length + length - 1 - t]]
  })
  const plan = forwardPlan(model, { batch: WINDOWS, seqlen: length }, backend.sizes)
  const buffers = {
    params: backend.createBuffer(model.arenaElements, 'f32', 'params'),
    input: backend.createBuffer(own.length, 'i32', 'input'),
    output: backend.createBuffer(own.length * width, 'f32', 'output'),
    complement: backend.createBuffer(complement.length, 'i32', 'complement'),
  }
  buffers.params.write(params)
  buffers.complement.write(Int32Array.from(complement))
  const program = await backend.compile(plan, buffers)
  const outputs = async (ids: Int32Array): Promise<Float32Array> => {
    buffers.input.write(ids)
    program.run()
    return (await buffers.output.read()) as Float32Array
  }
  const [a, b] = [await outputs(own), await outputs(other)]
  let [largest, difference] = [0, 0]
  for (let w = 0; w < WINDOWS; w++)
    for (let t = 0; t < length; t++)
      for (let v = 0; v < width; v++) {
        const here = a[(w * length + t) * width + v]
        const there = b[(w * length + length - 1 - t) * width + complement[v]]
        largest = Math.max(largest, Math.abs(here))
        difference = Math.max(difference, Math.abs(here - there))
      }
  program.destroy()
  for (const buffer of Object.values(buffers)) buffer.destroy()
  return difference / largest
}
