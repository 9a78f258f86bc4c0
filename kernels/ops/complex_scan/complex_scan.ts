import { at, elements, expectType, f32, type HostMatrix, set, type TensorType } from '../../tensor/tensor.ts'
import { type Complex, expMinusOne, over, plus, scale, times } from '../diagonal_scan/discretise.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** The largest real part an eigenvalue is held to with attrs.clip (S5's clip_eigs): slower decay than that would never end. */
export const LARGEST_REAL = -1e-4

const testCase = (batch: number, seqlen: number, modes: number, clip = false, slowest = 1e-3) => ({
  inputs: [f32(batch * seqlen, 2 * modes), f32(1, modes), f32(1, modes), f32(1, modes)],
  attrs: { batch, seqlen, clip },
  range: [[-1, 1], clip ? ([-0.4, 0.4] as const) : ([-0.8, -0.3] as const), [0, 60], [Math.log(slowest), Math.log(0.1)]] as const,
})

/** Zero-order hold of one mode of a shared state: Λ (held below LARGEST_REAL with clip), Δ, a = e^{ΔΛ}, β = (a − 1)/Λ. */
export function sharedMode(Lambda_re: HostMatrix, Lambda_im: HostMatrix, log_step: HostMatrix, n: number, attrs: Attributes) {
  const real = at(Lambda_re, 0, n)
  const clipped = !!attrs.clip && real > LARGEST_REAL
  const Lambda: Complex = [clipped ? LARGEST_REAL : real, at(Lambda_im, 0, n)]
  const dt = Math.exp(at(log_step, 0, n))
  const grown = expMinusOne(scale(dt, Lambda))
  return { Lambda, clipped, dt, a: plus(grown, [1, 0]), beta: over(grown, Lambda) }
}

export function scanShapes(where: string, inputs: readonly TensorType[], rows: number): TensorType {
  const [v, Lambda_re, Lambda_im, log_step] = inputs
  requireShape(v.rows === rows, `${where}: v has ${v.rows} rows, expected ${rows}`)
  expectType(`${where}: v`, v, f32(rows, 2 * Lambda_re.cols))
  expectType(`${where}: Lambda_im`, Lambda_im, Lambda_re)
  expectType(`${where}: log_step`, log_step, Lambda_re)
  return v
}

/**
 * The shared complex diagonal state of S5 (Smith, Warrington & Linderman 2023, arXiv:2208.04933, eq. 6; zero-order hold, appendix A):
 *   x_t = e^{ΔΛ} x_{t−1} + (e^{ΔΛ} − 1)/Λ · v_t, x_{−1} = 0, for modes of which the conjugate half is left out.
 * v = B u (batch·seqlen, 2·modes), real parts first, then imaginary parts · Lambda_re, Lambda_im, log_step (1, modes). What comes out is what
 * a real read-out 2 Re(C x) multiplies: y (batch·seqlen, 2·modes) = (2 Re x, −2 Im x). attrs batch, seqlen, clip (LARGEST_REAL).
 */
export const complex_scan = defineOp({
  name: 'complex_scan',
  inputs: ['v', 'Lambda_re', 'Lambda_im', 'log_step'],
  outputs: ['y'],
  infer: (inputs, attrs) => [scanShapes('complex_scan', inputs, num(attrs, 'batch') * num(attrs, 'seqlen'))],
  reference([v, Lambda_re, Lambda_im, log_step], [y], attrs) {
    const modes = Lambda_re.cols
    for (let n = 0; n < modes; n++) {
      const { a, beta } = sharedMode(Lambda_re, Lambda_im, log_step, n, attrs)
      let x: Complex = [0, 0]
      for (let r = 0; r < v.rows; r++) {
        if (r % num(attrs, 'seqlen') === 0) x = [0, 0]
        x = plus(times(a, x), times(beta, [at(v, r, n), at(v, r, modes + n)]))
        set(y, r, n, 2 * x[0])
        set(y, r, modes + n, -2 * x[1])
      }
    }
  },
  gradient: (builder, { inputs, outputs: [y], attrs }, [dy]) => (dy ? builder.apply('complex_scan_grad', [dy, y, ...inputs], attrs) : []),
  cost: ([v]) => ({ flops: 8 * elements(v) }),
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: [testCase(1, 1, 1), testCase(2, 63, 5), testCase(3, 65, 33, true), testCase(2, 300, 9), testCase(1, 2100, 4)],
})
