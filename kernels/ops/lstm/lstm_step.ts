import { expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { checkRecurrent, recurrentSizes, runCell, stepCases } from '../recurrent/cell.ts'
import { LSTM_GATES, lstmUnit } from './lstm.ts'

/** One time step of lstm. Wx (batch, 4·d), R, bias as there; state (batch, 2·d) = h, c is overwritten; zeros at first. y (batch, d) = h. */
export const lstm_step = defineOp({
  name: 'lstm_step',
  inputs: ['Wx', 'R', 'bias', 'state'],
  outputs: ['y', 'state'],
  inPlace: { 1: 3 },
  infer(inputs) {
    const [Wx, , , state] = inputs
    const { d } = checkRecurrent('lstm_step', inputs, { batch: Wx.rows, seqlen: 1 }, LSTM_GATES)
    expectType('lstm_step: state', state, f32(Wx.rows, 2 * d))
    return [f32(Wx.rows, d), state]
  },
  reference([Wx, R, bias, state], [y, next]) {
    const sizes = recurrentSizes(Wx, R, { batch: Wx.rows, seqlen: 1 }, LSTM_GATES)
    const unit = lstmUnit((row, column, gates, cell) => set(y, row, column, gates[3] * Math.tanh(cell)))
    runCell(sizes, [Wx, R, bias], 2, unit, { before: state, after: next })
  },
  cost: ([Wx, R]) => ({ flops: 2 * Wx.rows * R.rows * R.cols, exps: (5 * Wx.rows * Wx.cols) / LSTM_GATES }),
  tolerance: 1e-5,
  cases: stepCases(LSTM_GATES, 2),
})
