import { type CpuKernel, ceilDiv, count, part } from '../../backends/cpu/kernel.ts'
import { SCAN, SCAN_CHANNELS, SCAN_CHUNK, SCAN_GRAD, SCAN_GRAD_SUM, SCAN_STEP } from '../../backends/cpu/wasm/codes.ts'
import { type Attributes, num } from '../op.ts'

/** STEP and ROW in scan.simd.ts. */
const STEP_BYTES = 224
const ROW_BYTES = 32

const split = (attrs: Attributes, d_inner: number): { batch: number; seqlen: number; chunks: number; blocks: number; units: number } => {
  const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
  const [chunks, blocks] = [ceilDiv(seqlen, SCAN_CHUNK), ceilDiv(d_inner, SCAN_CHANNELS)]
  return { batch, seqlen, chunks, blocks, units: batch * blocks }
}
/** Elements of one unit's parts of dB, dC, dA, dD, ddelta_bias (selective_scan.simd.ts). */
const partElements = (seqlen: number, d_state: number): number => 2 * seqlen * d_state + SCAN_CHANNELS * (d_state + 2)

export const selective_scan: CpuKernel = {
  opaque([u, , A], attrs) {
    const { units, chunks } = split(attrs, u.cols)
    return units * chunks * SCAN_CHANNELS * (A.cols + SCAN_CHUNK)
  },
  encode({ attrs, inputs, outputs }) {
    const [u, , A] = inputs
    const { seqlen, chunks, blocks, units } = split(attrs, u.cols)
    const local = 8 * SCAN_CHANNELS * A.cols + SCAN_CHUNK * (STEP_BYTES + 6 * ROW_BYTES)
    const work = count(u) * (18 * A.cols + 50)
    return [{ kernel: SCAN, units, attrs: [seqlen, chunks, blocks], reads: inputs, writes: outputs, local, work }]
  },
}

export const selective_scan_grad: CpuKernel = {
  scratch([, , u, , A], attrs) {
    const { seqlen, units } = split(attrs, u.cols)
    return units * partElements(seqlen, A.cols)
  },
  encode({ attrs, inputs, outputs: [du, ddelta, dA, dB, dC, dD, dz, ddelta_bias], scratch }) {
    const [u, d_state] = [inputs[2], inputs[4].cols]
    const { batch, seqlen, chunks, blocks, units } = split(attrs, u.cols)
    const parts = part(scratch, 0, units * partElements(seqlen, d_state))
    const local = (SCAN_CHANNELS / 8) * 96 * d_state + SCAN_CHUNK * 128 * d_state + SCAN_CHUNK * (STEP_BYTES + 9 * ROW_BYTES)
    return [
      {
        kernel: SCAN_GRAD,
        units,
        attrs: [seqlen, chunks, blocks],
        reads: inputs,
        writes: [du, ddelta, dz, parts],
        local,
        work: count(u) * (36 * d_state + 90),
      },
      {
        kernel: SCAN_GRAD_SUM,
        units: blocks + batch * chunks,
        attrs: [seqlen, batch, blocks],
        reads: [parts],
        writes: [dA, dB, dC, dD, ddelta_bias],
        work: parts.cols,
      },
    ]
  },
}

export const selective_scan_step: CpuKernel = {
  encode({ inputs, outputs: [y, state] }) {
    const work = count(y) * (18 * inputs[2].cols + 50)
    return [{ kernel: SCAN_STEP, units: y.rows, reads: inputs, writes: [y, state], order: [...inputs, y], local: 64, work }]
  },
}
