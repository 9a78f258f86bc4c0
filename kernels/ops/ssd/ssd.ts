import { at, elements, expectType, f32, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'
import { softplus } from '../selective_scan/selective_scan.ts'

const wide = { dt: [-4, 1], A: [-16, -0.5] } as const
const testCase = (
  [batch, seqlen, H, P, G, N]: readonly number[],
  { dt, A }: { dt: readonly [number, number]; A: readonly [number, number] } = wide,
  attrs: Attributes = {},
) => ({
  inputs: [
    f32(batch * seqlen, H * P),
    f32(batch * seqlen, H),
    f32(1, H),
    f32(batch * seqlen, G * N),
    f32(batch * seqlen, G * N),
    f32(1, H),
    f32(1, H),
  ],
  attrs: { batch, seqlen, groups: G, ...attrs },
  range: [[-1, 1], dt, A, [-1, 1], [-1, 1], [-1, 1], [-1, 1]] as const,
})

/** Sizes of an ssd: x (·, H·P), B and C (·, G·N); heads of one group lie side by side. Throws ShapeError. */
export function ssdTypes(op: string, inputs: readonly TensorType[], rows: number, groups: number): TensorType {
  const [x, dt, A, B, C, D, dt_bias] = inputs
  const H = dt.cols
  requireShape(x.rows === rows && dt.rows === rows, `${op}: x has ${x.rows} and dt ${dt.rows} rows, expected ${rows}`)
  requireShape(x.cols % H === 0, `${op}: x has ${x.cols} columns, which do not split over ${H} heads`)
  requireShape(H % groups === 0 && B.cols % groups === 0, `${op}: ${H} heads and ${B.cols} columns of B do not split over ${groups} groups`)
  expectType(`${op}: B`, B, f32(rows, B.cols))
  expectType(`${op}: C`, C, B)
  for (const [name, type] of Object.entries({ A, D, dt_bias })) expectType(`${op}: ${name}`, type, f32(1, H))
  return x
}

/**
 * State space duality, the mixer of Mamba-2 (Dao & Gu 2024, arXiv:2405.21060, §2 and listing 1): per head h, with one decay a step,
 *   Δ_t = softplus(dt_t + dt_bias),  S_t = exp(Δ_t A) S_{t−1} + Δ_t B_t x_tᵀ,  y_t = S_tᵀ C_t + D x_t,  S_{−1} = 0, S (N, P).
 * x, y (batch·seqlen, H·P) · dt (batch·seqlen, H) · A (1, H) negative · B, C (batch·seqlen, G·N), head h reads group ⌊h G / H⌋ ·
 * D, dt_bias (1, H); attrs batch, seqlen, groups, and chunk: steps of a chunk, the backend's choice when left out. Backends work in
 * chunks (§6): inside one the product of (C Bᵀ ∘ decays) with x, between them the state. `saved` holds the states between chunks.
 */
export const ssd = defineOp({
  name: 'ssd',
  inputs: ['x', 'dt', 'A', 'B', 'C', 'D', 'dt_bias'],
  outputs: ['y', 'saved'],
  opaque: [1],
  infer: (inputs, attrs) => [ssdTypes('ssd', inputs, num(attrs, 'batch') * num(attrs, 'seqlen'), num(attrs, 'groups')), f32(1, 0)],
  reference([x, dt, A, B, C, D, dt_bias], [y], attrs) {
    const [batch, seqlen, groups, H] = [num(attrs, 'batch'), num(attrs, 'seqlen'), num(attrs, 'groups'), dt.cols]
    const [P, N] = [x.cols / H, B.cols / groups]
    for (let b = 0; b < batch; b++)
      for (let h = 0; h < H; h++) {
        const S = new Float64Array(N * P)
        const first = Math.floor((h * groups) / H) * N
        for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
          const step = softplus(at(dt, row, h) + at(dt_bias, 0, h))
          const decay = Math.exp(step * at(A, 0, h))
          for (let p = 0; p < P; p++) {
            const xp = at(x, row, h * P + p)
            let sum = at(D, 0, h) * xp
            for (let n = 0; n < N; n++) {
              S[n * P + p] = decay * S[n * P + p] + step * at(B, row, first + n) * xp
              sum += at(C, row, first + n) * S[n * P + p]
            }
            set(y, row, h * P + p, sum)
          }
        }
      }
  },
  gradient: (builder, { inputs, outputs: [, saved], attrs }, [dy]) => (dy ? builder.apply('ssd_grad', [dy, saved, ...inputs], attrs) : []),
  cost: ([x, dt, , B], attrs) => ({
    flops: elements(x) * ((6 * B.cols) / num(attrs, 'groups') + 2),
    exps: 3 * elements(dt),
  }),
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: [
    testCase([1, 1, 1, 1, 1, 1]),
    testCase([2, 63, 3, 5, 1, 7]),
    testCase([1, 130, 4, 8, 2, 16]),
    testCase([3, 65, 2, 12, 2, 4], { dt: [-2, 12], A: [-30, -0.01] }),
    testCase([1, 97, 2, 20, 1, 33], wide, { chunk: 16 }),
    testCase([1, 20, 2, 68, 1, 72], { dt: [-6, -2], A: [-1, -0.1] }, { chunk: 16 }),
  ],
})
