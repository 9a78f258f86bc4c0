import { ACTIVATIONS, type Activation } from './functions.ts'

const named = (kind: number): Activation => (Object.keys(ACTIVATIONS) as Activation[])[kind]

/** WGSL's own tanh may be off by 1e-5 and some drivers' overflows: a polynomial near zero (Cephes' tanhf), 1 − 2 / (e^2|x| + 1) beyond. */
export const TANH = (T: string): string => `fn tanh_(x: ${T}) -> ${T} { let a = abs(x); let s = x * x;
let small = x + x * s * ((((-5.70498872745e-3 * s + 2.06390887954e-2) * s - 5.37397155531e-2) * s + 1.33314422036e-1) * s - 3.33332819422e-1);
let large = sign(x) * (1.0 - 2.0 / (exp(2.0 * min(a, ${T}(20.0))) + 1.0)); return select(large, small, a < ${T}(0.625)); }`
/** e^(x²/2) · (1 − Φ(|x|)) by Abramowitz & Stegun 7.1.26 (error of erf at most 1.5e-7), then Φ(x) given e = e^(−x²/2). */
const NORMAL = (T: string): string => `fn normal_(x: ${T}, e: ${T}) -> ${T} { let t = 1.0 / (1.0 + 0.23164190 * abs(x));
let half = 0.5 * e * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
return select(1.0 - half, half, x < ${T}(0.0)); }
fn bell_(x: ${T}) -> ${T} { return exp(-0.5 * min(x * x, ${T}(170.0))); }`
const INNER = (T: string): string => `${TANH(T)}
fn inner_(x: ${T}) -> ${T} { return tanh_(x * (0.79788456 + 0.0356774081 * x * x)); }`
export const SIGMOID = (T: string): string =>
  `fn sigmoid_(x: ${T}) -> ${T} { return 1.0 / (1.0 + exp(-clamp(x, ${T}(-87.0), ${T}(87.0)))); }`
/** log(1 + t) for 0 ≤ t ≤ 1 keeps small t by Goldberg's correction (1991, theorem 4). */
export const SOFTPLUS = (T: string): string => `fn softplus_(x: ${T}) -> ${T} { let t = exp(-min(abs(x), ${T}(87.0))); let w = 1.0 + t;
return max(x, ${T}(0.0)) + select(log(w) * t / max(w - 1.0, ${T}(1e-30)), t, w == ${T}(1.0)); }`

/** Declarations of `f_` and `slope_` on T (f32 or vec4f) for one kind. */
export function activationFunctions(kind: number, T: string): string {
  const both = (helpers: string, f: string, slope: string): string =>
    `${helpers}\nfn f_(x: ${T}) -> ${T} { ${f} }\nfn slope_(x: ${T}) -> ${T} { ${slope} }`
  switch (named(kind)) {
    case 'silu':
      return both(SIGMOID(T), 'return x * sigmoid_(x);', 'let s = sigmoid_(x); return s * (1.0 + x * (1.0 - s));')
    case 'gelu':
      return both(NORMAL(T), 'return x * normal_(x, bell_(x));', 'let e = bell_(x); return normal_(x, e) + 0.39894228 * x * e;')
    case 'gelu_tanh':
      return both(
        INNER(T),
        'return 0.5 * x * (1.0 + inner_(x));',
        'let t = inner_(x); return 0.5 * (1.0 + t + x * (0.79788456 + 0.107032224 * x * x) * (1.0 - t) * (1.0 + t));',
      )
    case 'sigmoid':
      return both(SIGMOID(T), 'return sigmoid_(x);', 'let s = sigmoid_(x); return s * (1.0 - s);')
    case 'softplus':
      return both(`${SIGMOID(T)}\n${SOFTPLUS(T)}`, 'return softplus_(x);', 'return sigmoid_(x);')
    case 'tanh':
      return both(TANH(T), 'return tanh_(x);', 'let t = tanh_(x); return (1.0 - t) * (1.0 + t);')
    case 'relu':
      return both('', `return max(x, ${T}(0.0));`, `return select(${T}(0.0), ${T}(1.0), x > ${T}(0.0));`)
  }
}
