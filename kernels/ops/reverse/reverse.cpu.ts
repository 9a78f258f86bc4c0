import type { CpuKernel } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { REVERSE } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const reverse: CpuKernel = {
  encode: ({ attrs, inputs: [x, ...lengths], outputs }) => [
    {
      ...byRows(REVERSE, outputs[0], [x, ...lengths], outputs, 1, [num(attrs, 'seqlen'), lengths.length]),
      order: [x, ...outputs, ...lengths],
    },
  ],
}
