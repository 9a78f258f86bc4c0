import { at, elements, type HostMatrix, set } from '../../tensor/tensor.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { defineOp, num } from '../op.ts'
import { softplus } from '../selective_scan/selective_scan.ts'

const clear = (m: HostMatrix): void => {
  for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) set(m, r, c, 0)
}
const add = (m: HostMatrix, r: number, c: number, value: number): void => set(m, r, c, at(m, r, c) + value)

/**
 * All gradients of ssd from dy, with Λ_t the adjoint of S_t (Λ_t = C_t dy_tᵀ + exp(Δ_{t+1} A) Λ_{t+1}):
 *   dC_t = Σ_h S_t dy_t,  dB_t = Σ_h Δ_t Λ_t x_t,  dx_t = Δ_t Λ_tᵀ B_t + D dy_t,  dD = Σ ⟨dy, x⟩,
 *   da_t = e^{Δ_t A} ⟨Λ_t, S_{t−1}⟩,  dΔ_t = A da_t + ⟨B_t, Λ_t x_t⟩,  dA = Σ Δ_t da_t,  ddt = dΔ σ(dt + dt_bias),  ddt_bias = Σ ddt.
 * Inputs dy, saved, then those of ssd in order; outputs the gradients of those in order.
 */
export const ssd_grad = defineOp({
  name: 'ssd_grad',
  inputs: ['dy', 'saved', 'x', 'dt', 'A', 'B', 'C', 'D', 'dt_bias'],
  outputs: ['dx', 'ddt', 'dA', 'dB', 'dC', 'dD', 'ddt_bias'],
  infer: ([, , ...inputs]) => [...inputs],
  reference([dy, , x, dt, A, B, C, D, dt_bias], [dx, ddt, dA, dB, dC, dD, ddt_bias], attrs) {
    const [batch, seqlen, groups, H] = [num(attrs, 'batch'), num(attrs, 'seqlen'), num(attrs, 'groups'), dt.cols]
    const [P, N] = [x.cols / H, B.cols / groups]
    ;[dA, dB, dC, dD, ddt_bias].forEach(clear)
    for (let b = 0; b < batch; b++)
      for (let h = 0; h < H; h++) {
        const first = Math.floor((h * groups) / H) * N
        const states = [new Float64Array(N * P)]
        for (let t = 0; t < seqlen; t++) {
          const row = b * seqlen + t
          const step = softplus(at(dt, row, h) + at(dt_bias, 0, h))
          const decay = Math.exp(step * at(A, 0, h))
          states.push(states[t].map((s, i) => decay * s + step * at(B, row, first + Math.floor(i / P)) * at(x, row, h * P + (i % P))))
        }
        const adjoint = new Float64Array(N * P)
        for (let t = seqlen - 1; t >= 0; t--) {
          const row = b * seqlen + t
          const raw = at(dt, row, h) + at(dt_bias, 0, h)
          const step = softplus(raw)
          const decay = Math.exp(step * at(A, 0, h))
          let [da, dInput] = [0, 0]
          for (let p = 0; p < P; p++) {
            const [xp, g] = [at(x, row, h * P + p), at(dy, row, h * P + p)]
            let sum = 0
            for (let n = 0; n < N; n++) {
              const i = n * P + p
              adjoint[i] += g * at(C, row, first + n)
              add(dC, row, first + n, g * states[t + 1][i])
              add(dB, row, first + n, step * adjoint[i] * xp)
              sum += adjoint[i] * at(B, row, first + n)
              da += decay * adjoint[i] * states[t][i]
              adjoint[i] *= decay
            }
            dInput += sum * xp
            set(dx, row, h * P + p, step * sum + at(D, 0, h) * g)
            add(dD, 0, h, g * xp)
          }
          const draw = (at(A, 0, h) * da + dInput) * sigmoid(raw)
          set(ddt, row, h, draw)
          add(ddt_bias, 0, h, draw)
          add(dA, 0, h, step * da)
        }
      }
  },
  cost: ([, , x, dt, , B], attrs) => ({ flops: elements(x) * ((16 * B.cols) / num(attrs, 'groups') + 6), exps: 3 * elements(dt) }),
  tolerance: 2e-5,
  cases: [],
})
