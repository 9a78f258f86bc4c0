import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'

/**
 * With x̂ = (x − mean) · rstd and g = dy ⊙ weight: dx = rstd · (g − mean(g) − x̂ · mean(g ⊙ x̂)) [+ addend], dweight = Σ over rows of
 * dy ⊙ x̂, dbias = Σ over rows of dy when attrs.bias is set; means over each of `groups` slices. addend (R, d) is there when attrs.addend
 * is set: the gradient that reaches x by the residual path.
 */
export const layer_norm_grad = defineOp({
  name: 'layer_norm_grad',
  inputs: ['dy', 'x', 'weight', 'mean', 'rstd', 'addend'],
  outputs: ['dx', 'dweight', 'dbias'],
  infer: ([dy, x, weight], attrs) => (expectType('layer_norm_grad: dy', dy, x), [x, weight, ...(attrs.bias ? [weight] : [])]),
  reference(inputs, [dx, dweight, dbias], attrs) {
    const [dy, x, weight, mean, rstd, addend] = inputs
    for (let c = 0; c < x.cols; c++) {
      set(dweight, 0, c, 0)
      if (attrs.bias) set(dbias, 0, c, 0)
    }
    const width = x.cols / mean.cols
    for (let r = 0; r < x.rows; r++)
      for (let g = 0; g < mean.cols; g++) {
        const [first, end, scale] = [g * width, (g + 1) * width, at(rstd, r, g)]
        const normed = (c: number): number => (at(x, r, c) - at(mean, r, g)) * scale
        let [dot, sum] = [0, 0]
        for (let c = first; c < end; c++) {
          dot += at(dy, r, c) * at(weight, 0, c) * normed(c)
          sum += at(dy, r, c) * at(weight, 0, c)
          set(dweight, 0, c, at(dweight, 0, c) + at(dy, r, c) * normed(c))
          if (attrs.bias) set(dbias, 0, c, at(dbias, 0, c) + at(dy, r, c))
        }
        for (let c = first; c < end; c++) {
          const dxrc = scale * (at(dy, r, c) * at(weight, 0, c) - (sum + normed(c) * dot) / width)
          set(dx, r, c, dxrc + (attrs.addend ? at(addend, r, c) : 0))
        }
      }
  },
  cost: ([x]) => ({ flops: 12 * elements(x) }),
  tolerance: 4e-6,
  cases: [
    {
      inputs: [f32(63, 65), f32(63, 65), f32(1, 65), f32(63, 5), f32(63, 5), f32(63, 65)],
      attrs: { addend: true, bias: true, groups: 5 },
      range: [
        [-1, 1],
        [-1, 1],
        [0.5, 2],
        [-0.5, 0.5],
        [0.5, 2],
        [-1, 1],
      ],
    },
  ],
})
