import { at, elements, expectType, f32, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'
import { softplus } from '../selective_scan/selective_scan.ts'

export const logSigmoid = (x: number): number => -softplus(-x)

type Range = readonly [number, number]
/** `keys`: the range of q and k. Positive where the input gate is large: ⟨q, n⟩ near zero would make h a quotient that no f32 can tell. */
const testCase = (
  [batch, seqlen, heads, dqk, dv]: readonly number[],
  { i, f, keys }: { i: Range; f: Range; keys: Range } = { i: [-3, 3], f: [-1, 6], keys: [-1, 1] },
  attrs: Attributes = {},
) => {
  const [key, gate] = [f32(batch * seqlen, heads * dqk), f32(batch * seqlen, heads)]
  return {
    inputs: [key, key, f32(batch * seqlen, heads * dv), gate, gate],
    attrs: { batch, seqlen, ...attrs },
    range: [keys, keys, [-1, 1], i, f] as const,
  }
}

/** Sizes of an mlstm: i, f (·, H), q, k (·, H·dqk), v (·, H·dv). Throws ShapeError. */
export function mlstmTypes(op: string, [q, k, v, i, f]: readonly TensorType[], rows: number): TensorType {
  requireShape(q.rows === rows, `${op}: q has ${q.rows} rows, expected ${rows}`)
  requireShape(q.cols % i.cols === 0 && v.cols % i.cols === 0, `${op}: ${q.cols} and ${v.cols} columns do not split over ${i.cols} heads`)
  expectType(`${op}: k`, k, q)
  expectType(`${op}: v`, v, f32(rows, v.cols))
  expectType(`${op}: i`, i, f32(rows, i.cols))
  expectType(`${op}: f`, f, i)
  return v
}

/**
 * mLSTM: a matrix memory with exponential input gate, sigmoid forget gate and a stabiliser m (Beck et al. 2024, arXiv:2405.04517, §2.3 and
 * appendix A.2), per head and step, k scaled by 1/√dqk:
 *   m_t = max(log σ(f_t) + m_{t−1}, i_t),  i′ = exp(i_t − m_t),  f′ = exp(log σ(f_t) + m_{t−1} − m_t),
 *   C_t = f′ C_{t−1} + i′ k_t v_tᵀ,  n_t = f′ n_{t−1} + i′ k_t,  h_t = C_tᵀ q_t / max(|⟨q_t, n_t⟩|, e^{−m_t}),
 * all zero before t = 0. The stabiliser cancels: h = (sums without it) / max(|their ⟨q, n⟩|, 1). q, k (batch·seqlen, H·dqk) ·
 * v, h (batch·seqlen, H·dv) · i, f (batch·seqlen, H), before their activations; attrs batch, seqlen, and chunk as for ssd. Backends work in
 * chunks with the gates in closed form, no loop over time (Beck et al. 2025, arXiv:2503.14376). `saved` holds states and gates.
 */
export const mlstm = defineOp({
  name: 'mlstm',
  inputs: ['q', 'k', 'v', 'i', 'f'],
  outputs: ['h', 'saved'],
  opaque: [1],
  infer: (inputs, attrs) => [mlstmTypes('mlstm', inputs, num(attrs, 'batch') * num(attrs, 'seqlen')), f32(1, 0)],
  reference([q, k, v, i, f], [h], attrs) {
    const [batch, seqlen, heads] = [num(attrs, 'batch'), num(attrs, 'seqlen'), i.cols]
    const [N, P] = [q.cols / heads, v.cols / heads]
    for (let b = 0; b < batch; b++)
      for (let head = 0; head < heads; head++) {
        const [C, n] = [new Float64Array(N * P), new Float64Array(N)]
        let m = 0
        for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
          const forget = logSigmoid(at(f, row, head)) + m
          m = Math.max(forget, at(i, row, head))
          const [kept, added] = [Math.exp(forget - m), Math.exp(at(i, row, head) - m) / Math.sqrt(N)]
          let normaliser = 0
          for (let d = 0; d < N; d++) {
            n[d] = kept * n[d] + added * at(k, row, head * N + d)
            normaliser += n[d] * at(q, row, head * N + d)
          }
          const denominator = Math.max(Math.abs(normaliser), Math.exp(-m))
          for (let p = 0; p < P; p++) {
            let sum = 0
            for (let d = 0; d < N; d++) {
              C[d * P + p] = kept * C[d * P + p] + added * at(k, row, head * N + d) * at(v, row, head * P + p)
              sum += C[d * P + p] * at(q, row, head * N + d)
            }
            set(h, row, head * P + p, sum / denominator)
          }
        }
      }
  },
  gradient: (builder, { inputs, outputs: [h, saved], attrs }, [dh]) =>
    dh ? builder.apply('mlstm_grad', [dh, h, saved, ...inputs], attrs) : [],
  cost: ([q, , v, i]) => ({ flops: (6 * q.cols * elements(v)) / i.cols, exps: 4 * elements(i) }),
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: [
    testCase([1, 1, 1, 1, 1]),
    testCase([2, 63, 2, 5, 7]),
    testCase([1, 130, 2, 16, 8]),
    testCase([3, 65, 2, 4, 12], { i: [-10, 10], f: [-12, 12], keys: [0.2, 1] }),
    testCase([1, 97, 2, 8, 8], { i: [-40, 40], f: [-60, 60], keys: [0.2, 1] }, { chunk: 16 }),
    testCase([1, 20, 2, 68, 72], { i: [-1, 1], f: [3, 6], keys: [-1, 1] }, { chunk: 16 }),
  ],
})
