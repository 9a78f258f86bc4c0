import { type CpuKernel, ceilDiv, count, float } from '../../backends/cpu/kernel.ts'
import { DROPOUT, FLAT_UNIT } from '../../backends/cpu/wasm/codes.ts'
import { HYPER } from '../adamw/adamw.ts'
import { num } from '../op.ts'
import { dropoutWords } from './dropout.ts'

export const dropout: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const { seed, threshold, scale } = dropoutWords(attrs)
    const rowsPerUnit = Math.max(1, Math.floor(FLAT_UNIT / inputs[0].cols))
    const words = [rowsPerUnit, ...seed, num(attrs, 'stream'), threshold, float(scale), HYPER.step]
    return [
      {
        kernel: DROPOUT,
        units: ceilDiv(inputs[0].rows, rowsPerUnit),
        attrs: words,
        reads: inputs,
        writes: outputs,
        work: 12 * count(inputs[0]),
      },
    ]
  },
}
