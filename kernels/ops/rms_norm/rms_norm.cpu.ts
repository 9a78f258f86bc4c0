import { type CpuKernel, float, part } from '../../backends/cpu/kernel.ts'
import { byRows, runsOfRows, sumParts } from '../../backends/cpu/rowwise.ts'
import { RMS_NORM, RMS_NORM_GRAD } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'
import { slices } from './rms_norm.ts'

export const rms_norm: CpuKernel = {
  encode: ({ attrs, inputs, outputs }) => [byRows(RMS_NORM, inputs[0], inputs, outputs, 5, [float(num(attrs, 'eps')), slices(attrs)])],
}

export const rms_norm_grad: CpuKernel = {
  scratch: ([, x]) => runsOfRows(x.rows) * x.cols,
  encode({ attrs, inputs, outputs: [dx, dweight], scratch }) {
    const x = inputs[1]
    const parts = part(scratch, 0, runsOfRows(x.rows) * x.cols)
    const addend = attrs.addend ? inputs.slice(4) : []
    const first = byRows(RMS_NORM_GRAD, x, inputs, [dx, parts], 10, [addend.length, slices(attrs)])
    return [{ ...first, local: 32, order: [...inputs.slice(0, 4), dx, parts, ...addend] }, sumParts(parts, runsOfRows(x.rows), dweight)]
  },
}
