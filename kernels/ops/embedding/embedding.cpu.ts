import { type CpuKernel, ceilDiv, count } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { EMBEDDING, EMBEDDING_GRAD } from '../../backends/cpu/wasm/codes.ts'

export const embedding: CpuKernel = { encode: ({ inputs, outputs }) => [byRows(EMBEDDING, outputs[0], inputs, outputs, 1)] }
export const embedding_grad: CpuKernel = {
  encode: ({ inputs, outputs }) => [
    { kernel: EMBEDDING_GRAD, units: ceilDiv(outputs[0].cols, 16), reads: inputs, writes: outputs, work: 2 * count(inputs[1]) },
  ],
}
