import { expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { checkRecurrent, recurrentSizes, runCell, stepCases } from '../recurrent/cell.ts'
import { GRU_GATES, gruUnit } from './gru.ts'

/** One time step of gru. Wx (batch, 3·d), R, bias as there; state (batch, d) = h is overwritten; zeros at first. y (batch, d) = h. */
export const gru_step = defineOp({
  name: 'gru_step',
  inputs: ['Wx', 'R', 'bias', 'state'],
  outputs: ['y', 'state'],
  inPlace: { 1: 3 },
  infer(inputs) {
    const [Wx, , , state] = inputs
    const { d } = checkRecurrent('gru_step', inputs, { batch: Wx.rows, seqlen: 1 }, GRU_GATES)
    expectType('gru_step: state', state, f32(Wx.rows, d))
    return [state, state]
  },
  reference([Wx, R, bias, state], [y, next]) {
    const sizes = recurrentSizes(Wx, R, { batch: Wx.rows, seqlen: 1 }, GRU_GATES)
    const unit = gruUnit((row, column, _, h) => set(y, row, column, h))
    runCell(sizes, [Wx, R, bias], 1, unit, { before: state, after: next })
  },
  cost: ([Wx, R]) => ({ flops: 2 * Wx.rows * R.rows * R.cols, exps: Wx.rows * Wx.cols }),
  tolerance: 1e-5,
  cases: stepCases(GRU_GATES, 1),
})
