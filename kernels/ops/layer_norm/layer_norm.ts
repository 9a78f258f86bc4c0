import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'
import { requireSlices, slices } from '../rms_norm/rms_norm.ts'

const testCase = (rows: number, cols: number, groups: number, eps: number, bias: boolean, x: readonly [number, number] = [-1, 2]) => ({
  inputs: [f32(rows, cols), f32(1, cols), ...(bias ? [f32(1, cols)] : [])],
  attrs: { eps, groups, bias },
  range: [x, [0.5, 2], [-1, 1]] as const,
})

/**
 * y (R, d) = (x − mean) · rstd · weight [+ bias], with mean and rstd = (variance + eps)^−½ of each row (Ba et al. 2016, arXiv:1607.06450,
 * eq. 4; variance without Bessel's correction, as PyTorch). weight, bias (1, d); bias is there when attrs.bias is set.
 * attrs eps and groups G (default 1): each of G equal column slices of a row is normalised on its own, the per-head norm of xLSTM.
 * mean and rstd (R, G) are kept for the gradient.
 */
export const layer_norm = defineOp({
  name: 'layer_norm',
  inputs: ['x', 'weight', 'bias'],
  outputs: ['y', 'mean', 'rstd'],
  infer([x, weight, ...rest], attrs) {
    expectType('layer_norm: weight', weight, f32(1, x.cols))
    requireShape(rest.length === Number(!!attrs.bias), 'layer_norm: the bias input does not match the attribute')
    if (attrs.bias) expectType('layer_norm: bias', rest[0], f32(1, x.cols))
    const statistics = f32(x.rows, requireSlices('layer_norm', x.cols, attrs))
    return [x, statistics, statistics]
  },
  reference([x, weight, bias], [y, mean, rstd], attrs) {
    const width = x.cols / mean.cols
    for (let r = 0; r < x.rows; r++)
      for (let g = 0; g < mean.cols; g++) {
        const [first, end] = [g * width, (g + 1) * width]
        let [sum, squares] = [0, 0]
        for (let c = first; c < end; c++) sum += at(x, r, c)
        const middle = sum / width
        for (let c = first; c < end; c++) squares += (at(x, r, c) - middle) ** 2
        const scale = 1 / Math.sqrt(squares / width + num(attrs, 'eps'))
        set(mean, r, g, middle)
        set(rstd, r, g, scale)
        for (let c = first; c < end; c++)
          set(y, r, c, (at(x, r, c) - middle) * scale * at(weight, 0, c) + (attrs.bias ? at(bias, 0, c) : 0))
      }
  },
  gradient: (builder, { inputs: [x, weight], outputs: [, mean, rstd], attrs }, [dy]) =>
    dy ? builder.apply('layer_norm_grad', [dy, x, weight, mean, rstd], { groups: slices(attrs), bias: !!attrs.bias }) : [],
  cost: ([x]) => ({ flops: 7 * elements(x) }),
  tolerance: 2e-6,
  gradientTolerance: 4e-6,
  cases: [
    // Two columns and a small eps would leave dx ≈ 0 as the difference of equal numbers, which no f32 can tell.
    testCase(1, 2, 1, 0.5, true),
    testCase(1, 65, 1, 1e-5, true),
    testCase(63, 65, 1, 1e-5, false),
    testCase(63, 65, 5, 1e-5, true),
    testCase(70, 96, 3, 1e-5, true),
    testCase(130, 128, 1, 1e-5, true, [-30, 40]),
    testCase(9, 128, 4, 1e-5, false),
  ],
})
