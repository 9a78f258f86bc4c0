import { at, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/**
 * Moves every sequence's rows: y (batch·to, d) with y[b, t] = x[b, t − shift], zero where that row does not exist; x (batch·from, d).
 * attrs batch, from, to, shift. shift 1 is the causal shift by one position; to > from pads behind, to < from cuts off the end.
 */
export const shift_rows = defineOp({
  name: 'shift_rows',
  inputs: ['x'],
  outputs: ['y'],
  infer([x], attrs) {
    requireShape(x.rows === num(attrs, 'batch') * num(attrs, 'from'), `shift_rows: x has ${x.rows} rows, not batch · from`)
    return [f32(num(attrs, 'batch') * num(attrs, 'to'), x.cols)]
  },
  reference([x], [y], attrs) {
    const [from, to, shift] = [num(attrs, 'from'), num(attrs, 'to'), num(attrs, 'shift')]
    for (let r = 0; r < y.rows; r++) {
      const [b, t] = [Math.floor(r / to), (r % to) - shift]
      for (let c = 0; c < y.cols; c++) set(y, r, c, t >= 0 && t < from ? at(x, b * from + t, c) : 0)
    }
  },
  gradient(builder, { attrs: { batch, from, to, shift } }, [dy]) {
    return dy ? [builder.one('shift_rows', [dy], { batch, from: to, to: from, shift: -(shift as number) })] : []
  },
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [f32(1, 1)], attrs: { batch: 1, from: 1, to: 1, shift: 1 } },
    { inputs: [f32(3 * 21, 65)], attrs: { batch: 3, from: 21, to: 21, shift: 1 } },
    { inputs: [f32(2 * 63, 5)], attrs: { batch: 2, from: 63, to: 64, shift: 0 } },
    { inputs: [f32(2 * 64, 8)], attrs: { batch: 2, from: 64, to: 61, shift: -2 } },
  ],
})
