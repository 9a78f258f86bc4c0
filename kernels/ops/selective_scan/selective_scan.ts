import { at, elements, expectType, f32, set, type TensorType } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'

export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

const testCase = (batch: number, seqlen: number, d_inner: number, d_state: number) => {
  const [x, m] = [f32(batch * seqlen, d_inner), f32(batch * seqlen, d_state)]
  return {
    inputs: [x, x, f32(d_inner, d_state), m, m, f32(1, d_inner), x, f32(1, d_inner)],
    attrs: { batch, seqlen },
    range: [
      [-1, 1],
      [-4, 1],
      [-d_state, -0.1],
      [-1, 1],
      [-1, 1],
      [-1, 1],
      [-2, 2],
      [-1, 1],
    ] as const,
  }
}

export function scanTypes(inputs: readonly TensorType[], rows: number): TensorType {
  const [u, delta, A, B, C, D, z, delta_bias] = inputs
  requireShape(u.rows === rows, `selective_scan: u has ${u.rows} rows, expected ${rows}`)
  expectType('selective_scan: delta', delta, u)
  expectType('selective_scan: A', A, f32(u.cols, A.cols))
  expectType('selective_scan: B', B, f32(u.rows, A.cols))
  expectType('selective_scan: C', C, f32(u.rows, A.cols))
  expectType('selective_scan: D', D, f32(1, u.cols))
  expectType('selective_scan: z', z, u)
  expectType('selective_scan: delta_bias', delta_bias, f32(1, u.cols))
  return u
}

/**
 * Selective scan, the recurrence inside Mamba (Gu & Dao 2023, arXiv:2312.00752, §3.2, Algorithm 2), with the softplus before it and
 * the gate after it, as the published selective_scan(…, z, delta_bias, delta_softplus = True):
 *   Δ_t = softplus(delta_t + delta_bias),  h_t = exp(Δ_t A) ⊙ h_{t−1} + Δ_t u_t B_t,  y_t = (⟨C_t, h_t⟩ + D u_t) · silu(z_t),  h_{−1} = 0.
 * exp(ΔA) is eq. 4 (ZOH); ΔB is the simpler Euler form the authors use. u, delta, z, y (batch·seqlen, d_inner) · A (d_inner, d_state)
 * negative · B, C (batch·seqlen, d_state) · D, delta_bias (1, d_inner). `saved` holds what the gradient wants to keep of the states.
 */
export const selective_scan = defineOp({
  name: 'selective_scan',
  inputs: ['u', 'delta', 'A', 'B', 'C', 'D', 'z', 'delta_bias'],
  outputs: ['y', 'saved'],
  opaque: [1],
  infer: (inputs, attrs) => [scanTypes(inputs, num(attrs, 'batch') * num(attrs, 'seqlen')), f32(1, 0)],
  reference([u, delta, A, B, C, D, z, delta_bias], [y], attrs) {
    const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
    for (let b = 0; b < batch; b++)
      for (let d = 0; d < u.cols; d++) {
        const h = new Float64Array(A.cols)
        for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
          const step = softplus(at(delta, row, d) + at(delta_bias, 0, d))
          let sum = at(D, 0, d) * at(u, row, d)
          for (let n = 0; n < A.cols; n++) {
            h[n] = Math.exp(step * at(A, d, n)) * h[n] + step * at(u, row, d) * at(B, row, n)
            sum += at(C, row, n) * h[n]
          }
          set(y, row, d, sum * at(z, row, d) * sigmoid(at(z, row, d)))
        }
      }
  },
  gradient: (builder, { inputs, outputs: [, saved], attrs }, [dy]) =>
    dy ? builder.apply('selective_scan_grad', [dy, saved, ...inputs], attrs) : [],
  cost: ([u, , A]) => ({ flops: elements(u) * (6 * A.cols + 8), exps: elements(u) * (A.cols + 2) }),
  tolerance: 1e-5,
  cases: [testCase(1, 1, 1, 1), testCase(2, 63, 60, 16), testCase(1, 130, 5, 4), testCase(3, 65, 33, 8)],
})
