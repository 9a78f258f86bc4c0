import { expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { checkRecurrent, recurrentSizes, runCell, stepCases } from '../recurrent/cell.ts'
import { SLSTM_GATES, slstmUnit } from './slstm.ts'

/**
 * One time step of slstm. Wx (batch, 4·d), R, bias as there; state (batch, 4·d) = h, c, n, m of each sequence is overwritten; all zeros
 * before the first token. y (batch, d) = h.
 */
export const slstm_step = defineOp({
  name: 'slstm_step',
  inputs: ['Wx', 'R', 'bias', 'state'],
  outputs: ['y', 'state'],
  inPlace: { 1: 3 },
  infer(inputs) {
    const [Wx, , , state] = inputs
    const { d } = checkRecurrent('slstm_step', inputs, { batch: Wx.rows, seqlen: 1 }, SLSTM_GATES)
    expectType('slstm_step: state', state, f32(Wx.rows, 4 * d))
    return [f32(Wx.rows, d), state]
  },
  reference([Wx, R, bias, state], [y, next]) {
    const sizes = recurrentSizes(Wx, R, { batch: Wx.rows, seqlen: 1 }, SLSTM_GATES)
    const unit = slstmUnit((row, column, { o, cell }) => set(y, row, column, o * cell))
    runCell(sizes, [Wx, R, bias], 4, unit, { before: state, after: next })
  },
  cost: ([Wx, R]) => ({ flops: 2 * Wx.rows * R.rows * R.cols, exps: (5 * Wx.rows * Wx.cols) / SLSTM_GATES }),
  tolerance: 1e-5,
  cases: stepCases(SLSTM_GATES, 4),
})
