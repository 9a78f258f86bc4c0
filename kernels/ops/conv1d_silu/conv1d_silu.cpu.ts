import { type CpuKernel, ceilDiv, count, part } from '../../backends/cpu/kernel.ts'
import { CONV, CONV_CHANNELS, CONV_CHUNK, CONV_GRAD, CONV_GRAD_SUM, CONV_STEP } from '../../backends/cpu/wasm/codes.ts'
import { type Attributes, num } from '../op.ts'

const split = (attrs: Attributes, d: number): { batch: number; attrs: number[]; chunks: number; units: number } => {
  const [batch, chunks, blocks] = [num(attrs, 'batch'), ceilDiv(num(attrs, 'seqlen'), CONV_CHUNK), ceilDiv(d, CONV_CHANNELS)]
  return { batch, chunks, attrs: [num(attrs, 'seqlen'), chunks, blocks], units: batch * chunks * blocks }
}
const partElements = (attrs: Attributes, d: number, width: number): number => {
  const { batch, chunks } = split(attrs, d)
  return batch * chunks * (width + 1) * d
}

export const conv1d_silu: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const [x, weight] = inputs
    const { attrs: words, units } = split(attrs, x.cols)
    return [
      {
        kernel: CONV,
        units,
        attrs: words,
        reads: inputs,
        writes: outputs,
        local: 32 * weight.cols,
        work: count(x) * (2 * weight.cols + 20),
      },
    ]
  },
}

export const conv1d_silu_grad: CpuKernel = {
  scratch: ([, x, weight], attrs) => partElements(attrs, x.cols, weight.cols),
  encode({ attrs, inputs, outputs: [dx, dweight, dbias], scratch }) {
    const [, x, weight] = inputs
    const width = weight.cols
    const { batch, chunks, attrs: words, units } = split(attrs, x.cols)
    const parts = part(scratch, 0, partElements(attrs, x.cols, width))
    const local = 32 * width + 32 + 4 * CONV_CHANNELS * (CONV_CHUNK + width)
    const n = batch * chunks
    return [
      { kernel: CONV_GRAD, units, attrs: words, reads: inputs, writes: [dx, parts], local, work: count(x) * (6 * width + 30) },
      { kernel: CONV_GRAD_SUM, units: words[2], attrs: [n], reads: [parts], writes: [dweight, dbias], work: n * x.cols * (width + 1) },
    ]
  },
}

export const conv1d_silu_step: CpuKernel = {
  encode: ({ inputs, outputs: [y, state] }) => [
    { kernel: CONV_STEP, units: 1, reads: inputs, writes: [y, state], order: [...inputs, y], work: count(y) * (2 * inputs[2].cols + 20) },
  ],
}
