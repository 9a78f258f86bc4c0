import { at, f32, expectType, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** The sizes of one attention. `window` 0 means all; a query sees itself, so window ≥ 1 else. */
export interface AttentionShape {
  readonly batch: number
  readonly seqlen: number
  readonly heads: number
  readonly kv_heads: number
  readonly head_dim: number
  readonly window: number
  readonly causal: boolean
}

export function attentionShape(op: string, [q, k, v]: readonly TensorType[], attrs: Attributes): AttentionShape {
  const [batch, seqlen, heads, kv_heads, window] = ['batch', 'seqlen', 'heads', 'kv_heads', 'window'].map((key) => num(attrs, key))
  const head_dim = q.cols / heads
  requireShape(q.rows === batch * seqlen, `${op}: q has ${q.rows} rows, batch · seqlen is ${batch * seqlen}`)
  requireShape(Number.isInteger(head_dim), `${op}: ${q.cols} columns cannot be cut into ${heads} heads`)
  requireShape(heads % kv_heads === 0, `${op}: ${heads} query heads cannot share ${kv_heads} key heads evenly`)
  expectType(`${op}: k`, k, f32(q.rows, kv_heads * head_dim))
  expectType(`${op}: v`, v, k)
  return { batch, seqlen, heads, kv_heads, head_dim, window, causal: !!attrs.causal }
}

/** The keys j that query i sees: first ≤ j < end. */
export const visible = ({ seqlen, window, causal }: AttentionShape, i: number): readonly [first: number, end: number] => [
  window ? Math.max(0, i - window + 1) : 0,
  causal ? i + 1 : window ? Math.min(seqlen, i + window) : seqlen,
]

export const pairs = (shape: AttentionShape): number => {
  let sum = 0
  for (let i = 0; i < shape.seqlen; i++) sum += visible(shape, i)[1] - visible(shape, i)[0]
  return sum * shape.batch * shape.heads
}

const testCase = (
  [batch, seqlen, heads, kv_heads, head_dim]: readonly number[],
  { window = 0, causal = true, size = 1 }: { window?: number; causal?: boolean; size?: number } = {},
) => ({
  inputs: [f32(batch * seqlen, heads * head_dim), ...Array.from({ length: 2 }, () => f32(batch * seqlen, kv_heads * head_dim))],
  attrs: { batch, seqlen, heads, kv_heads, window, causal },
  range: [
    [-size, size],
    [-size, size],
    [-1, 1],
  ] as const,
})

/**
 * Multi-head attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1) in the flash form (Dao et al. 2022, arXiv:2205.14135): the L × L
 * weights are never stored. Per head, o_i = Σ_j softmax_j(q_i · k_j / √head_dim) v_j over the keys that i sees: with `causal` j ≤ i, with
 * window w > 0 also |i − j| < w. q, o (batch·seqlen, heads·head_dim) · k, v (batch·seqlen, kv_heads·head_dim): groups of
 * heads / kv_heads query heads share a key head (Ainslie et al. 2023, arXiv:2305.13245). lse (batch·seqlen, heads), the logarithm of the
 * softmax's denominator, is all that is kept for the gradient. attrs batch, seqlen, heads, kv_heads, window, causal.
 */
export const attention = defineOp({
  name: 'attention',
  inputs: ['q', 'k', 'v'],
  outputs: ['o', 'lse'],
  infer: (inputs, attrs) => [inputs[0], f32(inputs[0].rows, attentionShape('attention', inputs, attrs).heads)],
  reference([q, k, v], [o, lse], attrs) {
    const shape = attentionShape(
      'attention',
      [q, k, v].map((m) => f32(m.rows, m.cols)),
      attrs,
    )
    const { batch, seqlen, heads, kv_heads, head_dim: d } = shape
    for (let b = 0; b < batch; b++)
      for (let h = 0; h < heads; h++)
        for (let i = 0; i < seqlen; i++) {
          const [first, end] = visible(shape, i)
          const [row, from] = [b * seqlen + i, Math.floor((h * kv_heads) / heads) * d]
          const scores = Array.from({ length: end - first }, (_, n) => {
            let s = 0
            for (let c = 0; c < d; c++) s += at(q, row, h * d + c) * at(k, b * seqlen + first + n, from + c)
            return s / Math.sqrt(d)
          })
          const most = scores.reduce((a, s) => Math.max(a, s), -Infinity)
          const weights = scores.map((s) => Math.exp(s - most))
          const sum = weights.reduce((a, w) => a + w, 0)
          set(lse, row, h, most + Math.log(sum))
          for (let c = 0; c < d; c++) {
            let y = 0
            weights.forEach((w, n) => (y += w * at(v, b * seqlen + first + n, from + c)))
            set(o, row, h * d + c, y / sum)
          }
        }
  },
  gradient: (builder, { inputs, outputs, attrs }, [d_o]) =>
    d_o ? builder.apply('attention_grad', [d_o, ...inputs, ...outputs], attrs) : [],
  cost(inputs, attrs) {
    const shape = attentionShape('attention', inputs, attrs)
    return { flops: pairs(shape) * (4 * shape.head_dim + 4), exps: pairs(shape) }
  },
  tolerance: 4e-6,
  gradientTolerance: 1e-5,
  cases: [
    testCase([1, 1, 1, 1, 1]),
    testCase([2, 65, 2, 2, 16]),
    testCase([1, 70, 4, 2, 5]),
    testCase([1, 63, 4, 1, 20], { size: 4 }),
    testCase([2, 37, 2, 2, 32], { window: 7 }),
    testCase([1, 70, 1, 1, 64], { causal: false }),
    testCase([2, 67, 2, 1, 8], { causal: false, window: 9 }),
    testCase([1, 33, 1, 1, 128]),
    testCase([1, 900, 1, 1, 4], { window: 40 }),
    testCase([1, 130, 2, 1, 12], { size: 2 }),
  ],
})
