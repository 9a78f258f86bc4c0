import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { constant, fanIn, inverseSoftplusLogUniform, logArange, normal, uniform } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer, Params } from './mixer.ts'
import { constants, through, within } from './packed.ts'

const schema = z.object({
  d_state: z.int().min(1).max(256).default(16).describe('State size N of each channel (Gu & Dao 2023, §3.6)'),
  d_conv: z.int().min(2).max(8).default(4).describe('Width of the causal convolution in time steps'),
  expand: z.int().min(1).max(8).default(2).describe('d_inner = expand · d_model (§3.4)'),
  dt_rank: z.int().min(1).optional().describe('Rank of the projection of Δ; d_model / 16 rounded up when left out (§3.6)'),
  selective: z
    .boolean()
    .default(true)
    .describe('Off: Δ, B and C are learned constants, a time-invariant core in the same block, the control of the ablations (§4.1, §4.6)'),
})

export interface MambaConfig {
  d_model: number
  d_inner: number
  d_state: number
  d_conv: number
  dt_rank: number
  selective: boolean
  n_layer: number
}

/**
 * Sum of Δ over a gap between packed records, and the positions it is spread over. Of a state with A = −1 e⁻⁹⁶ is left, with −0.2 e⁻¹⁹. A larger Δ
 * would make the rounding of the gradient of A larger, because it is multiplied by Δ.
 */
const FORGET = 96
const FORGETTING = 8

/** Δ before bias and softplus, B and C for each row of v (R, d_inner); the same in every row where the core is not selective. */
function selection(g: GraphBuilder, p: Params, v: Value, c: MambaConfig): Value[] {
  if (!c.selective) {
    const rows = v.type.rows
    const constants = linear(g, g.one('fill', [], { rows, cols: 1, value: 1 }), p.BC)
    return [g.one('fill', [], { rows, cols: c.d_inner, value: 0 }), ...g.split(constants, [c.d_state, c.d_state])]
  }
  const [dt, B, C] = g.split(linear(g, v, p['x_proj.weight']), [c.dt_rank, c.d_state, c.d_state])
  return [linear(g, dt, p['dt_proj.weight']), B, C]
}

/**
 * Mamba mixer with the selective scan S6 (Gu & Dao 2023, arXiv:2312.00752, fig. 3; expand §3.4; dt_rank and initialisation §3.6). Causal.
 * State per sequence: conv (d_inner·(d_conv − 1)) last inputs of the convolution, ssm (d_inner·d_state), both f32, zero before t = 0.
 * Official implementation: mamba_ssm/modules/mamba_simple.py; out_proj is scaled by 1/√n_layer as in its language model.
 */
export const mamba: Mixer<MambaConfig> = {
  name: 'mamba',
  title: 'Mamba (S6)',
  citation: 'Gu & Dao 2023, arXiv:2312.00752',
  causal: true,
  schema,
  resolve(options, { d_model, n_layer }) {
    const { d_state, d_conv, expand, dt_rank = Math.ceil(d_model / 16), selective } = schema.parse(options)
    return { d_model, d_inner: expand * d_model, d_state, d_conv, dt_rank, selective, n_layer }
  },
  params: (c) => ({
    'in_proj.weight': { shape: [2 * c.d_inner, c.d_model], init: fanIn(), decay: true },
    'conv1d.weight': { shape: [c.d_inner, 1, c.d_conv], init: fanIn(), decay: true },
    'conv1d.bias': { shape: [c.d_inner], init: uniform(1 / Math.sqrt(c.d_conv)), decay: false },
    ...(c.selective
      ? {
          'x_proj.weight': { shape: [c.dt_rank + 2 * c.d_state, c.d_inner], init: fanIn(), decay: true },
          'dt_proj.weight': { shape: [c.d_inner, c.dt_rank], init: uniform(1 / Math.sqrt(c.dt_rank)), decay: true },
        }
      : { BC: { shape: [2 * c.d_state, 1], init: normal(1), decay: false } }),
    'dt_proj.bias': { shape: [c.d_inner], init: inverseSoftplusLogUniform(1e-3, 1e-1, 1e-4), decay: false },
    A_log: { shape: [c.d_inner, c.d_state], init: logArange, decay: false },
    D: { shape: [c.d_inner], init: constant(1), decay: false },
    'out_proj.weight': { shape: [c.d_model, c.d_inner], init: fanIn(1 / Math.sqrt(c.n_layer)), decay: true },
  }),
  matrices: (c) => c.d_inner,
  gap: (c) => Math.max(FORGETTING, c.d_conv - 1),
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const [u, z] = g.split(linear(g, x, p['in_proj.weight']), [c.d_inner, c.d_inner]) // 2 × (B·L, d_inner)
    const convolved = g.one('conv1d_silu', [within(g, u, packed), p['conv1d.weight'], p['conv1d.bias']], dims)
    const v = within(g, convolved, packed) // (B·L, d_inner)
    const [own, B, C] = selection(g, p, v, c) // (B·L, d_inner), (B·L, d_state) twice; bias and softplus of Δ inside the scan
    const delta = within(g, own, packed, packed && constants(g, [c.d_inner, FORGET / packed.gap]))
    const A = g.one('neg_exp', [p.A_log]) // (d_inner, d_state), < 0
    const scan = (u: Value): Value => g.one('selective_scan', [u, delta, A, B, C, p.D, z, p['dt_proj.bias']], dims)
    const y = through(tap, v, scan) // (B·L, d_inner), gated by silu(z)
    return linear(g, y, p['out_proj.weight']) // (B·L, d_model)
  },
  state: (c) => ({ conv: c.d_inner * (c.d_conv - 1), ssm: c.d_inner * c.d_state }),
  step(g, p, x, state, c) {
    const [u, z] = g.split(linear(g, x, p['in_proj.weight']), [c.d_inner, c.d_inner]) // 2 × (B, d_inner)
    const [v] = g.apply('conv1d_silu_step', [u, state.conv, p['conv1d.weight'], p['conv1d.bias']]) // (B, d_inner)
    const [delta, B, C] = selection(g, p, v, c) // (B, d_inner), (B, d_state) twice
    const A = g.one('neg_exp', [p.A_log])
    const [y] = g.apply('selective_scan_step', [v, delta, A, B, C, p.D, z, p['dt_proj.bias'], state.ssm]) // (B, d_inner)
    return linear(g, y, p['out_proj.weight']) // (B, d_model)
  },
  flopsPerToken: (c) =>
    2 * c.d_inner * (3 * c.d_model + (c.selective ? 2 * c.dt_rank + 2 * c.d_state : 0)) +
    c.d_inner * (2 * c.d_conv + 4) +
    c.d_inner * (6 * c.d_state + 8),
}
