import { z } from 'zod'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { constant, linspace, normal } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer, Params } from './mixer.ts'
import { emptied, through } from './packed.ts'

const schema = z.object({
  num_heads: z.int().min(1).max(64).default(4).describe('Heads, each with a matrix memory of its own'),
  qk_dim_factor: z.number().positive().max(2).default(0.5).describe('Width of queries and keys over d_model (Beck et al. 2025, §3)'),
  v_dim_factor: z.number().positive().max(4).default(1).describe('Width of values over d_model'),
  gate_soft_cap: z.number().positive().max(100).default(15).describe('Input and forget gates before activation stay within ± this'),
})

export interface MLstmLargeConfig {
  d_model: number
  qk_dim: number
  v_dim: number
  num_heads: number
  gate_soft_cap: number
  n_layer: number
}
const NORM_EPS = 1e-6

/**
 * mLSTM mixer of xLSTM 7B (Beck et al. 2025, arXiv:2503.13427, fig. 2 and §3): no convolution and no up-projection; q, k, v, a sigmoid output
 * gate and soft-capped scalar gates straight from x; LayerNorm of each head. A gated MLP follows it in the published block.
 * Official implementation: package xlstm, xlstm_large/model.py, weight_mode "single"; multihead_norm.weight is γ itself.
 * State per sequence: C (qk_dim·v_dim / num_heads), n (qk_dim), m (num_heads), zero before t = 0.
 */
export const mlstm_large: Mixer<MLstmLargeConfig> = {
  name: 'mlstm_large',
  title: 'mLSTM (xLSTM 7B)',
  citation: 'Beck et al. 2025, arXiv:2503.13427',
  causal: true,
  mlp: { kind: 'swiglu', ratio: 2.6667 },
  schema,
  resolve(options, { d_model, n_layer }) {
    const { num_heads, qk_dim_factor, v_dim_factor, gate_soft_cap } = schema.parse(options)
    const [qk_dim, v_dim] = [Math.floor(d_model * qk_dim_factor), Math.floor(d_model * v_dim_factor)]
    for (const [name, dim] of Object.entries({ qk_dim, v_dim }))
      if (dim === 0 || dim % num_heads) throw new Error(`mlstm_large: num_heads ${num_heads} does not divide ${name} ${dim}`)
    return { d_model, qk_dim, v_dim, num_heads, gate_soft_cap, n_layer }
  },
  params: (c) => {
    const projection = (rows: number) => ({ shape: [rows, c.d_model], init: normal(Math.sqrt(2 / (5 * c.d_model))), decay: true })
    const gate = { shape: [c.num_heads, c.d_model], init: constant(0), decay: true }
    return {
      'q.weight': projection(c.qk_dim),
      'k.weight': projection(c.qk_dim),
      'v.weight': projection(c.v_dim),
      'ogate_preact.weight': projection(c.v_dim),
      'igate_preact.weight': gate,
      'igate_preact.bias': { shape: [c.num_heads], init: constant(-10), decay: false },
      'fgate_preact.weight': gate,
      'fgate_preact.bias': { shape: [c.num_heads], init: linspace(3, 6), decay: false },
      'multihead_norm.weight': { shape: [c.v_dim], init: constant(1), decay: false },
      'out_proj.weight': { shape: [c.d_model, c.v_dim], init: normal(2 / c.n_layer / Math.sqrt(c.d_model)), decay: true },
    }
  },
  matrices: (c) => c.num_heads,
  gap: () => 1,
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const [q, k, v, ...cell] = emptied(g, cellInputs(g, p, x, c), packed)
    return finish(
      g,
      p,
      x,
      through(tap, v, (own) => g.one('mlstm', [q, k, own, ...cell], dims)),
      c,
    )
  },
  state: (c) => ({ C: (c.qk_dim * c.v_dim) / c.num_heads, n: c.qk_dim, m: c.num_heads }),
  step: (g, p, x, state, c) => finish(g, p, x, g.one('mlstm_step', [...cellInputs(g, p, x, c), state.C, state.n, state.m]), c),
  flopsPerToken: (c) =>
    2 * c.d_model * (2 * c.qk_dim + 3 * c.v_dim + 2 * c.num_heads) + (6 * c.qk_dim * c.v_dim) / c.num_heads + 12 * c.v_dim,
}

function cellInputs(g: GraphBuilder, p: Params, x: Value, c: MLstmLargeConfig): Value[] {
  const gate = (name: string): Value => g.one('soft_cap', [linear(g, x, p[`${name}.weight`], p[`${name}.bias`])], { cap: c.gate_soft_cap })
  return [...['q', 'k', 'v'].map((name) => linear(g, x, p[`${name}.weight`])), gate('igate_preact'), gate('fgate_preact')]
}

function finish(g: GraphBuilder, p: Params, x: Value, h: Value, c: MLstmLargeConfig): Value {
  const normed = g.one('layer_norm', [h, p['multihead_norm.weight']], { eps: NORM_EPS, groups: c.num_heads, bias: false })
  const gated = g.one('glu', [normed, linear(g, x, p['ogate_preact.weight'])], { kind: ACTIVATIONS.sigmoid })
  return linear(g, gated, p['out_proj.weight'])
}
