import { at, expectType, f32, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, requireShape } from '../op.ts'

const sizes = ([a, b]: readonly TensorType[], attrs: Attributes): { M: number; N: number; K: number; Kb: number } => ({
  M: attrs.transA ? a.cols : a.rows,
  K: attrs.transA ? a.rows : a.cols,
  Kb: attrs.transB ? b.cols : b.rows,
  N: attrs.transB ? b.rows : b.cols,
})
/**
 * A loss is a mean over positions, so a gradient's entries are about one over its rows. Raised by as much they fill float16's range; no more
 * than this, because where only the last position of each sequence has a loss they are larger, and float16 ends at 2¹⁶.
 */
const LARGEST_LIFT = 12

const type = (rows: number, cols: number, trans: unknown): TensorType => (trans ? f32(cols, rows) : f32(rows, cols))
const testCase = (M: number, N: number, K: number, attrs: Attributes) => ({
  inputs: [type(M, K, attrs.transA), type(K, N, attrs.transB), ...(attrs.bias ? [f32(1, N)] : []), ...(attrs.residual ? [f32(M, N)] : [])],
  attrs,
})

/**
 * y (M, N) = op(a) op(b) + bias + residual, where op transposes when transA / transB is set, bias (1, N) is added to every row and
 * residual is (M, N). Inputs in order: a, b, then bias if `bias`, then residual if `residual`. A linear layer with PyTorch's weight
 * (out, in) is transB. Sums run over K in f32; every backend sums in a fixed order. A backend in mixed precision may round a and b to
 * float16; `lift_a`, `lift_b` say how many powers of two an input (a gradient) is to be raised for that, so that it is not lost.
 */
export const matmul = defineOp({
  name: 'matmul',
  inputs: ['a', 'b', 'bias', 'residual'],
  outputs: ['y'],
  // The residual, where there is no bias: whoever writes an element of y has read the residual's before.
  mayOverwrite: { 0: 2 },
  infer(inputs, attrs) {
    const { M, N, K, Kb } = sizes(inputs, attrs)
    requireShape(K === Kb, `matmul: op(a) has ${K} columns, op(b) has ${Kb} rows`)
    const rest = inputs.slice(2)
    requireShape(
      rest.length === Number(!!attrs.bias) + Number(!!attrs.residual),
      'matmul: bias and residual inputs do not match the attributes',
    )
    if (attrs.bias) expectType('matmul: bias', rest[0], f32(1, N))
    if (attrs.residual) expectType('matmul: residual', rest[rest.length - 1], f32(M, N))
    return [f32(M, N)]
  },
  reference(inputs, [y], attrs) {
    const [a, b] = inputs
    const bias = attrs.bias ? inputs[2] : undefined
    const residual = attrs.residual ? inputs[inputs.length - 1] : undefined
    const K = attrs.transA ? a.rows : a.cols
    for (let m = 0; m < y.rows; m++)
      for (let n = 0; n < y.cols; n++) {
        let sum = (bias ? at(bias, 0, n) : 0) + (residual ? at(residual, m, n) : 0)
        for (let k = 0; k < K; k++) sum += (attrs.transA ? at(a, k, m) : at(a, m, k)) * (attrs.transB ? at(b, n, k) : at(b, k, n))
        set(y, m, n, sum)
      }
  },
  gradient(builder, { inputs: [a, b], attrs }, [dy]) {
    if (!dy) return []
    const { transA = false, transB = false } = attrs
    // op(a) = A: dA = dy Bᵀ, dB = Aᵀ dy; each transposed back where its input was stored transposed.
    const lift = Math.min(LARGEST_LIFT, Math.floor(Math.log2(dy.type.rows)))
    const da = transA
      ? builder.one('matmul', [b, dy], { transA: transB, transB: true, lift_b: lift })
      : builder.one('matmul', [dy, b], { transA: false, transB: !transB, lift_a: lift })
    const db = transB
      ? builder.one('matmul', [dy, a], { transA: true, transB: transA, lift_a: lift })
      : builder.one('matmul', [a, dy], { transA: !transA, transB: false, lift_b: lift })
    return [da, db, ...(attrs.bias ? [builder.one('column_sum', [dy])] : []), ...(attrs.residual ? [dy] : [])]
  },
  cost: (inputs, attrs) => {
    const { M, N, K } = sizes(inputs, attrs)
    return { flops: 2 * M * N * K }
  },
  tolerance: 2e-6,
  cases: [
    testCase(1, 1, 1, {}),
    testCase(70, 50, 66, { transB: true, bias: true, residual: true }),
    testCase(33, 129, 65, {}),
    testCase(65, 40, 63, { transA: true }),
    testCase(17, 31, 130, { transA: true, transB: true, bias: true }),
    testCase(8, 64, 300, { transB: true, residual: true }),
    testCase(1, 65, 128, { transB: true }),
  ],
})
