import { activate, slope } from '../activation/functions.ts'
import { at, elements, expectType, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'

/** da = dy ⊙ f(b), db = dy ⊙ a ⊙ f′(b); attrs kind as in glu. da may overwrite dy. */
export const glu_grad = defineOp({
  name: 'glu_grad',
  inputs: ['dy', 'a', 'b'],
  outputs: ['da', 'db'],
  mayOverwrite: { 0: 0 },
  infer: ([dy, a]) => (expectType('glu_grad: dy', dy, a), [a, a]),
  reference([dy, a, b], [da, db], attrs) {
    const kind = num(attrs, 'kind')
    for (let r = 0; r < a.rows; r++)
      for (let c = 0; c < a.cols; c++) {
        set(db, r, c, at(dy, r, c) * at(a, r, c) * slope(kind, at(b, r, c)))
        set(da, r, c, at(dy, r, c) * activate(kind, at(b, r, c)))
      }
  },
  cost: ([a]) => ({ flops: 9 * elements(a), exps: elements(a) }),
  tolerance: 2e-6,
  cases: [],
})
