import { at, elements, expectType, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { slope } from './functions.ts'

/** dx = dy · f′(x); attrs kind as in activation. May overwrite dy. */
export const activation_grad = defineOp({
  name: 'activation_grad',
  inputs: ['dy', 'x'],
  outputs: ['dx'],
  mayOverwrite: { 0: 0 },
  infer: ([dy, x]) => (expectType('activation_grad: x', x, dy), [dy]),
  reference([dy, x], [dx], attrs) {
    for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) set(dx, r, c, at(dy, r, c) * slope(num(attrs, 'kind'), at(x, r, c)))
  },
  cost: ([x]) => ({ flops: 6 * elements(x), exps: elements(x) }),
  tolerance: 2e-6,
  cases: [],
})
