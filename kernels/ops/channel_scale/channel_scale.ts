import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, requireShape } from '../op.ts'

/** y (R, d) = x ⊙ weight [+ addend]: each channel times a number of its own, weight (1, d). addend (R, d) is there when attrs.addend is set. */
export const channel_scale = defineOp({
  name: 'channel_scale',
  inputs: ['x', 'weight', 'addend'],
  outputs: ['y'],
  infer([x, weight, ...rest], attrs) {
    expectType('channel_scale: weight', weight, f32(1, x.cols))
    requireShape(rest.length === Number(!!attrs.addend), 'channel_scale: the addend does not match the attribute')
    if (attrs.addend) expectType('channel_scale: addend', rest[0], x)
    return [x]
  },
  mayOverwrite: { 0: 0 },
  reference([x, weight, addend], [y]) {
    for (let r = 0; r < x.rows; r++)
      for (let c = 0; c < x.cols; c++) set(y, r, c, at(x, r, c) * at(weight, 0, c) + (addend ? at(addend, r, c) : 0))
  },
  gradient: (builder, { inputs: [x, weight, ...rest] }, [dy]) =>
    dy ? [builder.one('channel_scale', [dy, weight]), builder.one('column_sum', [builder.one('mul', [dy, x])]), ...rest.map(() => dy)] : [],
  cost: ([x]) => ({ flops: 2 * elements(x) }),
  tolerance: 1e-7,
  gradientTolerance: 2e-6,
  cases: [
    { inputs: [f32(1, 1), f32(1, 1)], attrs: {} },
    { inputs: [f32(63, 65), f32(1, 65)], attrs: {} },
    { inputs: [f32(130, 64), f32(1, 64), f32(130, 64)], attrs: { addend: true } },
  ],
})
