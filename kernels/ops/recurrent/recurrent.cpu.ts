import { type CpuCommand, type CpuKernel, ceilDiv, count, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { RECURRENT, RECURRENT_GRAD, RECURRENT_GRU, RECURRENT_LSTM, RECURRENT_SLSTM, RECURRENT_STEP } from '../../backends/cpu/wasm/codes.ts'
import { type Attributes, num } from '../op.ts'

interface Walk {
  kind: number
  attrs: Attributes
  R: PlacedMatrix
  /** An operand of all units' columns. */
  y: PlacedMatrix
}
/** Units, bytes of the head's rows in `local` and of packed R; see recurrent.simd.ts. */
function walk({ kind, attrs, R, y }: Walk) {
  const batch = num(attrs, 'batch')
  const [gates, dh] = [kind === RECURRENT_GRU ? 3 : 4, y.cols / R.rows]
  const wide = 32 * ceilDiv(dh, 8)
  return { gates, wide, dh, units: R.rows * ceilDiv(batch, 4), attrs: [kind, num(attrs, 'seqlen'), batch], packed: gates * dh * wide }
}
type Placed = Parameters<CpuKernel['encode']>[0]

const forward =
  (kind: number): CpuKernel['encode'] =>
  ({ attrs, inputs, outputs }) => {
    const { gates, wide, dh, units, attrs: words, packed } = walk({ kind, attrs, R: inputs[1], y: outputs[0] })
    const local = (4 * gates + 16) * wide + 16 + packed
    const work = count(outputs[0]) * (2 * gates * dh + 100)
    return [{ kernel: RECURRENT, units, attrs: words, reads: inputs, writes: outputs, local, work }]
  }

/** `operands`: R, dy, gates, dWx, then the rest in the kernel's order. */
const backward =
  (kind: number, operands: (c: Placed) => { order: PlacedMatrix[]; writes: readonly PlacedMatrix[] }): CpuKernel['encode'] =>
  (command): CpuCommand[] => {
    const { order, writes } = operands(command)
    const [R, dy] = order
    const { gates, wide, dh, units, attrs: words, packed } = walk({ kind, attrs: command.attrs, R, y: dy })
    const local = 16 * 4 * ceilDiv(gates * dh, 4) + 12 * wide + 16 + packed
    const work = count(dy) * (2 * gates * dh + 60)
    return [{ kernel: RECURRENT_GRAD, units, attrs: words, reads: command.inputs, writes, order, local, work }]
  }

const step =
  (kind: number): CpuKernel['encode'] =>
  ({ inputs: [Wx, R, bias, state], outputs: [y, next] }) => {
    const local = 14 * 32 * ceilDiv(y.cols / R.rows, 8)
    const work = 2 * y.rows * count(R)
    const order = [Wx, R, bias, state, y]
    return [
      { kernel: RECURRENT_STEP, units: y.rows * R.rows, attrs: [kind], reads: order.slice(0, 4), writes: [y, next], order, local, work },
    ]
  }

export const slstm: CpuKernel = { encode: forward(RECURRENT_SLSTM) }
export const lstm: CpuKernel = { encode: forward(RECURRENT_LSTM) }
export const gru: CpuKernel = { encode: forward(RECURRENT_GRU) }
export const slstm_grad: CpuKernel = {
  encode: backward(RECURRENT_SLSTM, ({ inputs: [dy, gates, keep, cell, R], outputs }) => ({
    order: [R, dy, gates, outputs[0], keep, cell],
    writes: outputs,
  })),
}
export const lstm_grad: CpuKernel = {
  encode: backward(RECURRENT_LSTM, ({ inputs: [dy, gates, cell, R], outputs }) => ({
    order: [R, dy, gates, outputs[0], cell],
    writes: outputs,
  })),
}
export const gru_grad: CpuKernel = {
  encode: backward(RECURRENT_GRU, ({ inputs: [dy, y, gates, R], outputs: [dWx, dq] }) => ({
    order: [R, dy, gates, dWx, y, dq],
    writes: [dWx, dq],
  })),
}
export const slstm_step: CpuKernel = { encode: step(RECURRENT_SLSTM) }
export const lstm_step: CpuKernel = { encode: step(RECURRENT_LSTM) }
export const gru_step: CpuKernel = { encode: step(RECURRENT_GRU) }
