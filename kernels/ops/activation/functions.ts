/** Numbers of the activation functions, as the attribute `kind` of `activation` and `glu` gives them. */
export const ACTIVATIONS = { silu: 0, gelu: 1, gelu_tanh: 2, sigmoid: 3, softplus: 4, tanh: 5, relu: 6 } as const
export type Activation = keyof typeof ACTIVATIONS

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** erf x = 2/√π · e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms of one sign, so nothing cancels. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let [term, sum] = [x, x]
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += term *= (2 * x * x) / (2 * n + 1)
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

const ROOT = Math.sqrt(2 / Math.PI)
const inner = (x: number): number => Math.tanh(ROOT * (x + 0.044715 * x ** 3))

/** The functions and their derivatives in float64, by kind. */
const functions: readonly (readonly [f: (x: number) => number, slope: (x: number) => number])[] = [
  [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x)))],
  [
    (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    (x) => 0.5 * (1 + erf(x / Math.SQRT2)) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
  ],
  [(x) => 0.5 * x * (1 + inner(x)), (x) => 0.5 * (1 + inner(x)) + 0.5 * x * (1 - inner(x) ** 2) * ROOT * (1 + 3 * 0.044715 * x * x)],
  [sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x))],
  [(x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), sigmoid],
  [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  [(x) => Math.max(x, 0), (x) => (x > 0 ? 1 : 0)],
]

export const activate = (kind: number, x: number): number => functions[kind][0](x)
export const slope = (kind: number, x: number): number => functions[kind][1](x)
