import type { CpuKernel } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { CHANNEL_SCALE } from '../../backends/cpu/wasm/codes.ts'

export const channel_scale: CpuKernel = {
  encode({ inputs: [x, weight, ...addend], outputs }) {
    const command = byRows(CHANNEL_SCALE, x, [x, weight, ...addend], outputs, 2, [addend.length])
    return [{ ...command, order: [x, weight, ...outputs, ...addend] }]
  },
}
