import type { CpuKernel } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { CROSS_ENTROPY, CROSS_ENTROPY_GRAD, CROSS_ENTROPY_SUM } from '../../backends/cpu/wasm/codes.ts'

export const cross_entropy: CpuKernel = {
  encode: ({ inputs: [logits, targets], outputs: [loss, nll, lse, count] }) => [
    byRows(CROSS_ENTROPY, logits, [logits, targets], [nll, lse], 20),
    { kernel: CROSS_ENTROPY_SUM, units: 1, reads: [nll, targets], writes: [loss, count], work: nll.rows },
  ],
}
export const cross_entropy_grad: CpuKernel = {
  encode: ({ inputs, outputs }) => [byRows(CROSS_ENTROPY_GRAD, inputs[0], inputs, outputs, 20)],
}
