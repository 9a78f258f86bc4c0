import { at, elements, expectType, set } from '../../tensor/tensor.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { defineOp } from '../op.ts'

/** With g = dy ⊙ silu(z): da = g, dc = g ⊙ skip, dskip = Σ over rows of g ⊙ c, dz = dy ⊙ (a + skip ⊙ c) ⊙ silu′(z). */
export const skip_gate_grad = defineOp({
  name: 'skip_gate_grad',
  inputs: ['dy', 'a', 'c', 'skip', 'z'],
  outputs: ['da', 'dc', 'dskip', 'dz'],
  infer: ([dy, a, , skip]) => (expectType('skip_gate_grad: dy', dy, a), [a, a, skip, a]),
  reference([dy, a, c, skip, z], [da, dc, dskip, dz]) {
    for (let j = 0; j < a.cols; j++) {
      let sum = 0
      for (let r = 0; r < a.rows; r++) {
        const s = sigmoid(at(z, r, j))
        const g = at(dy, r, j) * at(z, r, j) * s
        sum += g * at(c, r, j)
        const y = at(a, r, j) + at(skip, 0, j) * at(c, r, j)
        set(dz, r, j, at(dy, r, j) * y * s * (1 + at(z, r, j) * (1 - s)))
        set(da, r, j, g)
        set(dc, r, j, g * at(skip, 0, j))
      }
      set(dskip, 0, j, sum)
    }
  },
  cost: ([dy]) => ({ flops: 14 * elements(dy), exps: elements(dy) }),
  tolerance: 4e-6,
  cases: [],
})
