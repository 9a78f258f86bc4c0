import type { CpuKernel } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { WEIGH_ROWS } from '../../backends/cpu/wasm/codes.ts'

export const weigh_rows: CpuKernel = {
  encode({ inputs: [x, w, ...otherwise], outputs }) {
    const command = byRows(WEIGH_ROWS, x, [x, w, ...otherwise], outputs, 2, [otherwise.length])
    return [{ ...command, order: [x, w, ...outputs, ...otherwise] }]
  },
}
