import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** How many equal column slices of a row are normalised each on its own: attribute `groups`, 1 when left out. */
export const slices = (attrs: Attributes): number => (attrs.groups as number | undefined) ?? 1
export function requireSlices(op: string, cols: number, attrs: Attributes): number {
  const groups = slices(attrs)
  requireShape(cols % groups === 0, `${op}: ${cols} columns cannot be cut into ${groups} equal groups`)
  return groups
}

/**
 * y (R, d) = x · rstd · weight, rstd = (mean(x²) + eps)^−½ per row (Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4).
 * weight (1, d). attrs eps and groups G (default 1): each of G equal column slices of a row has its own mean, as in the grouped norm of
 * Mamba-2 and the multi-head norm of xLSTM-7B. rstd (R, G) is kept for the gradient.
 */
export const rms_norm = defineOp({
  name: 'rms_norm',
  inputs: ['x', 'weight'],
  outputs: ['y', 'rstd'],
  infer: ([x, weight], attrs) => (
    expectType('rms_norm: weight', weight, f32(1, x.cols)),
    [x, f32(x.rows, requireSlices('rms_norm', x.cols, attrs))]
  ),
  reference([x, weight], [y, rstd], attrs) {
    const width = x.cols / rstd.cols
    for (let r = 0; r < x.rows; r++)
      for (let g = 0; g < rstd.cols; g++) {
        const [first, end] = [g * width, (g + 1) * width]
        let sum = 0
        for (let c = first; c < end; c++) sum += at(x, r, c) ** 2
        const scale = 1 / Math.sqrt(sum / width + num(attrs, 'eps'))
        set(rstd, r, g, scale)
        for (let c = first; c < end; c++) set(y, r, c, at(x, r, c) * scale * at(weight, 0, c))
      }
  },
  gradient: (builder, { inputs: [x, weight], outputs: [, rstd], attrs }, [dy]) =>
    dy ? builder.apply('rms_norm_grad', [dy, x, weight, rstd], { groups: slices(attrs) }) : [],
  cost: ([x]) => ({ flops: 4 * elements(x) }),
  tolerance: 2e-6,
  cases: [
    // One column and a small eps would leave dx ≈ 0 as the difference of two equal numbers, which no f32 can tell.
    { inputs: [f32(1, 1), f32(1, 1)], attrs: { eps: 0.5 } },
    { inputs: [f32(1, 65), f32(1, 65)], attrs: { eps: 1e-5 } },
    { inputs: [f32(65, 2), f32(1, 2)], attrs: { eps: 1e-5 } },
    { inputs: [f32(63, 65), f32(1, 65)], attrs: { eps: 1e-5 } },
    { inputs: [f32(33, 65), f32(1, 65)], attrs: { eps: 1e-5, groups: 5 } },
    { inputs: [f32(70, 96), f32(1, 96)], attrs: { eps: 1e-5, groups: 3 } },
    {
      inputs: [f32(130, 128), f32(1, 128)],
      attrs: { eps: 1e-5 },
      range: [
        [-30, 30],
        [0.5, 2],
      ],
    },
  ],
})
