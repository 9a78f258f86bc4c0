import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import { hippoLegs } from './hippo.ts'
import { constant, fanIn, type Initialiser, logUniform, normal, requireSteps, uniform } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer } from './mixer.ts'
import { apart, copied, through } from './packed.ts'

const schema = z.object({
  d_state: z
    .int()
    .min(2)
    .max(256)
    .multipleOf(2)
    .default(64)
    .describe('State size N of each channel; complex states come as N/2 conjugate pairs'),
  init: z
    .enum(['lin', 'inv', 'legs', 'real'])
    .default('lin')
    .describe('Frequencies at the start: S4D-Lin, S4D-Inv, S4D-LegS, or S4D-Real with N real states (arXiv:2206.11893, §4)'),
  dt_min: z.number().positive().max(1).default(1e-3).describe('Smallest step Δ at the start; memory reaches about 2/Δ positions'),
  dt_max: z.number().positive().max(10).default(1e-1).describe('Largest step Δ at the start'),
})

export interface S4dConfig {
  d_model: number
  d_state: number
  init: 'lin' | 'inv' | 'legs' | 'real'
  dt_min: number
  dt_max: number
}

/** Im A of mode n of N/2 (Gu et al. 2022, arXiv:2206.11893, §4; LegS: the eigenvalues of the normal matrix of S4). */
const frequencies =
  ({ init, d_state: N }: S4dConfig): Initialiser =>
  (out, _stream, [, modes]) =>
    out.forEach((_, i) => {
      const n = i % modes
      out[i] = init === 'lin' ? Math.PI * n : init === 'inv' ? (N / Math.PI) * (N / (2 * n + 1) - 1) : hippoLegs(N).imag[n]
    })
/** log(n + 1): A = −(1 … N), S4D-Real (§4). */
const logCount: Initialiser = (out, _stream, [, modes]) => out.forEach((_, i) => (out[i] = Math.log((i % modes) + 1)))

/**
 * S4D: one diagonal state space per channel, GELU, then a position-wise gated linear unit (Gu et al. 2022, arXiv:2206.11893). Causal.
 * State per sequence: ssm (d_model·d_state), zero before t = 0. Official implementation: state-spaces/s4, models/s4/s4d.py.
 */
export const s4d: Mixer<S4dConfig> = {
  name: 's4d',
  title: 'S4D (diagonal)',
  citation: 'Gu, Gupta, Goel & Ré 2022, arXiv:2206.11893',
  causal: true,
  schema,
  resolve(options, { d_model }) {
    const config = { d_model, ...schema.parse(options) }
    requireSteps('s4d', config)
    return config
  },
  params: (c) => {
    const [H, modes, real] = [c.d_model, c.init === 'real' ? c.d_state : c.d_state / 2, c.init === 'real']
    return {
      D: { shape: [H], init: normal(1), decay: true },
      'kernel.C': { shape: real ? [H, modes] : [H, modes, 2], init: normal(real ? 1 : Math.SQRT1_2), decay: true },
      'kernel.log_dt': { shape: [H], init: logUniform(c.dt_min, c.dt_max), decay: false, slow: true },
      'kernel.log_A_real': { shape: [H, modes], init: real ? logCount : constant(Math.log(0.5)), decay: false, slow: true },
      ...(real ? {} : { 'kernel.A_imag': { shape: [H, modes], init: frequencies(c), decay: false, slow: true } }),
      'output_linear.0.weight': { shape: [2 * H, H, 1], init: fanIn(), decay: true },
      'output_linear.0.bias': { shape: [2 * H], init: uniform(1 / Math.sqrt(H)), decay: false },
    }
  },
  matrices: (c) => c.d_model,
  gap: () => 0,
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const real = c.init === 'real'
    const parameters = [p['kernel.log_dt'], p['kernel.log_A_real'], p['kernel.C'], p.D, ...(real ? [] : [p['kernel.A_imag']])]
    const scan = (u: Value, copies = 1): Value =>
      g.one('diagonal_scan', [u, ...(copies > 1 ? parameters.map((one) => copied(g, one, c.d_model, copies)) : parameters)], {
        ...dims,
        real,
      })
    const y = through(tap, x, (u) => (packed ? apart(g, u, packed, scan) : scan(u))) // (B·L, d_model)
    return gatedOutput(g, p, y, c.d_model)
  },
  state: (c) => ({ ssm: c.d_model * c.d_state }),
  step(g, p, x, state, c) {
    const A_imag = c.init === 'real' ? [] : [p['kernel.A_imag']]
    const [y] = g.apply('diagonal_scan_step', [x, p['kernel.log_dt'], p['kernel.log_A_real'], p['kernel.C'], p.D, state.ssm, ...A_imag], {
      real: c.init === 'real',
    }) // (B, d_model)
    return gatedOutput(g, p, y, c.d_model)
  },
  flopsPerToken: (c) => c.d_model * (4 * c.d_state + 4 * c.d_model + 24),
}

type Build = Parameters<Mixer['forward']>
/** GELU, a linear layer to twice the width, and its first half gated by its second: (R, d_model) → the same. */
export function gatedOutput(g: Build[0], p: Build[1], y: Build[2], d_model: number): Build[2] {
  const active = g.one('activation', [y], { kind: ACTIVATIONS.gelu })
  const both = linear(g, active, p['output_linear.0.weight'], p['output_linear.0.bias'])
  return g.one('glu', g.split(both, [d_model, d_model]), { kind: ACTIVATIONS.sigmoid })
}
