import { at, f32, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** Of one of the batch's products, and how it is read. */
export interface BatchedShape {
  readonly batch: number
  readonly M: number
  readonly N: number
  readonly K: number
  readonly transA: boolean
  readonly transB: boolean
}

export function batchedShape([a, b]: readonly Pick<TensorType, 'rows' | 'cols'>[], attrs: Attributes): BatchedShape {
  const [batch, transA, transB] = [num(attrs, 'batch'), !!attrs.transA, !!attrs.transB]
  const [M, K] = transA ? [a.cols, a.rows / batch] : [a.rows / batch, a.cols]
  return { batch, M, K, N: transB ? b.rows / batch : b.cols, transA, transB }
}

const testCase = (batch: number, M: number, N: number, K: number, transA = false, transB = false) => ({
  inputs: [transA ? f32(batch * K, M) : f32(batch * M, K), transB ? f32(batch * N, K) : f32(batch * K, N)],
  attrs: { batch, transA, transB },
})

/**
 * `batch` products of matrices that lie below one another: y_i (M, N) = op(a_i) op(b_i), where op transposes when transA / transB is set.
 * a (batch·M, K) or (batch·K, M), b (batch·K, N) or (batch·N, K), y (batch·M, N). Sums run over K in order.
 */
export const batched_matmul = defineOp({
  name: 'batched_matmul',
  inputs: ['a', 'b'],
  outputs: ['y'],
  infer([a, b], attrs) {
    const { batch, M, N, K, transB } = batchedShape([a, b], attrs)
    for (const [name, { rows }] of [['a', a] as const, ['b', b] as const])
      requireShape(rows % batch === 0, `batched_matmul: ${name} has ${rows} rows, which a batch of ${batch} does not divide`)
    const Kb = transB ? b.cols : b.rows / batch
    requireShape(K === Kb, `batched_matmul: op(a) has ${K} columns, op(b) has ${Kb} rows`)
    return [f32(batch * M, N)]
  },
  reference([a, b], [y], attrs) {
    const { batch, M, N, K, transA, transB } = batchedShape([a, b], attrs)
    for (let i = 0; i < batch; i++)
      for (let m = 0; m < M; m++)
        for (let n = 0; n < N; n++) {
          let sum = 0
          for (let k = 0; k < K; k++)
            sum += (transA ? at(a, i * K + k, m) : at(a, i * M + m, k)) * (transB ? at(b, i * N + n, k) : at(b, i * K + k, n))
          set(y, i * M + m, n, sum)
        }
  },
  gradient(builder, { inputs: [a, b], attrs }, [dy]) {
    if (!dy) return []
    const { batch, transA = false, transB = false } = attrs
    // op(a) = A: dA = dy Bᵀ, dB = Aᵀ dy; each transposed back where its input was stored transposed.
    const da = transA
      ? builder.one('batched_matmul', [b, dy], { batch, transA: transB, transB: true })
      : builder.one('batched_matmul', [dy, b], { batch, transA: false, transB: !transB })
    const db = transB
      ? builder.one('batched_matmul', [dy, a], { batch, transA: true, transB: transA })
      : builder.one('batched_matmul', [a, dy], { batch, transA: !transA, transB: false })
    return [da, db]
  },
  cost: (inputs, attrs) => {
    const { batch, M, N, K } = batchedShape(inputs, attrs)
    return { flops: 2 * batch * M * N * K }
  },
  tolerance: 2e-6,
  cases: [
    testCase(1, 1, 1, 1),
    testCase(3, 33, 65, 17),
    testCase(2, 70, 50, 66, false, true),
    testCase(5, 20, 12, 63, true, false),
    testCase(2, 17, 31, 130, true, true),
    testCase(4, 1, 40, 24),
  ],
})
