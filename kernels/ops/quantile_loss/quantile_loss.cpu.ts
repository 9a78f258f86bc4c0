import { type CpuKernel, float, part } from '../../backends/cpu/kernel.ts'
import { byRows, runsOfRows } from '../../backends/cpu/rowwise.ts'
import { MSE_SUM, QUANTILE_LOSS, QUANTILE_LOSS_GRAD } from '../../backends/cpu/wasm/codes.ts'
import type { Attributes } from '../op.ts'
import { levels } from './quantile_loss.ts'

const words = (attrs: Attributes): number[] => [levels(attrs).length, ...levels(attrs).map(float)]

export const quantile_loss: CpuKernel = {
  scratch: ([pred]) => 4 * runsOfRows(pred.rows),
  encode({ attrs, inputs, outputs, scratch }) {
    const units = runsOfRows(inputs[0].rows)
    const parts = part(scratch, 0, 4 * units)
    return [
      byRows(QUANTILE_LOSS, inputs[0], inputs, [parts], 6, words(attrs)),
      { kernel: MSE_SUM, units: 1, attrs: [units], reads: [parts], writes: outputs, work: units },
    ]
  },
}

export const quantile_loss_grad: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [byRows(QUANTILE_LOSS_GRAD, inputs[0], inputs, outputs, 6, words(attrs))],
}
