import { type CpuKernel, count } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { MEAN_POOL, MEAN_POOL_GRAD } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const mean_pool: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [
    { kernel: MEAN_POOL, units: outputs[0].rows, attrs: [num(attrs, 'seqlen')], reads: inputs, writes: outputs, work: count(inputs[0]) },
  ],
}
export const mean_pool_grad: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [byRows(MEAN_POOL_GRAD, outputs[0], inputs, outputs, 2, [num(attrs, 'seqlen')])],
}
