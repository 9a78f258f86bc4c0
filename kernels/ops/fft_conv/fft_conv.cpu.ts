import { type CpuCommand, type CpuKernel, ceilDiv, part, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { FFT_CONV, FFT_CONV_GRAD, FFT_CONV_TABLE } from '../../backends/cpu/wasm/codes.ts'
import { type Attributes, num } from '../op.ts'
import { fftSize } from './fft_conv.ts'

/** Bytes of a complex number of four channels. */
const ELEMENT = 32
const sizes = (attrs: Attributes) => ({ batch: num(attrs, 'batch'), seqlen: num(attrs, 'seqlen'), n: fftSize(num(attrs, 'seqlen')) })
const table = (scratch: PlacedMatrix | null, n: number): { place: PlacedMatrix; command: CpuCommand } => {
  const place = part(scratch, 0, 2 * n)
  return { place, command: { kernel: FFT_CONV_TABLE, units: 1, attrs: [n], reads: [], writes: [place], work: 10 * n } }
}

export const fft_conv: CpuKernel = {
  scratch: (_inputs, attrs) => 2 * sizes(attrs).n,
  encode({ attrs, inputs, outputs, scratch }) {
    const { batch, seqlen, n } = sizes(attrs)
    const { place, command } = table(scratch, n)
    const work = (batch + 1) * inputs[0].cols * n * 8
    return [
      command,
      {
        kernel: FFT_CONV,
        units: ceilDiv(inputs[0].cols, 4),
        attrs: [batch, seqlen, n],
        reads: [...inputs, place],
        writes: outputs,
        order: [...inputs, ...outputs, place],
        local: 2 * n * ELEMENT,
        work,
      },
    ]
  },
}

export const fft_conv_grad: CpuKernel = {
  scratch: (_inputs, attrs) => 2 * sizes(attrs).n,
  encode({ attrs, inputs, outputs, scratch }) {
    const { batch, seqlen, n } = sizes(attrs)
    const { place, command } = table(scratch, n)
    const work = (batch + 1) * inputs[0].cols * n * 14
    return [
      command,
      {
        kernel: FFT_CONV_GRAD,
        units: ceilDiv(inputs[0].cols, 4),
        attrs: [batch, seqlen, n],
        reads: [...inputs, place],
        writes: outputs,
        order: [...inputs, ...outputs, place],
        local: 4 * n * ELEMENT,
        work,
      },
    ]
  },
}
