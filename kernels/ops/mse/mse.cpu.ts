import { type CpuKernel, part } from '../../backends/cpu/kernel.ts'
import { byRows, elementwise, runsOfRows } from '../../backends/cpu/rowwise.ts'
import { MSE, MSE_GRAD, MSE_SUM } from '../../backends/cpu/wasm/codes.ts'

export const mse: CpuKernel = {
  scratch: ([pred]) => 4 * runsOfRows(pred.rows),
  encode({ inputs, outputs, scratch }) {
    const units = runsOfRows(inputs[0].rows)
    const parts = part(scratch, 0, 4 * units)
    return [
      byRows(MSE, inputs[0], inputs, [parts], 6),
      { kernel: MSE_SUM, units: 1, attrs: [units], reads: [parts], writes: outputs, work: units },
    ]
  },
}
export const mse_grad: CpuKernel = elementwise(MSE_GRAD, undefined, 3)
