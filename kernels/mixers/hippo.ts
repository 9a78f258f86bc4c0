/** A complex number per entry, in two arrays. */
export interface ComplexVector {
  readonly re: Float64Array
  readonly im: Float64Array
}

/** HiPPO-LegS in the basis where its normal part is diagonal: A = V (Λ − p p*) V*, the modes with positive imaginary part. */
export interface HippoModes {
  /** Im λ, ascending; Re λ = −1/2 for all. */
  readonly imag: Float64Array
  readonly P: ComplexVector
  readonly B: ComplexVector
}

const known = new Map<number, HippoModes>()

/**
 * The normal-plus-low-rank form of HiPPO-LegS (Gu, Goel & Ré 2022, arXiv:2111.00396, theorem 1 and appendix C.2) for an even state size N:
 * A_nk = −√((2n+1)(2k+1)) below the diagonal, −(n+1) on it; B_n = √(2n+1); P_n = √(n + ½). A + P Pᵀ = −½ I + K with K skew-symmetric.
 * The eigenvectors of K are found in float64 by Jacobi rotations, so every machine begins with the same bits. Each eigenvector's phase
 * is chosen so that its entry of B is positive.
 */
export function hippoLegs(N: number): HippoModes {
  const before = known.get(N)
  if (before) return before
  if (N % 2) throw new Error(`The state size of HiPPO-LegS is even, not ${N}`)
  // −iK is Hermitian; as a real matrix on (Re v, Im v) it is [[0, K], [−K, 0]], with each eigenvalue twice: v and iv.
  const matrix = Array.from({ length: 2 * N }, () => new Float64Array(2 * N))
  for (let n = 0; n < N; n++)
    for (let k = 0; k < n; k++) {
      const value = -Math.sqrt((2 * n + 1) * (2 * k + 1)) / 2 // A_nk + P_n P_k
      matrix[n][N + k] = value
      matrix[k][N + n] = -value
      matrix[N + n][k] = -value
      matrix[N + k][n] = value
    }
  const { values, vectors } = symmetricEigen(matrix)
  const order = Array.from(values.keys())
    .filter((i) => values[i] > 0)
    .sort((a, b) => values[a] - values[b])
    .filter((_, i) => i % 2 === 0)
  const project = (weights: (n: number) => number): ComplexVector => {
    const [re, im] = [new Float64Array(N / 2), new Float64Array(N / 2)]
    order.forEach((column, i) => {
      for (let n = 0; n < N; n++) {
        re[i] += vectors[n][column] * weights(n)
        im[i] -= vectors[N + n][column] * weights(n)
      }
    })
    return { re, im }
  }
  const [B, P] = [project((n) => Math.sqrt(2 * n + 1)), project((n) => Math.sqrt(n + 0.5))]
  for (let i = 0; i < N / 2; i++) {
    const size = Math.hypot(B.re[i], B.im[i])
    const [c, s] = [B.re[i] / size, B.im[i] / size]
    ;[P.re[i], P.im[i]] = [P.re[i] * c + P.im[i] * s, P.im[i] * c - P.re[i] * s]
    ;[B.re[i], B.im[i]] = [size, 0]
  }
  const modes = { imag: Float64Array.from(order, (i) => values[i]), P, B }
  known.set(N, modes)
  return modes
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, algorithm 8.5.3). */
function symmetricEigen(a: Float64Array[]): { values: Float64Array; vectors: Float64Array[] } {
  const n = a.length
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  const off = (): number => a.reduce((sum, row, i) => sum + row.reduce((s, x, j) => (i === j ? s : s + x * x), 0), 0)
  const total = off()
  while (off() > 1e-28 * total)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (a[p][q] === 0) continue
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k][p], a[k][q]]
          a[k][p] = c * x - s * y
          a[k][q] = s * x + c * y
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p][k], a[q][k]]
          a[p][k] = c * x - s * y
          a[q][k] = s * x + c * y
          const [v, w] = [vectors[k][p], vectors[k][q]]
          vectors[k][p] = c * v - s * w
          vectors[k][q] = s * v + c * w
        }
      }
  return { values: Float64Array.from(a, (row, i) => row[i]), vectors }
}
