import { type CpuKernel, ceilDiv, count } from '../../backends/cpu/kernel.ts'
import { DIAGONAL_SCAN, DIAGONAL_SCAN_GRAD, DIAGONAL_SCAN_STEP, S4D_CHUNK } from '../../backends/cpu/wasm/codes.ts'
import { type Attributes, num } from '../op.ts'

/** Bytes of four channels' vectors, as diagonal_scan.simd.ts lays them out. */
const MODES = 4 * 64
const chunkRow = 16 * (S4D_CHUNK + 1)
const stateRow = (m: number): number => 16 * (2 * ceilDiv(m, 2) + 1)
const padded = (attrs: Attributes): number => 4 * ceilDiv(num(attrs, 'seqlen'), 4 * S4D_CHUNK)
const tableBytes = (m: number): number => (2 * S4D_CHUNK + 2) * stateRow(m) + 16 * (S4D_CHUNK + 1)
const words = (attrs: Attributes): number[] => [num(attrs, 'batch'), num(attrs, 'seqlen'), attrs.real ? 0 : 1]

export const diagonal_scan: CpuKernel = {
  opaque: ([u, , , C], attrs) => (ceilDiv(u.cols, 4) * (tableBytes(C.cols) + num(attrs, 'batch') * padded(attrs) * stateRow(C.cols))) / 4,
  encode({ attrs, inputs, outputs }) {
    const [u, , , C] = inputs
    const local = MODES + stateRow(C.cols) + 2 * padded(attrs) * chunkRow
    const order = [...inputs.slice(0, 5), ...outputs, ...inputs.slice(5)]
    const work = count(u) * (4 * C.cols + S4D_CHUNK)
    return [{ kernel: DIAGONAL_SCAN, units: ceilDiv(u.cols, 4), attrs: words(attrs), reads: inputs, writes: outputs, order, local, work }]
  },
}

export const diagonal_scan_grad: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const [dy, saved, u, log_dt, log_A_real, C, , ...A_imag] = inputs
    const row = stateRow(C.cols)
    const local = MODES + 2 * row + 2 * S4D_CHUNK * row + (S4D_CHUNK + 1) * chunkRow + padded(attrs) * (3 * chunkRow + row)
    const order = [dy, saved, u, log_dt, log_A_real, C, ...outputs.slice(0, 5), ...A_imag, ...outputs.slice(5)]
    const work = count(u) * (8 * C.cols + 2 * S4D_CHUNK)
    return [
      { kernel: DIAGONAL_SCAN_GRAD, units: ceilDiv(u.cols, 4), attrs: words(attrs), reads: inputs, writes: outputs, order, local, work },
    ]
  },
}

export const diagonal_scan_step: CpuKernel = {
  encode({ attrs, inputs, outputs: [y, state] }) {
    const [u, log_dt, log_A_real, C, D, , ...A_imag] = inputs
    const order = [u, log_dt, log_A_real, C, D, state, y, ...A_imag]
    const work = 3 * count(y) * C.cols + 15 * C.rows * C.cols
    return [{ kernel: DIAGONAL_SCAN_STEP, units: u.cols, attrs: [attrs.real ? 0 : 1], reads: inputs, writes: [y, state], order, work }]
  },
}
