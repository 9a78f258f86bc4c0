import { type CpuKernel, ceilDiv, count, part } from '../../backends/cpu/kernel.ts'
import { COMPLEX_SCAN, COMPLEX_SCAN_GRAD, COMPLEX_SCAN_GRAD_SUM, COMPLEX_SCAN_STEP } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

/** Bytes of four modes (modes.simd.ts). */
const MODES = 4 * 64

export const complex_scan: CpuKernel = {
  encode({ attrs, inputs, outputs: [y] }) {
    const units = num(attrs, 'batch') * ceilDiv(inputs[1].cols, 4)
    const words = [num(attrs, 'seqlen'), attrs.clip ? 1 : 0]
    return [{ kernel: COMPLEX_SCAN, units, attrs: words, reads: inputs, writes: [y], local: MODES, work: 10 * count(y) }]
  },
}

export const complex_scan_grad: CpuKernel = {
  scratch: ([, , , Lambda_re], attrs) => 16 * num(attrs, 'batch') * ceilDiv(Lambda_re.cols, 4),
  encode({ attrs, inputs, outputs: [dv, ...parameters], scratch }) {
    const groups = ceilDiv(inputs[3].cols, 4)
    const [batch, clip] = [num(attrs, 'batch'), attrs.clip ? 1 : 0]
    const parts = part(scratch, 0, 16 * batch * groups)
    return [
      {
        kernel: COMPLEX_SCAN_GRAD,
        units: batch * groups,
        attrs: [num(attrs, 'seqlen'), clip],
        reads: inputs,
        writes: [dv, parts],
        local: MODES,
        work: 20 * count(dv),
      },
      {
        kernel: COMPLEX_SCAN_GRAD_SUM,
        units: groups,
        attrs: [batch, clip],
        reads: [parts, ...inputs.slice(3)],
        writes: parameters,
        local: MODES,
        work: 400 * groups,
      },
    ]
  },
}

export const complex_scan_step: CpuKernel = {
  encode: ({ attrs, inputs, outputs: [y, state] }) => [
    {
      kernel: COMPLEX_SCAN_STEP,
      units: ceilDiv(inputs[1].cols, 4),
      attrs: [attrs.clip ? 1 : 0],
      reads: inputs,
      writes: [y, state],
      order: [...inputs, y],
      local: MODES,
      work: 100 * count(y),
    },
  ],
}
