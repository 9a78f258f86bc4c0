import { expect, test } from 'vitest'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { GraphBuilder } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { advance, dplr } from '../ops/dplr_kernel/dplr.ts'
import { type Complex, conj, over, plus, scale, times } from '../ops/diagonal_scan/discretise.ts'
import { f32, type HostMatrix } from '../tensor/tensor.ts'
import { initialParams, runSteps } from '../testing/runMixer.ts'
import { RandomStream } from '../random/philox.ts'
import { hippoLegs } from './hippo.ts'
import type { Mixer } from './mixer.ts'
import { s4 } from './s4.ts'
import { s4d } from './s4d.ts'

const [N, L, dt] = [16, 64, 0.05]
const half = N / 2

/** The kernel of dplr_kernel's reference for HiPPO-LegS and a real C given in the basis of Legendre polynomials' coefficients c. */
async function kernel(C: Complex[]): Promise<number[]> {
  const { imag, P, B } = hippoLegs(N)
  const backend = new ReferenceBackend()
  const builder = new GraphBuilder()
  const data: Record<string, number[]> = {
    log_dt: [Math.log(dt)],
    A_real: Array(half).fill(Math.log(0.5)),
    A_imag: Array.from(imag),
    B: Array.from({ length: half }, (_, n) => [B.re[n], -B.im[n]]).flat(),
    C: C.flat(),
    P: Array.from({ length: half }, (_, n) => [P.re[n], -P.im[n]]).flat(),
  }
  const buffers = Object.fromEntries(Object.entries(data).map(([name, values]) => [name, backend.createBuffer(values.length, 'f32')]))
  for (const [name, values] of Object.entries(data)) buffers[name].write(values)
  const inputs = Object.entries(data).map(([name, values]) => builder.external(name, f32(1, values.length)))
  builder.store(builder.apply('dplr_kernel', inputs, { lags: L })[0], 'kernel')
  buffers.kernel = backend.createBuffer(L, 'f32')
  ;(await backend.compile(plan(builder.graph, backend.sizes), buffers)).run()
  return Array.from(buffers.kernel.data)
}

const random = new RandomStream(11)
const C: Complex[] = Array.from({ length: half }, () => [random.normal(), random.normal()])

/**
 * The paper's way (arXiv:2111.00396, algorithm 1): Cauchy sums of the generating function at the roots of unity, the rank-one term by
 * Woodbury, and an inverse transform. C̃ = C (I − Ā^L) comes from the recurrence's own adjoint, 1 − Ā^L applied L steps.
 */
test('the recurrence gives the kernel of Cauchy sums at the roots of unity', async () => {
  const { imag, P, B } = hippoLegs(N)
  const wide = (re: (n: number) => number, im: (n: number) => number): Complex[] => [
    ...Array.from({ length: half }, (_, n): Complex => [re(n), im(n)]),
    ...Array.from({ length: half }, (_, n): Complex => [re(n), -im(n)]),
  ]
  const Lambda = wide(
    () => -0.5,
    (n) => -imag[n],
  )
  const [Pw, Bw, Cw] = [
    wide(
      (n) => P.re[n],
      (n) => -P.im[n],
    ),
    wide(
      (n) => B.re[n],
      (n) => -B.im[n],
    ),
    wide(
      (n) => C[n][0],
      (n) => C[n][1],
    ),
  ]
  // Ā column by column, densely, from the recurrence's definition (I − Δ/2 A)⁻¹ (I + Δ/2 A), by Gauss elimination.
  const A = Lambda.map((lambda, i) => Lambda.map((_, j): Complex => plus(i === j ? lambda : [0, 0], scale(-1, times(Pw[i], conj(Pw[j]))))))
  const identityPlus = (k: number): Complex[][] => A.map((row, i) => row.map((a, j) => plus([i === j ? 1 : 0, 0], scale(k, a))))
  const Abar = solve(identityPlus(-dt / 2), identityPlus(dt / 2))
  let row = Cw
  for (let l = 0; l < L; l++) row = row.map((_, j) => row.reduce<Complex>((sum, c, i) => plus(sum, times(c, Abar[i][j])), [0, 0]))
  const Ct = Cw.map((c, n) => plus(c, scale(-1, row[n])))
  const hat = Array.from({ length: L }, (_, k): Complex => {
    if (2 * k === L) {
      // z = −1: g and c run off to infinity together; the limit is C̃ (I + Ā)⁻¹ B̄.
      const Bbar = solve(
        identityPlus(-dt / 2),
        Bw.map((b) => [scale(dt, b)]),
      )
      const rest = solve(
        Abar.map((r, i) => r.map((a, j) => plus(a, [i === j ? 1 : 0, 0]))),
        Bbar,
      )
      return Ct.reduce<Complex>((sum, c, n) => plus(sum, times(c, rest[n][0])), [0, 0])
    }
    const z: Complex = [Math.cos((2 * Math.PI * k) / L), -Math.sin((2 * Math.PI * k) / L)]
    const c = over([2, 0], plus([1, 0], z))
    const g = times([2 / dt, 0], over(plus([1, 0], scale(-1, z)), plus([1, 0], z)))
    const cauchy = (a: Complex[], b: Complex[]): Complex =>
      Lambda.reduce<Complex>((sum, lambda, n) => plus(sum, over(times(a[n], b[n]), plus(g, scale(-1, lambda)))), [0, 0])
    const Pc = Pw.map(conj)
    const correction = over(times(cauchy(Ct, Pw), cauchy(Pc, Bw)), plus([1, 0], cauchy(Pc, Pw)))
    return times(c, plus(cauchy(Ct, Bw), scale(-1, correction)))
  })
  const expected = Array.from({ length: L }, (_, l) =>
    hat.reduce((sum, value, k) => sum + times(value, [Math.cos((2 * Math.PI * k * l) / L), Math.sin((2 * Math.PI * k * l) / L)])[0] / L, 0),
  )
  const actual = await kernel(C)
  expect(Math.max(...actual.map((k, l) => Math.abs(k - expected[l])))).toBeLessThan(1e-8)
})

