import type { CpuKernel } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { SHIFT_ROWS } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const shift_rows: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [
    byRows(SHIFT_ROWS, outputs[0], inputs, outputs, 1, [num(attrs, 'from'), num(attrs, 'to'), num(attrs, 'shift')]),
  ],
}
