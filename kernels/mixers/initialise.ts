import type { RandomStream } from '../random/philox.ts'

/** Fills a parameter, given its published shape. */
export type Initialiser = (out: Float32Array, stream: RandomStream, shape: readonly number[]) => void

export const constant =
  (value: number): Initialiser =>
  (out) =>
    void out.fill(value)

export const normal =
  (std: number): Initialiser =>
  (out, stream) =>
    out.forEach((_, i) => (out[i] = std * stream.normal()))

export const uniform =
  (bound: number): Initialiser =>
  (out, stream) =>
    out.forEach((_, i) => (out[i] = bound * (2 * stream.uniform() - 1)))

/** PyTorch's default for Linear and Conv layers: U(±1/√fan_in), fan_in the elements of one output's weights; times `scale`. */
export const fanIn =
  (scale = 1): Initialiser =>
  (out, stream, shape) =>
    uniform(scale / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1)))(out, stream, shape)

/** Row-wise log(1 … N): A = −(1 … N), the S4D-Real initialisation (Gu et al. 2022, arXiv:2206.11893, §4.2). */
export const logArange: Initialiser = (out, _stream, shape) => {
  const columns = shape[shape.length - 1]
  out.forEach((_, i) => (out[i] = Math.log((i % columns) + 1)))
}

/** softplus⁻¹ of a step log-uniform in [min, max] (at least floor): Mamba's dt bias (Gu & Dao 2023, §3.6). */
export const inverseSoftplusLogUniform =
  (min: number, max: number, floor: number): Initialiser =>
  (out, stream) =>
    out.forEach((_, i) => {
      const dt = Math.max(floor, Math.exp(Math.log(min) + stream.uniform() * (Math.log(max) - Math.log(min))))
      out[i] = dt + Math.log(-Math.expm1(-dt))
    })

/** log of a step log-uniform in [min, max], as S4 and its kin start from (Gu et al. 2022, arXiv:2206.11893, §4). */
export const logUniform =
  (min: number, max: number): Initialiser =>
  (out, stream) =>
    out.forEach((_, i) => (out[i] = Math.log(min) + stream.uniform() * (Math.log(max) - Math.log(min))))

/** Throws where the range that steps Δ start from is upside down. */
export function requireSteps(mixer: string, { dt_min, dt_max }: { dt_min: number; dt_max: number }): void {
  if (dt_min > dt_max) throw new Error(`${mixer}: dt_min ${dt_min} is above dt_max ${dt_max}`)
}

/** The logarithm of a value from U(min, max): A_log of Mamba-2 (mamba_ssm's A_init_range). */
export const logOfUniform =
  (min: number, max: number): Initialiser =>
  (out, stream) =>
    out.forEach((_, i) => (out[i] = Math.log(min + stream.uniform() * (max - min))))

/** Evenly spaced from `first` to `last`: the forget gates of mLSTM's heads (Beck et al. 2024, arXiv:2405.04517). */
export const linspace =
  (first: number, last: number): Initialiser =>
  (out) =>
    out.forEach((_, i) => (out[i] = out.length > 1 ? first + ((last - first) * i) / (out.length - 1) : first))
