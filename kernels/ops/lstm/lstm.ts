import { at, f32, set } from '../../tensor/tensor.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { defineOp } from '../op.ts'
import { checkRecurrent, recurrentCases, recurrentSizes, runCell, runCellBack, type Unit } from '../recurrent/cell.ts'

export const LSTM_GATES = 4

/** One unit of the LSTM: state h, c. */
export const lstmUnit =
  (out?: (row: number, column: number, gates: number[], cell: number) => void): Unit =>
  (row, column, x, r, [, c]) => {
    const [i, f, g, o] = x.map((value, k) => value + r[k])
    const gates = [sigmoid(i), sigmoid(f), Math.tanh(g), sigmoid(o)]
    const cell = gates[1] * c + gates[0] * gates[2]
    out?.(row, column, gates, cell)
    return [gates[3] * Math.tanh(cell), cell]
  }

/**
 * LSTM over whole sequences (Hochreiter & Schmidhuber 1997 with forget gates, as torch.nn.LSTM), with R one dense matrix (heads = 1) or
 * block-diagonal: i, f, g, o = Wx_t + R h_{t−1} + bias,  c_t = σ(f) c_{t−1} + σ(i) tanh(g),  y_t = h_t = σ(o) tanh(c_t), zeros before t = 0.
 * Wx (batch·seqlen, 4·d) in the order i, f, g, o · R (heads, 4·dh·dh), row g·dh + j of a head makes gate g of unit j · bias (1, 4·d).
 * gates (batch·seqlen, 4·d) after their activations and cell (batch·seqlen, d) = c are for the gradient.
 */
export const lstm = defineOp({
  name: 'lstm',
  inputs: ['Wx', 'R', 'bias'],
  outputs: ['y', 'gates', 'cell'],
  infer(inputs, attrs) {
    const { d } = checkRecurrent('lstm', inputs, attrs, LSTM_GATES)
    const state = f32(inputs[0].rows, d)
    return [state, inputs[0], state]
  },
  mayOverwrite: { 1: 0 },
  reference(inputs, [y, gates, cell], attrs) {
    const sizes = recurrentSizes(inputs[0], inputs[1], attrs, LSTM_GATES)
    const unit = lstmUnit((row, column, values, c) => {
      values.forEach((value, g) => set(gates, row, g * sizes.d + column, value))
      set(cell, row, column, c)
      set(y, row, column, values[3] * Math.tanh(c))
    })
    runCell(sizes, inputs, 2, unit)
  },
  gradient(builder, { inputs: [, R], outputs: [y, gates, cell], attrs }, [dy]) {
    if (!dy) return []
    const dWx = builder.one('lstm_grad', [dy, gates, cell, R], attrs)
    const outer = { heads: R.type.rows, gates: LSTM_GATES, seqlen: attrs.seqlen, previous: true }
    return [dWx, builder.one('headwise_outer', [dWx, y], outer), builder.one('column_sum', [dWx])]
  },
  cost: ([Wx, R], attrs) => {
    const { d, dh } = recurrentSizes(Wx, R, attrs, LSTM_GATES)
    return { flops: Wx.rows * d * (2 * LSTM_GATES * dh + 20), exps: 5 * Wx.rows * d }
  },
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: recurrentCases(LSTM_GATES),
})

/**
 * dWx of lstm from dy. With g_t = dy_t + Rᵀ dWx_{t+1} and e_t = g o (1 − tanh² c) + f_{t+1} e_{t+1} the adjoint of c_t:
 *   di = e g̃ i (1 − i),  df = e c_{t−1} f (1 − f),  dg̃ = e i (1 − g̃²),  do = g tanh(c) o (1 − o).
 */
export const lstm_grad = defineOp({
  name: 'lstm_grad',
  inputs: ['dy', 'gates', 'cell', 'R'],
  outputs: ['dWx'],
  infer: ([, gates]) => [gates],
  mayOverwrite: { 0: 1 },
  reference([dy, gates, cell, R], [dWx], attrs) {
    const sizes = recurrentSizes(gates, R, attrs, LSTM_GATES)
    runCellBack(sizes, dy, R, (row, column, dh, first, carry) => {
      const [i, f, g, o] = [0, 1, 2, 3].map((k) => at(gates, row, k * sizes.d + column))
      const bounded = Math.tanh(at(cell, row, column))
      const e = dh * o * (1 - bounded * bounded) + carry[0]
      carry[0] = e * f
      const before = first ? 0 : at(cell, row - 1, column)
      const grads = [e * g * i * (1 - i), e * before * f * (1 - f), e * i * (1 - g * g), dh * bounded * o * (1 - o)]
      grads.forEach((value, k) => set(dWx, row, k * sizes.d + column, value))
      return { r: grads }
    })
  },
  cost: ([dy, , , R]) => ({ flops: dy.rows * dy.cols * ((2 * LSTM_GATES * dy.cols) / R.rows + 25), exps: dy.rows * dy.cols }),
  tolerance: 2e-5,
  cases: [],
})
