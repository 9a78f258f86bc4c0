import { type CpuKernel, ceilDiv, float } from '../../backends/cpu/kernel.ts'
import { ADAMW, FLAT_UNIT } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const adamw: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const [beta1, beta2] = [num(attrs, 'beta1'), num(attrs, 'beta2')]
    const words = [
      num(attrs, 'decay_elements'),
      ...[beta1, beta2, num(attrs, 'eps'), 1 - beta1, 1 - beta2].map(float),
      num(attrs, 'slow_from'),
    ]
    const n = inputs[0].cols
    return [{ kernel: ADAMW, units: ceilDiv(n, FLAT_UNIT), attrs: words, reads: inputs, writes: outputs, order: inputs, work: 20 * n }]
  },
}
