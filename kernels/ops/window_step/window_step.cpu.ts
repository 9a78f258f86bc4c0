import { type CpuKernel, count } from '../../backends/cpu/kernel.ts'
import { WINDOW_STEP } from '../../backends/cpu/wasm/codes.ts'

export const window_step: CpuKernel = {
  encode: ({ inputs, outputs: [window, state] }) => [
    { kernel: WINDOW_STEP, units: window.rows, reads: inputs, writes: [window, state], order: [...inputs, window], work: count(window) },
  ],
}
