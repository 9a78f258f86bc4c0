import { type CpuKernel, count, part } from '../../backends/cpu/kernel.ts'
import { walk } from '../../backends/cpu/rowwise.ts'
import { FLAT_UNIT, NORM_SUM, SQUARE_SUM } from '../../backends/cpu/wasm/codes.ts'

export const global_norm: CpuKernel = {
  // One float64 per unit; a walk by rows may have as many units as rows.
  scratch: ([x]) => 2 * (x.rows + Math.ceil((x.rows * x.cols) / FLAT_UNIT)),
  encode({ inputs: [x], outputs: [y], scratch }) {
    const { flat, rowsPerUnit, units } = walk(x, [x])
    const parts = part(scratch, 0, 2 * units)
    return [
      { kernel: SQUARE_SUM, units, attrs: [flat, rowsPerUnit], reads: [x], writes: [parts], work: 2 * count(x) },
      { kernel: NORM_SUM, units: 1, attrs: [units], reads: [parts], writes: [y], work: units },
    ]
  },
}
