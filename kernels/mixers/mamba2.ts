import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import { constant, fanIn, inverseSoftplusLogUniform, logOfUniform, uniform } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer, Params } from './mixer.ts'
import { through, within } from './packed.ts'

const schema = z.object({
  d_state: z.int().min(1).max(256).default(128).describe('Keys N of the matrix state of each head (Dao & Gu 2024, §7.1)'),
  d_conv: z.int().min(2).max(8).default(4).describe('Width of the causal convolution in time steps'),
  expand: z.int().min(1).max(8).default(2).describe('d_inner = expand · d_model'),
  headdim: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Channels P of a head, a divisor of d_inner; left out, the largest power of two up to 64 that divides it'),
  ngroups: z.int().min(1).max(64).default(1).describe('Groups of heads that share B and C, a divisor of the heads (§7.2)'),
})

export interface Mamba2Config {
  d_model: number
  d_inner: number
  d_state: number
  d_conv: number
  headdim: number
  nheads: number
  ngroups: number
  n_layer: number
}

const NORM_EPS = 1e-5
const powerOfTwoIn = (n: number, most: number): number => {
  let p = 1
  while (n % (2 * p) === 0 && 2 * p <= most) p *= 2
  return p
}
const convWidth = (c: Mamba2Config): number => c.d_inner + 2 * c.ngroups * c.d_state

/** Splits in_proj's output: z, what the convolution sees (x, B, C), dt. */
const project = (g: GraphBuilder, p: Params, x: Value, c: Mamba2Config): Value[] =>
  g.split(linear(g, x, p['in_proj.weight']), [c.d_inner, convWidth(c), c.nheads])
const parts = (c: Mamba2Config): number[] => [c.d_inner, c.ngroups * c.d_state, c.ngroups * c.d_state]
/** Logarithm of what is left of a state after a gap between packed records. */
const FORGET = 60
/** Δ before its bias (1, nheads) for which each head forgets so much within a gap: Δ ≥ FORGET / (gap·|A|), and no more than that where it counts. */
function forgetting(g: GraphBuilder, p: Params, gap: number): Value {
  const row = (value: number): Value => g.one('fill', [], { rows: 1, cols: p.A_log.type.cols, value })
  const times = (a: Value, value: number): Value => g.one('channel_scale', [a, row(value)])
  const reciprocal = g.one('neg_exp', [times(p.A_log, -1)]) // −1 / |A|
  return g.one('add', [times(reciprocal, -FORGET / gap), times(p.dt_bias, -1)])
}
/** y · silu(z), then the norm of each group (norm_before_gate = False), then out_proj. */
const finish = (g: GraphBuilder, p: Params, y: Value, z: Value, c: Mamba2Config): Value => {
  const gated = g.one('glu', [y, z], { kind: ACTIVATIONS.silu })
  return linear(g, g.one('rms_norm', [gated, p['norm.weight']], { eps: NORM_EPS, groups: c.ngroups }), p['out_proj.weight'])
}

/**
 * Mamba-2 mixer: heads of a scalar decay over a matrix state, state space duality (Dao & Gu 2024, arXiv:2405.21060, fig. 6 and §7). Causal.
 * State per sequence: conv ((d_inner + 2·ngroups·d_state)·(d_conv − 1)) last inputs of the convolution, ssm (d_inner·d_state), zero before
 * t = 0. Official implementation: mamba_ssm/modules/mamba2.py; A from U(1, 16), out_proj scaled by 1/√n_layer as in its language model.
 */
export const mamba2: Mixer<Mamba2Config> = {
  name: 'mamba2',
  title: 'Mamba-2 (SSD)',
  citation: 'Dao & Gu 2024, arXiv:2405.21060',
  causal: true,
  schema,
  resolve(options, { d_model, n_layer }) {
    const { d_state, d_conv, expand, ngroups, ...given } = schema.parse(options)
    const d_inner = expand * d_model
    const headdim = given.headdim ?? powerOfTwoIn(d_inner, 64)
    const nheads = d_inner / headdim
    if (!Number.isInteger(nheads)) throw new Error(`mamba2: headdim ${headdim} does not divide expand · d_model = ${d_inner}`)
    if (nheads % ngroups) throw new Error(`mamba2: ngroups ${ngroups} does not divide the ${nheads} heads of ${headdim} channels`)
    return { d_model, d_inner, d_state, d_conv, headdim, nheads, ngroups, n_layer }
  },
  params: (c) => ({
    'in_proj.weight': { shape: [c.d_inner + convWidth(c) + c.nheads, c.d_model], init: fanIn(), decay: true },
    'conv1d.weight': { shape: [convWidth(c), 1, c.d_conv], init: fanIn(), decay: true },
    'conv1d.bias': { shape: [convWidth(c)], init: uniform(1 / Math.sqrt(c.d_conv)), decay: false },
    dt_bias: { shape: [c.nheads], init: inverseSoftplusLogUniform(1e-3, 1e-1, 1e-4), decay: false },
    A_log: { shape: [c.nheads], init: logOfUniform(1, 16), decay: false },
    D: { shape: [c.nheads], init: constant(1), decay: false },
    'norm.weight': { shape: [c.d_inner], init: constant(1), decay: false },
    'out_proj.weight': { shape: [c.d_model, c.d_inner], init: fanIn(1 / Math.sqrt(c.n_layer)), decay: true },
  }),
  matrices: (c) => c.nheads,
  gap: (c) => c.d_conv - 1,
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const [z, xBC, own] = project(g, p, x, c)
    const convolved = g.one('conv1d_silu', [within(g, xBC, packed), p['conv1d.weight'], p['conv1d.bias']], dims)
    const [u, B, C] = g.split(within(g, convolved, packed), parts(c))
    const dt = within(g, own, packed, packed && forgetting(g, p, packed.gap))
    const A = g.one('neg_exp', [p.A_log]) // (1, nheads), < 0
    const y = through(tap, u, (own) => g.one('ssd', [own, dt, A, B, C, p.D, p.dt_bias], { ...dims, groups: c.ngroups })) // (B·L, d_inner)
    return finish(g, p, y, z, c)
  },
  state: (c) => ({ conv: convWidth(c) * (c.d_conv - 1), ssm: c.d_inner * c.d_state }),
  step(g, p, x, state, c) {
    const [z, xBC, dt] = project(g, p, x, c)
    const [v] = g.apply('conv1d_silu_step', [xBC, state.conv, p['conv1d.weight'], p['conv1d.bias']])
    const [u, B, C] = g.split(v, parts(c))
    const [y] = g.apply('ssd_step', [u, dt, g.one('neg_exp', [p.A_log]), B, C, p.D, p.dt_bias, state.ssm], { groups: c.ngroups })
    return finish(g, p, y, z, c)
  },
  flopsPerToken: (c) =>
    2 * c.d_model * (2 * c.d_inner + convWidth(c) + c.nheads) +
    convWidth(c) * (2 * c.d_conv + 4) +
    c.d_inner * (6 * c.d_state + 2) +
    9 * c.d_inner,
}
