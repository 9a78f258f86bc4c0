import { at, elements, type HostMatrix, set } from '../../tensor/tensor.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { defineOp, num } from '../op.ts'
import { logSigmoid } from './mlstm.ts'

/**
 * All gradients of mlstm from dh, the stabiliser m taken as constant because it cancels. With D the denominator, Γ and γ the adjoints of C and n:
 *   Γ_t = q_t (dh_t / D_t)ᵀ + f′_{t+1} Γ_{t+1},  γ_t = q_t δ_t + f′_{t+1} γ_{t+1},  δ_t = −⟨dh_t, h_t⟩ / ⟨q_t, n_t⟩ where |⟨q, n⟩| > e^{−m}, else 0,
 *   dq = C dh / D + n δ,  dk = i′ (Γ v + γ) / √dqk,  dv = i′ Γᵀ k / √dqk,  di = ⟨k, dk⟩,
 *   df = σ(−f) f′ (⟨Γ_t, C_{t−1}⟩ + ⟨γ_t, n_{t−1}⟩).
 * Inputs dh, h, saved, then those of mlstm in order; outputs the gradients of those in order.
 */
export const mlstm_grad = defineOp({
  name: 'mlstm_grad',
  inputs: ['dh', 'h', 'saved', 'q', 'k', 'v', 'i', 'f'],
  outputs: ['dq', 'dk', 'dv', 'di', 'df'],
  infer: ([, , , ...inputs]) => [...inputs],
  reference([dh, h, , q, k, v, i, f], [dq, dk, dv, di, df], attrs) {
    const [batch, seqlen, heads] = [num(attrs, 'batch'), num(attrs, 'seqlen'), i.cols]
    const [N, P] = [q.cols / heads, v.cols / heads]
    const scale = 1 / Math.sqrt(N)
    for (let b = 0; b < batch; b++)
      for (let head = 0; head < heads; head++) {
        const key = (m: HostMatrix, t: number, d: number): number => at(m, b * seqlen + t, head * N + d)
        const value = (m: HostMatrix, t: number, p: number): number => at(m, b * seqlen + t, head * P + p)
        // Column P of the memory is n.
        const states = [new Float64Array(N * (P + 1))]
        const [ms, kept, added] = [[0], [] as number[], [] as number[]]
        for (let t = 0; t < seqlen; t++) {
          const [forget, input] = [logSigmoid(at(f, b * seqlen + t, head)) + ms[t], at(i, b * seqlen + t, head)]
          ms.push(Math.max(forget, input))
          kept.push(Math.exp(forget - ms[t + 1]))
          added.push(Math.exp(input - ms[t + 1]) * scale)
          states.push(
            states[t].map((s, e) => {
              const [d, p] = [Math.floor(e / (P + 1)), e % (P + 1)]
              return kept[t] * s + added[t] * key(k, t, d) * (p < P ? value(v, t, p) : 1)
            }),
          )
        }
        const adjoint = new Float64Array(N * (P + 1))
        for (let t = seqlen - 1; t >= 0; t--) {
          const [before, after, row] = [states[t], states[t + 1], b * seqlen + t]
          let [normaliser, along] = [0, 0]
          for (let d = 0; d < N; d++) normaliser += after[d * (P + 1) + P] * key(q, t, d)
          for (let p = 0; p < P; p++) along += value(dh, t, p) * value(h, t, p)
          const floor = Math.exp(-ms[t + 1])
          const denominator = Math.max(Math.abs(normaliser), floor)
          const reaches = (p: number): number =>
            p < P ? value(dh, t, p) / denominator : Math.abs(normaliser) > floor ? -along / normaliser : 0
          let [dDecay, dInput] = [0, 0]
          const dValue = new Float64Array(P + 1)
          for (let d = 0; d < N; d++) {
            let [dQuery, dKey] = [0, 0]
            for (let p = 0; p <= P; p++) {
              const e = d * (P + 1) + p
              dQuery += after[e] * reaches(p)
              adjoint[e] += key(q, t, d) * reaches(p)
              dKey += adjoint[e] * (p < P ? value(v, t, p) : 1)
              dValue[p] += adjoint[e] * key(k, t, d)
              dDecay += adjoint[e] * before[e]
              adjoint[e] *= kept[t]
            }
            set(dq, row, head * N + d, dQuery)
            set(dk, row, head * N + d, added[t] * dKey)
            dInput += added[t] * dKey * key(k, t, d)
          }
          for (let p = 0; p < P; p++) set(dv, row, head * P + p, added[t] * dValue[p])
          set(di, row, head, dInput)
          set(df, row, head, dDecay * kept[t] * sigmoid(-at(f, row, head)))
        }
      }
  },
  cost: ([, , , q, , v, i]) => ({ flops: (16 * q.cols * elements(v)) / i.cols, exps: 4 * elements(i) }),
  tolerance: 2e-5,
  cases: [],
})
