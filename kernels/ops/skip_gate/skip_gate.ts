import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { defineOp } from '../op.ts'

/**
 * y = (a + skip ⊙ c) ⊙ silu(z): the end of xLSTM's mLSTM layer, its learnable skip and output gate (Beck et al. 2024, arXiv:2405.04517,
 * fig. 10). a, c, z, y (R, d) · skip (1, d). The gradient recomputes from the inputs.
 */
export const skip_gate = defineOp({
  name: 'skip_gate',
  inputs: ['a', 'c', 'skip', 'z'],
  outputs: ['y'],
  mayOverwrite: { 0: 0 },
  infer([a, c, skip, z]) {
    expectType('skip_gate: c', c, a)
    expectType('skip_gate: skip', skip, f32(1, a.cols))
    expectType('skip_gate: z', z, a)
    return [a]
  },
  reference([a, c, skip, z], [y]) {
    for (let r = 0; r < a.rows; r++)
      for (let j = 0; j < a.cols; j++) {
        const gate = at(z, r, j) * sigmoid(at(z, r, j))
        set(y, r, j, (at(a, r, j) + at(skip, 0, j) * at(c, r, j)) * gate)
      }
  },
  gradient: (builder, { inputs }, [dy]) => (dy ? builder.apply('skip_gate_grad', [dy, ...inputs]) : []),
  cost: ([a]) => ({ flops: 7 * elements(a), exps: elements(a) }),
  tolerance: 2e-6,
  gradientTolerance: 4e-6,
  cases: [
    { inputs: [f32(1, 1), f32(1, 1), f32(1, 1), f32(1, 1)], attrs: {} },
    {
      inputs: [f32(63, 65), f32(63, 65), f32(1, 65), f32(63, 65)],
      attrs: {},
      range: [
        [-1, 1],
        [-1, 1],
        [-1, 1],
        [-30, 30],
      ],
    },
    { inputs: [f32(130, 64), f32(130, 64), f32(1, 64), f32(130, 64)], attrs: {} },
  ],
})
