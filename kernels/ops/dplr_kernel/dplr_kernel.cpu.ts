import { type CpuKernel, ceilDiv } from '../../backends/cpu/kernel.ts'
import { DPLR_CHUNK, DPLR_KERNEL, DPLR_KERNEL_GRAD, DPLR_STEP } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

/** Bytes of the constants, modes and states of four channels (dplr.simd.ts). */
const constants = (modes: number): number => 4 * (32 + 64 * modes) + 160 * modes
const state = (modes: number): number => 32 * modes

export const dplr_kernel: CpuKernel = {
  opaque: ([log_dt, A_real], attrs) => (ceilDiv(log_dt.cols, 4) * ceilDiv(num(attrs, 'lags'), DPLR_CHUNK) * state(A_real.cols)) / 4,
  encode({ attrs, inputs, outputs }) {
    const [log_dt, { cols: modes }] = inputs
    return [
      {
        kernel: DPLR_KERNEL,
        units: ceilDiv(log_dt.cols, 4),
        reads: inputs,
        writes: outputs,
        local: constants(modes) + state(modes),
        work: num(attrs, 'lags') * log_dt.cols * modes * 8,
      },
    ]
  },
}

export const dplr_kernel_grad: CpuKernel = {
  encode({ inputs, outputs }) {
    const [dkernel, , log_dt, { cols: modes }] = inputs
    return [
      {
        kernel: DPLR_KERNEL_GRAD,
        units: ceilDiv(log_dt.cols, 4),
        reads: inputs,
        writes: outputs,
        local: constants(modes) + 160 * modes + DPLR_CHUNK * (state(modes) + 16),
        work: dkernel.rows * log_dt.cols * modes * 20,
      },
    ]
  },
}

export const dplr_step: CpuKernel = {
  encode({ inputs, outputs: [y, next] }) {
    const [u, , { cols: modes }] = inputs
    return [
      {
        kernel: DPLR_STEP,
        units: ceilDiv(u.cols, 4),
        reads: inputs,
        writes: [y, next],
        order: [...inputs, y],
        local: constants(modes) + state(modes),
        work: u.cols * modes * (80 + 10 * u.rows),
      },
    ]
  },
}
