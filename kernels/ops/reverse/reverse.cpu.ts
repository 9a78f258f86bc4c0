import type { CpuKernel } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { REVERSE } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const reverse: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [byRows(REVERSE, outputs[0], inputs, outputs, 1, [num(attrs, 'seqlen')])],
}
