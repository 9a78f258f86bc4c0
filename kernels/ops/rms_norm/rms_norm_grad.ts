import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/**
 * With x̂ = x · rstd and g = dy ⊙ weight: dx = rstd · (g − x̂ · mean(g ⊙ x̂)) [+ addend], dweight = Σ over rows of dy ⊙ x̂; the mean over
 * each of `groups` slices, rstd (R, groups).
 * addend (R, d) is there when attrs.addend is set: the gradient that reaches x by the residual path.
 */
export const rms_norm_grad = defineOp({
  name: 'rms_norm_grad',
  inputs: ['dy', 'x', 'weight', 'rstd', 'addend'],
  outputs: ['dx', 'dweight'],
  infer: ([dy, x, weight]) => (expectType('rms_norm_grad: dy', dy, x), [x, weight]),
  reference(inputs, [dx, dweight], attrs) {
    const [dy, x, weight, rstd, addend] = inputs
    for (let c = 0; c < x.cols; c++) set(dweight, 0, c, 0)
    const width = x.cols / rstd.cols
    for (let r = 0; r < x.rows; r++)
      for (let g = 0; g < rstd.cols; g++) {
        const [first, end, scale] = [g * width, (g + 1) * width, at(rstd, r, g)]
        let dot = 0
        for (let c = first; c < end; c++) {
          const normed = at(x, r, c) * scale
          dot += at(dy, r, c) * at(weight, 0, c) * normed
          set(dweight, 0, c, at(dweight, 0, c) + at(dy, r, c) * normed)
        }
        for (let c = first; c < end; c++) {
          const dxrc = scale * (at(dy, r, c) * at(weight, 0, c) - (at(x, r, c) * scale * dot) / width)
          set(dx, r, c, dxrc + (attrs.addend ? at(addend, r, c) : 0))
        }
      }
  },
  cost: ([x]) => ({ flops: 9 * elements(x) }),
  tolerance: 4e-6,
  cases: [
    {
      inputs: [f32(63, 65), f32(63, 65), f32(1, 65), f32(63, 1), f32(63, 65)],
      attrs: { addend: true },
      range: [
        [-1, 1],
        [-1, 1],
        [0.5, 2],
        [0.5, 2],
        [-1, 1],
      ],
    },
  ],
})
