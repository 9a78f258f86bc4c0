import { at, elements, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/**
 * x read in row-major order as (outer, a, b, inner) comes out as (outer, b, a, inner), in a matrix of the same shape. attrs a, b, inner.
 * Published weights that see or make groups of neighbouring positions order their channels position last; ours, whose groups are
 * reshaped rows, have it first. Only weights pass through here, so it need not be fast.
 */
export const swap_axes = defineOp({
  name: 'swap_axes',
  inputs: ['x'],
  outputs: ['y'],
  infer([x], attrs) {
    const block = num(attrs, 'a') * num(attrs, 'b') * num(attrs, 'inner')
    requireShape(elements(x) % block === 0, `swap_axes: ${elements(x)} elements are no multiple of a · b · inner = ${block}`)
    return [x]
  },
  reference([x], [y], attrs) {
    const [a, b, inner] = [num(attrs, 'a'), num(attrs, 'b'), num(attrs, 'inner')]
    for (let e = 0; e < x.rows * x.cols; e++) {
      const [k, i, j] = [e % inner, Math.floor(e / (inner * b)) % a, Math.floor(e / inner) % b]
      const to = e - (i * b + j) * inner - k + (j * a + i) * inner + k
      set(y, Math.floor(to / x.cols), to % x.cols, at(x, Math.floor(e / x.cols), e % x.cols))
    }
  },
  gradient: (builder, { attrs: { a, b, inner } }, [dy]) => (dy ? [builder.one('swap_axes', [dy], { a: b, b: a, inner })] : []),
  cost: () => ({ flops: 0 }),
  tolerance: 0,
  cases: [
    { inputs: [f32(1, 1)], attrs: { a: 1, b: 1, inner: 1 } },
    { inputs: [f32(7, 12)], attrs: { a: 3, b: 4, inner: 1 } },
    { inputs: [f32(12, 7)], attrs: { a: 3, b: 4, inner: 7 } },
    { inputs: [f32(63, 10)], attrs: { a: 5, b: 2, inner: 1 } },
    { inputs: [f32(100, 120)], attrs: { a: 30, b: 4, inner: 1 } },
    { inputs: [f32(120, 100)], attrs: { a: 30, b: 4, inner: 100 } },
  ],
})
