import { type CpuKernel, part } from '../../backends/cpu/kernel.ts'
import { byRows, runsOfRows, sumParts } from '../../backends/cpu/rowwise.ts'
import { COLUMN_SUM } from '../../backends/cpu/wasm/codes.ts'

export const column_sum: CpuKernel = {
  scratch: ([x]) => runsOfRows(x.rows) * x.cols,
  encode({ inputs: [x], outputs: [y], scratch }) {
    const parts = part(scratch, 0, runsOfRows(x.rows) * x.cols)
    return [byRows(COLUMN_SUM, x, [x], [parts], 1), sumParts(parts, runsOfRows(x.rows), y)]
  },
}
