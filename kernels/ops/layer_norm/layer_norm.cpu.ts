import { type CpuKernel, float, part } from '../../backends/cpu/kernel.ts'
import { byRows, runsOfRows, sumParts } from '../../backends/cpu/rowwise.ts'
import { LAYER_NORM, LAYER_NORM_GRAD } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'
import { slices } from '../rms_norm/rms_norm.ts'

export const layer_norm: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const command = byRows(LAYER_NORM, inputs[0], inputs, outputs, 8, [float(num(attrs, 'eps')), slices(attrs), Number(!!attrs.bias)])
    return [{ ...command, order: [inputs[0], inputs[1], ...outputs, ...inputs.slice(2)] }]
  },
}

export const layer_norm_grad: CpuKernel = {
  scratch: ([, x], attrs) => runsOfRows(x.rows) * x.cols * (attrs.bias ? 2 : 1),
  encode({ attrs, inputs, outputs: [dx, dweight, dbias], scratch }) {
    const x = inputs[1]
    const [runs, size] = [runsOfRows(x.rows), runsOfRows(x.rows) * x.cols]
    const weights = part(scratch, 0, size)
    const biases = attrs.bias ? part(scratch, size, size) : weights
    const addend = attrs.addend ? inputs.slice(5) : []
    const words = [addend.length, slices(attrs), Number(!!attrs.bias)]
    const first = byRows(LAYER_NORM_GRAD, x, inputs, [dx, weights, ...(attrs.bias ? [biases] : [])], 14, words)
    return [
      { ...first, local: 64, order: [...inputs.slice(0, 5), dx, weights, biases, ...addend] },
      sumParts(weights, runs, dweight),
      ...(attrs.bias ? [sumParts(biases, runs, dbias)] : []),
    ]
  },
}
