import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import { hippoLegs } from './hippo.ts'
import { constant, fanIn, type Initialiser, logUniform, normal, requireSteps } from './initialise.ts'
import type { Mixer, Params } from './mixer.ts'
import { apart, copied } from './packed.ts'

const schema = z.object({
  state_size: z
    .int()
    .min(2)
    .max(1024)
    .multipleOf(2)
    .default(64)
    .describe('State size of the whole layer; complex states come as state_size/2 conjugate pairs (§3.2)'),
  blocks: z.int().min(1).max(64).default(1).describe('Equal diagonal blocks the state starts from, J in §3.4'),
  dt_min: z.number().positive().max(1).default(1e-3).describe('Smallest step Δ at the start; memory reaches about 2/Δ positions'),
  dt_max: z.number().positive().max(10).default(1e-1).describe('Largest step Δ at the start'),
  clip_eigs: z
    .boolean()
    .default(true)
    .describe('Real parts of the eigenvalues stay below −0.0001, so that a model that writes for long cannot run away'),
})

export interface S5Config {
  d_model: number
  state_size: number
  blocks: number
  dt_min: number
  dt_max: number
  clip_eigs: boolean
}

/** Im Λ: the eigenvalues of the normal part of HiPPO-LegS, of each block the same (§3.4). */
const frequencies =
  ({ state_size, blocks }: S5Config): Initialiser =>
  (out) => {
    const size = state_size / blocks
    out.forEach((_, i) => (out[i] = hippoLegs(size).imag[i % (size / 2)]))
  }

/**
 * S5: one complex diagonal state for the whole layer, GELU, and a sigmoid gate made from the result (Smith, Warrington & Linderman 2023,
 * arXiv:2208.04933, §3 and appendix B, the half-gated output). Causal. In the basis of HiPPO's eigenvectors, which are unitary and come in
 * conjugate pairs, Gaussian B and C are complex Gaussians of the same variance, which is how they start here.
 * State per sequence: ssm (state_size), zero before t = 0. Official implementation: lindermanlab/S5, s5/ssm.py and s5/layers.py.
 */
export const s5: Mixer<S5Config> = {
  name: 's5',
  title: 'S5 (one state for all channels)',
  citation: 'Smith, Warrington & Linderman 2023, arXiv:2208.04933',
  causal: true,
  schema,
  resolve(options, { d_model }) {
    const config = { d_model, ...schema.parse(options) }
    requireSteps('s5', config)
    if (config.state_size % (2 * config.blocks))
      throw new Error(`s5: a state of ${config.state_size} does not divide into ${config.blocks} blocks of even size`)
    return config
  },
  params: (c) => {
    const [H, P] = [c.d_model, c.state_size / 2]
    return {
      'seq.Lambda_re': { shape: [P], init: constant(-0.5), decay: false, slow: true },
      'seq.Lambda_im': { shape: [P], init: frequencies(c), decay: false, slow: true },
      'seq.B': { shape: [P, H, 2], init: normal(1 / Math.sqrt(2 * H)), decay: false, slow: true },
      'seq.C': { shape: [H, P, 2], init: normal(1 / Math.sqrt(2 * P)), decay: true },
      'seq.D': { shape: [H], init: normal(1), decay: true },
      'seq.log_step': { shape: [P, 1], init: logUniform(c.dt_min, c.dt_max), decay: false, slow: true },
      'out2.kernel': { shape: [H, H], init: fanIn(Math.sqrt(3)), decay: true },
      'out2.bias': { shape: [H], init: constant(0), decay: false },
    }
  },
  gap: () => 0,
  forward(g, p, x, c, dims, { packed } = {}) {
    const parameters = [p['seq.Lambda_re'], p['seq.Lambda_im'], stepsOf(g, p, c)]
    const half = c.state_size / 2
    const scan = (v: Value, copies = 1): Value => {
      const own = copies > 1 ? parameters.map((one) => copied(g, one, half, copies)) : parameters
      return g.one('complex_scan', [v, ...own], { ...dims, clip: c.clip_eigs })
    }
    // real parts come first, of all copies too
    const regrouped = (v: Value, groups: number): Value => {
      const parts = g.split(v, new Array<number>(v.type.cols / half).fill(half))
      const per = parts.length / groups
      return g.concat(parts.map((_, i) => parts[(i % groups) * per + Math.floor(i / groups)]))
    }
    return around(g, p, x, c, (v) =>
      packed ? apart(g, v, packed, (all, copies) => regrouped(scan(regrouped(all, copies), copies), 2)) : scan(v),
    )
  },
  state: (c) => ({ ssm: c.state_size }),
  step: (g, p, x, state, c) =>
    around(
      g,
      p,
      x,
      c,
      (v) =>
        g.apply('complex_scan_step', [v, p['seq.Lambda_re'], p['seq.Lambda_im'], stepsOf(g, p, c), state.ssm], { clip: c.clip_eigs })[0],
    ),
  flopsPerToken: (c) => c.d_model * (4 * c.state_size + 2 * c.d_model + 16) + 8 * c.state_size,
}

const stepsOf = (g: GraphBuilder, p: Params, c: S5Config): Value => g.reshape(p['seq.log_step'], 1, c.state_size / 2)

/** x (R, d_model) → B x, the scan, C and D, GELU and the gate. Stored re, im pairs become halves, so that each product is one real matmul. */
function around(g: GraphBuilder, p: Params, x: Value, { d_model: H, state_size }: S5Config, scan: (v: Value) => Value): Value {
  const P = state_size / 2
  const B = g.reshape(g.one('swap_axes', [p['seq.B']], { a: P * H, b: 2, inner: 1 }), 2 * P, H)
  const C = g.one('swap_axes', [p['seq.C']], { a: P, b: 2, inner: 1 })
  const states = scan(g.one('matmul', [x, B], { transB: true })) // (R, state_size)
  const y = g.one('channel_scale', [x, p['seq.D'], g.one('matmul', [states, C], { transB: true })], { addend: true })
  const active = g.one('activation', [y], { kind: ACTIVATIONS.gelu })
  const gate = g.one('matmul', [active, p['out2.kernel'], p['out2.bias']], { bias: true })
  return g.one('glu', [active, gate], { kind: ACTIVATIONS.sigmoid })
}
