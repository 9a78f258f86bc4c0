import { type CpuKernel, part } from '../../backends/cpu/kernel.ts'
import { byRows, runsOfRows, sumParts } from '../../backends/cpu/rowwise.ts'
import { SKIP_GATE, SKIP_GATE_GRAD } from '../../backends/cpu/wasm/codes.ts'

export const skip_gate: CpuKernel = {
  encode: ({ inputs, outputs }) => [byRows(SKIP_GATE, inputs[0], inputs, outputs, 30)],
}

export const skip_gate_grad: CpuKernel = {
  scratch: ([dy]) => runsOfRows(dy.rows) * dy.cols,
  encode({ inputs, outputs: [da, dc, dskip, dz], scratch }) {
    const [dy] = inputs
    const parts = part(scratch, 0, runsOfRows(dy.rows) * dy.cols)
    return [byRows(SKIP_GATE_GRAD, dy, inputs, [da, dc, dz, parts], 45), sumParts(parts, runsOfRows(dy.rows), dskip)]
  },
}
