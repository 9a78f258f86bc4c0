import { at, expectType, f32, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** Sizes of a block-diagonal product: heads, columns of one head of x, columns of one head of y. */
export function headwiseSizes(
  [x, weight]: readonly { rows: number; cols: number }[],
  attrs: Attributes,
): { heads: number; K: number; N: number; transpose: boolean } {
  const heads = weight.rows
  const K = x.cols / heads
  return { heads, K, N: weight.cols / K, transpose: !!attrs.transpose }
}
const testCase = (rows: number, heads: number, Di: number, Do: number, transpose = false, addend = false) => ({
  inputs: [f32(rows, heads * (transpose ? Do : Di)), f32(heads, Do * Di), ...(addend ? [f32(rows, heads * (transpose ? Di : Do))] : [])],
  attrs: { transpose, ...(addend ? { addend } : {}) },
})

/**
 * Block-diagonal linear map: each head of x by its own matrix, y[r, h, o] = Σ_d weight[h, o, d] x[r, h, d]
 * (published as the einsum "hd,hod->ho": xlstm's LinearHeadwiseExpand, Beck et al. 2024, arXiv:2405.04517, appendix A).
 * x (R, heads·Di) · weight (heads, Do·Di) · y (R, heads·Do). With attrs.transpose each matrix is transposed: x (R, heads·Do), y (R, heads·Di).
 * addend, as y, is there when attrs.addend is set and is added: what else reaches the input of several such maps in the backward pass.
 */
export const headwise_linear = defineOp({
  name: 'headwise_linear',
  inputs: ['x', 'weight', 'addend'],
  outputs: ['y'],
  mayOverwrite: { 0: 2 },
  infer([x, weight, addend], attrs): TensorType[] {
    requireShape(x.cols % weight.rows === 0, `headwise_linear: x has ${x.cols} columns, which ${weight.rows} heads do not divide`)
    const K = x.cols / weight.rows
    requireShape(weight.cols % K === 0, `headwise_linear: a head of weight has ${weight.cols} elements, x has ${K} columns a head`)
    const y = f32(x.rows, (weight.rows * weight.cols) / K)
    if (attrs.addend) expectType('headwise_linear: addend', addend, y)
    return [y]
  },
  reference([x, weight, addend], [y], attrs) {
    const { heads, K, N, transpose } = headwiseSizes([x, weight], attrs)
    for (let r = 0; r < x.rows; r++)
      for (let h = 0; h < heads; h++)
        for (let n = 0; n < N; n++) {
          let sum = attrs.addend ? at(addend, r, h * N + n) : 0
          for (let k = 0; k < K; k++) sum += at(weight, h, transpose ? k * N + n : n * K + k) * at(x, r, h * K + k)
          set(y, r, h * N + n, sum)
        }
  },
  gradient(builder, { inputs: [x, weight], attrs }, [dy]) {
    if (!dy) return []
    const transpose = !!attrs.transpose
    const outer = { heads: weight.type.rows, gates: 1, seqlen: x.type.rows, previous: false }
    return [
      builder.one('headwise_linear', [dy, weight], { transpose: !transpose }),
      builder.one('headwise_outer', transpose ? [x, dy] : [dy, x], outer),
      ...(attrs.addend ? [dy] : []),
    ]
  },
  cost: ([x, weight]) => ({ flops: 2 * x.rows * weight.rows * weight.cols }),
  tolerance: 2e-6,
  gradientTolerance: 4e-6,
  cases: [
    testCase(1, 1, 1, 1),
    testCase(65, 16, 4, 4),
    testCase(33, 5, 3, 7),
    testCase(63, 2, 20, 36),
    testCase(70, 3, 33, 17),
    testCase(65, 2, 40, 24, true),
    testCase(5, 2, 64, 64),
    testCase(65, 5, 4, 7, true, true),
    testCase(67, 2, 36, 20, false, true),
  ],
})

/**
 * The gradient of a block-diagonal weight: y[h, (g·J + j)·K + k] = Σ_r a[r, g·heads·J + h·J + j] b[r, h·K + k], a (R, gates·heads·J),
 * b (R, heads·K), y (heads, gates·J·K). With `previous`, row r of a meets row r − 1 of b of the same sequence of `seqlen` rows (its first
 * row meets zero): what a recurrent weight wants of the gates' gradients and the states. Sums over R in f32, in a fixed order.
 */
export const headwise_outer = defineOp({
  name: 'headwise_outer',
  inputs: ['a', 'b'],
  outputs: ['y'],
  infer([a, b], attrs) {
    const [heads, gates, seqlen] = [num(attrs, 'heads'), num(attrs, 'gates'), num(attrs, 'seqlen')]
    requireShape(a.rows === b.rows && a.rows % seqlen === 0, `headwise_outer: a has ${a.rows} rows, b ${b.rows}, a sequence ${seqlen}`)
    requireShape(a.cols % (heads * gates) === 0 && b.cols % heads === 0, `headwise_outer: ${heads} heads do not divide the columns`)
    return [f32(heads, (a.cols / heads) * (b.cols / heads))]
  },
  reference([a, b], [y], attrs) {
    const [heads, gates, seqlen] = [num(attrs, 'heads'), num(attrs, 'gates'), num(attrs, 'seqlen')]
    const [J, K, lag] = [a.cols / (heads * gates), b.cols / heads, Number(!!attrs.previous)]
    for (let h = 0; h < heads; h++)
      for (let g = 0; g < gates; g++)
        for (let j = 0; j < J; j++)
          for (let k = 0; k < K; k++) {
            let sum = 0
            for (let r = 0; r < a.rows; r++) if (r % seqlen >= lag) sum += at(a, r, (g * heads + h) * J + j) * at(b, r - lag, h * K + k)
            set(y, h, (g * J + j) * K + k, sum)
          }
  },
  cost: ([a, b], attrs) => ({ flops: (2 * a.rows * a.cols * b.cols) / num(attrs, 'heads') }),
  tolerance: 4e-6,
  cases: [
    { inputs: [f32(1, 1), f32(1, 1)], attrs: { heads: 1, gates: 1, seqlen: 1, previous: true } },
    { inputs: [f32(130, 24), f32(130, 6)], attrs: { heads: 2, gates: 4, seqlen: 65, previous: true } },
    { inputs: [f32(3 * 47, 3 * 2 * 34), f32(3 * 47, 2 * 37)], attrs: { heads: 2, gates: 3, seqlen: 47, previous: true } },
    { inputs: [f32(600, 20), f32(600, 20)], attrs: { heads: 5, gates: 1, seqlen: 600, previous: false } },
    { inputs: [f32(1030, 40), f32(1030, 24)], attrs: { heads: 1, gates: 2, seqlen: 103, previous: true } },
  ],
})
