import type { CpuKernel } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { SCATTER_ROWS } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const scatter_rows: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [
    byRows(SCATTER_ROWS, outputs[0], inputs, outputs, 1, [num(attrs, 'firstRow'), num(attrs, 'rowStep')]),
  ],
}
