import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { type Complex, plus, times } from '../diagonal_scan/discretise.ts'
import { defineOp, requireShape } from '../op.ts'
import { scanShapes, sharedMode } from './complex_scan.ts'

const testCase = (batch: number, modes: number, clip: boolean) => ({
  inputs: [f32(batch, 2 * modes), f32(1, modes), f32(1, modes), f32(1, modes), f32(batch, 2 * modes)],
  attrs: { clip },
  range: [
    [-1, 1],
    [-0.8, 0.3],
    [0, 60],
    [Math.log(1e-3), Math.log(0.1)],
    [-1, 1],
  ] as const,
})

/** One time step of complex_scan: v, y, state (batch, 2·modes); state is x, real parts first, overwritten. */
export const complex_scan_step = defineOp({
  name: 'complex_scan_step',
  inputs: ['v', 'Lambda_re', 'Lambda_im', 'log_step', 'state'],
  outputs: ['y', 'state'],
  inPlace: { 1: 4 },
  infer(inputs) {
    const [v, , , , state] = inputs
    requireShape(state.rows === v.rows && state.cols === v.cols, 'complex_scan_step: state does not have the shape of v')
    return [scanShapes('complex_scan_step', inputs, v.rows), state]
  },
  reference([v, Lambda_re, Lambda_im, log_step, state], [y, next], attrs) {
    const modes = Lambda_re.cols
    for (let n = 0; n < modes; n++) {
      const { a, beta } = sharedMode(Lambda_re, Lambda_im, log_step, n, attrs)
      for (let b = 0; b < v.rows; b++) {
        const before: Complex = [at(state, b, n), at(state, b, modes + n)]
        const x = plus(times(a, before), times(beta, [at(v, b, n), at(v, b, modes + n)]))
        set(next, b, n, x[0])
        set(next, b, modes + n, x[1])
        set(y, b, n, 2 * x[0])
        set(y, b, modes + n, -2 * x[1])
      }
    }
  },
  cost: ([v]) => ({ flops: 8 * elements(v), exps: v.cols }),
  tolerance: 4e-6,
  cases: [testCase(1, 1, false), testCase(2, 65, true), testCase(3, 6, false)],
})
