import { at, expectType, f32, type HostMatrix, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, requireShape } from '../op.ts'

/** One mode of a channel after zero-order hold: A, z = ΔA, a = e^z, β = (e^z − 1)/A and w = C·β, complex as [re, im]. */
export interface Mode {
  readonly dt: number
  readonly A: Complex
  readonly z: Complex
  readonly a: Complex
  readonly beta: Complex
  readonly C: Complex
  readonly w: Complex
}
export type Complex = readonly [re: number, im: number]
export const times = (x: Complex, y: Complex): Complex => [x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]]
export const plus = (x: Complex, y: Complex): Complex => [x[0] + y[0], x[1] + y[1]]
export const conj = (x: Complex): Complex => [x[0], -x[1]]
export const scale = (k: number, x: Complex): Complex => [k * x[0], k * x[1]]
export const over = (x: Complex, y: Complex): Complex => scale(1 / (y[0] * y[0] + y[1] * y[1]), times(x, conj(y)))
/** e^z − 1 without cancellation near z = 0. */
export const expMinusOne = ([x, y]: Complex): Complex => [Math.expm1(x) * Math.cos(y) - 2 * Math.sin(y / 2) ** 2, Math.exp(x) * Math.sin(y)]

/** The parameters, as the inputs of every diagonal_scan op carry them: log_dt, log_A_real, C and, unless attrs.real, A_imag. */
export interface Diagonal {
  readonly log_dt: HostMatrix
  readonly log_A_real: HostMatrix
  readonly C: HostMatrix
  readonly A_imag: HostMatrix | undefined
}

export function mode(p: Diagonal, h: number, n: number): Mode {
  const dt = Math.exp(at(p.log_dt, 0, h))
  const A: Complex = [-Math.exp(at(p.log_A_real, h, n)), p.A_imag ? at(p.A_imag, h, n) : 0]
  const z = scale(dt, A)
  const grown = expMinusOne(z)
  const beta = over(grown, A)
  const C: Complex = p.A_imag ? [at(p.C, h, 2 * n), at(p.C, h, 2 * n + 1)] : [at(p.C, h, n), 0]
  return { dt, A, z, a: plus(grown, [1, 0]), beta, C, w: times(C, beta) }
}

/** Checks the parameters' shapes for d_model channels; returns the real numbers of state per channel. */
export function stateSize(where: string, d_model: number, inputs: readonly TensorType[], attrs: Attributes): number {
  const [log_dt, log_A_real, C, D, A_imag] = inputs
  const modes = log_A_real.cols
  requireShape(log_A_real.rows === d_model, `${where}: log_A_real has ${log_A_real.rows} rows, expected ${d_model}`)
  expectType(`${where}: log_dt`, log_dt, f32(1, d_model))
  expectType(`${where}: C`, C, f32(d_model, attrs.real ? modes : 2 * modes))
  expectType(`${where}: D`, D, f32(1, d_model))
  if (!attrs.real) expectType(`${where}: A_imag`, A_imag, log_A_real)
  return C.cols
}

/** Ranges of random test inputs around published initialisations: log_dt, log_A_real, C, D, A_imag. */
export const parameterRanges = (slowest: number): (readonly [number, number])[] => [
  [Math.log(slowest), Math.log(0.1)],
  [Math.log(0.3), Math.log(0.8)],
  [-1, 1],
  [-1, 1],
  [0, 60],
]