test('the recurrence gives the kernel of naive powers of the real HiPPO-LegS matrix', async () => {
  // B^T in the place of C: C's modes are conj(B̂), because V is unitary.
  const { B } = hippoLegs(N)
  const actual = await kernel(Array.from({ length: half }, (_, n) => [B.re[n], B.im[n]]))
  const b = Array.from({ length: N }, (_, n) => Math.sqrt(2 * n + 1))
  const A = b.map((_, n) => b.map((_, k) => (n > k ? -b[n] * b[k] : n === k ? -(n + 1) : 0)))
  const shifted = (k: number): Complex[][] => A.map((row, i) => row.map((a, j): Complex => [(i === j ? 1 : 0) + k * a, 0]))
  const Abar = solve(shifted(-dt / 2), shifted(dt / 2))
  let s = solve(
    shifted(-dt / 2),
    b.map((x): Complex[] => [[dt * x, 0]]),
  )
  const expected = Array.from({ length: L }, () => {
    const value = s.reduce((sum, [x], n) => sum + b[n] * x[0], 0)
    s = Abar.map((row) => [row.reduce<Complex>((sum, a, j) => plus(sum, times(a, s[j][0])), [0, 0])])
    return value
  })
  expect(Math.max(...actual.map((k, l) => Math.abs(k - expected[l])))).toBeLessThan(1e-8)
})

/** X with M X = Y, by Gauss elimination with pivots. */
function solve(M: Complex[][], Y: Complex[][]): Complex[][] {
  const rows = M.map((row, i) => [...row, ...Y[i]])
  const n = M.length
  for (let c = 0; c < n; c++) {
    const pivot = rows.slice(c).reduce((best, row, i) => (Math.hypot(...row[c]) > Math.hypot(...rows[best][c]) ? c + i : best), c)
    ;[rows[c], rows[pivot]] = [rows[pivot], rows[c]]
    rows[c] = rows[c].map((x, _, row) => over(x, row[c]))
    for (let r = 0; r < n; r++) if (r !== c) rows[r] = rows[r].map((x, j) => plus(x, scale(-1, times(rows[r][c], rows[c][j]))))
  }
  return rows.map((row) => row.slice(n))
}

test('P P* cannot destabilise: states decay whatever P is, where P Q* with Q = −P grows', () => {
  const matrix = (rows: number, data: number[]): HostMatrix => ({
    data: Float64Array.from(data),
    offset: 0,
    rows,
    cols: data.length / rows,
    ld: data.length / rows,
  })
  const P = [3, 1, -2, 4, 1, -3, 2, 2]
  const channel = dplr(
    {
      log_dt: matrix(1, [Math.log(0.1)]),
      A_real: matrix(1, Array(4).fill(Math.log(0.5))),
      A_imag: matrix(1, [1, 5, 9, 14]),
      B: matrix(1, Array(8).fill(1)),
      C: matrix(1, Array(8).fill(1)),
      P: matrix(1, P),
    },
    0,
  )
  const size = (s: Complex[]): number => Math.hypot(...s.flat())
  const run = (flip: number, steps: number): number => {
    const s: Complex[] = channel.modes.map(({ b }) => b)
    const turned = { ...channel, modes: channel.modes.map((m) => ({ ...m, w: scale(flip, m.w) })) }
    for (let t = 0; t < steps; t++) advance(turned, s)
    return size(s)
  }
  expect(run(1, 2000)).toBeLessThan(1e-3)
  expect(run(-1, 60)).toBeGreaterThan(1e3)
})

test.each([s4d, s4] as unknown as Mixer[])('$name runs ten times its window without growing', async (mixer) => {
  const [d_model, seqlen] = [4, 128]
  const config = mixer.resolve({ d_state: 8 }, { d_model, n_layer: 1, layer: 0, seqlen })
  const stream = new RandomStream(3)
  const x = Float64Array.from({ length: 10 * seqlen * d_model }, () => stream.normal())
  const { out, state } = await runSteps(new ReferenceBackend(), mixer, config, initialParams(mixer, config), x, {
    batch: 1,
    seqlen: 10 * seqlen,
  })
  const energy = (from: number): number => Math.hypot(...out.slice(from * seqlen * d_model, (from + 1) * seqlen * d_model))
  expect(energy(9)).toBeLessThan(4 * Math.max(energy(1), energy(2), energy(3)))
  expect(Array.from(state.ssm).every(Number.isFinite)).toBe(true)
})
