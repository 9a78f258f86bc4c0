import { expect, test } from 'vitest'
import { hippoLegs } from './hippo.ts'

test.each([2, 8, 64])('HiPPO-LegS of size %i: the modes reproduce what A says of B and P', (N) => {
  const { imag, P, B } = hippoLegs(N)
  const [b, p] = [Array.from({ length: N }, (_, n) => Math.sqrt(2 * n + 1)), Array.from({ length: N }, (_, n) => Math.sqrt(n + 0.5))]
  // S = A + P Pᵀ, from the definition.
  const S = b.map((_, n) =>
    b.map((_, k) => (n > k ? -Math.sqrt((2 * n + 1) * (2 * k + 1)) : n === k ? -(n + 1) : 0) + Math.sqrt((n + 0.5) * (k + 0.5))),
  )
  const apply = (v: number[]): number[] => S.map((row) => row.reduce((sum, x, k) => sum + x * v[k], 0))
  const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i], 0)
  // xᵀ Sʲ y = 2 Re Σ conj(x̂) λʲ ŷ over the modes kept; scaled by the size of S to compare powers.
  const moment = (x: typeof P, y: typeof P, j: number): number => {
    let sum = 0
    for (let i = 0; i < N / 2; i++) {
      let [re, im] = [x.re[i] * y.re[i] + x.im[i] * y.im[i], x.re[i] * y.im[i] - x.im[i] * y.re[i]]
      for (let k = 0; k < j; k++) [re, im] = [-0.5 * re - imag[i] * im, -0.5 * im + imag[i] * re]
      sum += 2 * re
    }
    return sum
  }
  let [vb, vp] = [b, p]
  for (let j = 0; j < 4; j++) {
    const scale = Math.hypot(...vb) * Math.hypot(...b)
    expect(Math.abs(moment(B, B, j) - dot(b, vb)) / scale).toBeLessThan(1e-12)
    expect(Math.abs(moment(P, B, j) - dot(p, vb)) / scale).toBeLessThan(1e-12)
    expect(Math.abs(moment(P, P, j) - dot(p, vp)) / scale).toBeLessThan(1e-12)
    ;[vb, vp] = [apply(vb), apply(vp)]
  }
  expect(Array.from(imag)).toEqual(Array.from(imag).sort((x, y) => x - y))
  expect(imag[0]).toBeGreaterThan(0)
})

test('the largest frequency of LegS grows as N²/π, as S4D-Inv assumes', () => {
  const N = 64
  expect(hippoLegs(N).imag[N / 2 - 1] / ((N * N) / Math.PI)).toBeCloseTo(1, 1)
})
