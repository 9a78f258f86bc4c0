import { type CpuKernel, ceilDiv, count } from '../../backends/cpu/kernel.ts'
import { FLAT_UNIT, SWAP_AXES } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const swap_axes: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [
    {
      kernel: SWAP_AXES,
      units: ceilDiv(count(outputs[0]), FLAT_UNIT),
      attrs: [num(attrs, 'a'), num(attrs, 'b'), num(attrs, 'inner')],
      reads: inputs,
      writes: outputs,
      work: 8 * count(outputs[0]),
    },
  ],
}
