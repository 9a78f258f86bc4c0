import { SIGMOID, SOFTPLUS, TANH } from '../activation/functions.wgsl.ts'

/** A recurrent cell in WGSL, on T (f32 or vec4f): the walks in held.wgsl.ts and streamed.wgsl.ts put it into their steps. */
export interface CellShader {
  readonly label: 'slstm' | 'lstm' | 'gru'
  readonly gates: number
  /** State beside h, zero at first. */
  readonly state: readonly string[]
  /** From x0 … (inputs), r0 … (recurrent sums with bias), h and the state to the new h and state. */
  readonly forward: string
  /** Operand → what is written, one expression for each block of d columns. */
  readonly outputs: Readonly<Record<string, readonly string[]>>
  readonly back: {
    /** Operand → names of what is read, one for each block of d columns. */
    readonly reads: Readonly<Record<string, readonly string[]>>
    /** Operand of which `last` is the row before, zero at the first. */
    readonly before: string
    /** What is handed to the step before, zero at first. */
    readonly carry: readonly string[]
    /** From g (the gradient of h) and what is read to d0 … (gradients of r0 …) and the carry. */
    readonly code: string
    readonly writes: Readonly<Record<string, readonly string[]>>
  }
}

export const cellFunctions = (T: string): string => [TANH, SIGMOID, SOFTPLUS].map((f) => f(T)).join('\n')

/** See slstm.ts. */
export const slstmCell: CellShader = {
  label: 'slstm',
  gates: 4,
  state: ['c', 'n', 'm'],
  forward: `let i = x0 + r0; let f = x1 + r1; let z = tanh_(x2 + r2); let o = sigmoid_(x3 + r3);
let kept = m - softplus_(-f); m = select(max(i, kept), i, n == T(0.0));
let input = exp(min(i - m, T(0.0))); let forget = exp(min(kept - m, T(0.0))); let held = forget * n;
c = forget * c + input * z; n = held + input; let normalised = c / n; h = o * normalised;`,
  outputs: { y: ['h'], gates: ['input / n', 'sigmoid_(-f)', 'z', 'o'], keep: ['held / n'], cell: ['normalised'] },
  back: {
    reads: { gates: ['a', 's', 'z', 'o'], keep: ['r'], cell: ['now'] },
    before: 'cell',
    carry: ['e', 'l'],
    code: `let eg = g * o + e; let w = eg * a * (z - last); let adjoint = l - w; e = eg * r; l = adjoint * r;
let d0 = w + adjoint * a; let d1 = l * s; let d2 = eg * a * (1.0 - z * z); let d3 = g * now * o * (1.0 - o);`,
    writes: { dWx: ['d0', 'd1', 'd2', 'd3'] },
  },
}

/** See lstm.ts. */
export const lstmCell: CellShader = {
  label: 'lstm',
  gates: 4,
  state: ['c'],
  forward: `let i = sigmoid_(x0 + r0); let f = sigmoid_(x1 + r1); let z = tanh_(x2 + r2); let o = sigmoid_(x3 + r3);
c = f * c + i * z; h = o * tanh_(c);`,
  outputs: { y: ['h'], gates: ['i', 'f', 'z', 'o'], cell: ['c'] },
  back: {
    reads: { gates: ['i', 'f', 'z', 'o'], cell: ['now'] },
    before: 'cell',
    carry: ['e'],
    code: `let bounded = tanh_(now); let eg = g * o * (1.0 - bounded * bounded) + e; e = eg * f;
let d0 = eg * z * i * (1.0 - i); let d1 = eg * last * f * (1.0 - f); let d2 = eg * i * (1.0 - z * z); let d3 = g * bounded * o * (1.0 - o);`,
    writes: { dWx: ['d0', 'd1', 'd2', 'd3'] },
  },
}

/** See gru.ts. */
export const gruCell: CellShader = {
  label: 'gru',
  gates: 3,
  state: [],
  forward: `let r = sigmoid_(x0 + r0); let z = sigmoid_(x1 + r1); let v = tanh_(x2 + r * r2); h = v + z * (h - v);`,
  outputs: { y: ['h'], gates: ['r', 'z', 'v', 'r2'] },
  back: {
    reads: { gates: ['r', 'z', 'v', 'q'] },
    before: 'y',
    carry: ['e'],
    code: `let all = g + e; e = all * z; let dn = (all - e) * (1.0 - v * v);
let d0 = dn * q * r * (1.0 - r); let d1 = e * (last - v) * (1.0 - z); let d2 = dn * r;`,
    writes: { dWx: ['d0', 'd1', 'dn'], dq: ['d0', 'd1', 'd2'] },
  },
}
