import { activate, ACTIVATIONS } from '../activation/functions.ts'
import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/**
 * Gated linear unit: y = a ⊙ f(b), a the value half and b the gate half of one projection (Shazeer 2020, arXiv:2002.05202, eq. 5 and 6).
 * attrs kind, a number of ACTIVATIONS: sigmoid GLU, silu SwiGLU, gelu GEGLU. The gradient recomputes from a and b.
 */
export const glu = defineOp({
  name: 'glu',
  inputs: ['a', 'b'],
  outputs: ['y'],
  infer([a, b], attrs) {
    expectType('glu: b', b, a)
    requireShape(num(attrs, 'kind') in Object.values(ACTIVATIONS), `glu: there is no kind ${num(attrs, 'kind')}`)
    return [a]
  },
  mayOverwrite: { 0: 0 },
  reference: ([a, b], [y], attrs) => {
    for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(a, r, c) * activate(num(attrs, 'kind'), at(b, r, c)))
  },
  gradient: (builder, { inputs, attrs }, [dy]) => (dy ? builder.apply('glu_grad', [dy, ...inputs], attrs) : []),
  cost: ([a]) => ({ flops: 5 * elements(a), exps: elements(a) }),
  tolerance: 2e-6,
  cases: [
    ...[ACTIVATIONS.silu, ACTIVATIONS.gelu, ACTIVATIONS.sigmoid].map((kind) => ({
      inputs: [f32(63, 65), f32(63, 65)],
      attrs: { kind },
      range: [
        [-1, 1],
        [-6, 6],
      ] as const,
    })),
    { inputs: [f32(1, 1), f32(1, 1)], attrs: { kind: ACTIVATIONS.silu } },
    {
      inputs: [f32(130, 128), f32(130, 128)],
      attrs: { kind: ACTIVATIONS.silu },
      range: [
        [-30, 30],
        [-90, 90],
      ],
    },
  ],
})
