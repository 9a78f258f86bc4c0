import { type CpuKernel, count } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { POOL_ROWS, POOL_ROWS_GRAD } from '../../backends/cpu/wasm/codes.ts'
import { type Attributes, num } from '../op.ts'

const attrsOf = (attrs: Attributes): number[] => [num(attrs, 'seqlen'), num(attrs, 'last')]

export const pool_rows: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [
    { kernel: POOL_ROWS, units: outputs[0].rows, attrs: attrsOf(attrs), reads: inputs, writes: outputs, work: count(inputs[0]) },
  ],
}
export const pool_rows_grad: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [byRows(POOL_ROWS_GRAD, outputs[0], inputs, outputs, 2, attrsOf(attrs))],
}
