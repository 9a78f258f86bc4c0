import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { headNorm } from './headNorm.ts'
import { constant, fanIn, linspace, normal, uniform } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer, Params } from './mixer.ts'
import { emptied, through, within } from './packed.ts'

const schema = z.object({
  num_heads: z.int().min(1).max(64).default(4).describe('Heads, each with a memory of d_inner / num_heads keys and values'),
  proj_factor: z.number().positive().max(8).default(2).describe('d_inner is proj_factor · d_model, rounded up (Beck et al. 2024, fig. 10)'),
  round_to: z.int().min(1).max(256).default(64).describe('d_inner is rounded up to a multiple of this; 64 in package xlstm'),
  d_conv: z.int().min(2).max(8).default(4).describe('Width of the causal convolution before queries and keys'),
  qkv_proj_blocksize: z.int().min(1).max(64).default(4).describe('Width of the blocks of the block-diagonal projections to q, k and v'),
})

export interface MLstmConfig {
  d_model: number
  d_inner: number
  num_heads: number
  d_conv: number
  block: number
  n_layer: number
}
const NORM_EPS = 1e-5

/**
 * mLSTM mixer (Beck et al. 2024, arXiv:2405.04517, fig. 10): up-projection to two branches; a causal convolution with SiLU feeds q and k, the
 * branch itself v; scalar gates per head from q, k, v; the cell (ops/mlstm); LayerNorm of each head; a learnable skip; the other branch gates.
 * Official implementation: package xlstm, blocks/mlstm/layer.py. As there, mlstm_cell.outnorm.weight is γ − 1.
 * State per sequence: conv (d_inner·(d_conv − 1)) last inputs, C (d_inner²/num_heads), n (d_inner), m (num_heads), zero before t = 0.
 */
export const mlstm: Mixer<MLstmConfig> = {
  name: 'mlstm',
  title: 'mLSTM (xLSTM)',
  citation: 'Beck et al. 2024, arXiv:2405.04517',
  causal: true,
  schema,
  resolve(options, { d_model, n_layer }) {
    const { num_heads, proj_factor, round_to, d_conv, qkv_proj_blocksize: block } = schema.parse(options)
    const d_inner = Math.ceil((proj_factor * d_model) / round_to) * round_to
    if (d_inner % num_heads) throw new Error(`mlstm: num_heads ${num_heads} does not divide d_inner ${d_inner}`)
    if (d_inner % block) throw new Error(`mlstm: qkv_proj_blocksize ${block} does not divide d_inner ${d_inner}`)
    return { d_model, d_inner, num_heads, d_conv, block, n_layer }
  },
  params: (c) => {
    const small = normal(Math.sqrt(2 / (5 * c.d_model)))
    const headwise = { shape: [c.d_inner / c.block, c.block, c.block], init: small, decay: true }
    const gate = { shape: [c.num_heads, 3 * c.d_inner], init: constant(0), decay: true }
    return {
      'proj_up.weight': { shape: [2 * c.d_inner, c.d_model], init: small, decay: true },
      'q_proj.weight': headwise,
      'k_proj.weight': headwise,
      'v_proj.weight': headwise,
      'conv1d.conv.weight': { shape: [c.d_inner, 1, c.d_conv], init: fanIn(), decay: true },
      'conv1d.conv.bias': { shape: [c.d_inner], init: uniform(1 / Math.sqrt(c.d_conv)), decay: false },
      'mlstm_cell.igate.weight': gate,
      'mlstm_cell.igate.bias': { shape: [c.num_heads], init: normal(0.1), decay: false },
      'mlstm_cell.fgate.weight': gate,
      'mlstm_cell.fgate.bias': { shape: [c.num_heads], init: linspace(3, 6), decay: false },
      'mlstm_cell.outnorm.weight': { shape: [c.d_inner], init: constant(0), decay: false },
      learnable_skip: { shape: [c.d_inner], init: constant(1), decay: false },
      'proj_down.weight': { shape: [c.d_model, c.d_inner], init: normal(2 / c.n_layer / Math.sqrt(c.d_model)), decay: true },
    }
  },
  matrices: (c) => c.num_heads,
  gap: (c) => c.d_conv - 1,
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const [u, gate] = g.split(linear(g, x, p['proj_up.weight']), [c.d_inner, c.d_inner]) // 2 × (B·L, d_inner)
    const convolved = g.one('conv1d_silu', [within(g, u, packed), p['conv1d.conv.weight'], p['conv1d.conv.bias']], dims)
    const [q, k, v, ...cell] = emptied(g, cellInputs(g, p, u, convolved), packed)
    const h = through(tap, v, (own) => g.one('mlstm', [q, k, own, ...cell], dims))
    return finish(g, p, h, convolved, gate, c)
  },
  state: (c) => ({ conv: c.d_inner * (c.d_conv - 1), C: c.d_inner ** 2 / c.num_heads, n: c.d_inner, m: c.num_heads }),
  step(g, p, x, state, c) {
    const [u, gate] = g.split(linear(g, x, p['proj_up.weight']), [c.d_inner, c.d_inner])
    const convolved = g.one('conv1d_silu_step', [u, state.conv, p['conv1d.conv.weight'], p['conv1d.conv.bias']])
    const h = g.one('mlstm_step', [...cellInputs(g, p, u, convolved), state.C, state.n, state.m])
    return finish(g, p, h, convolved, gate, c)
  },
  flopsPerToken: (c) =>
    c.d_inner * (6 * c.d_model + 6 * c.block + 12 * c.num_heads + (6 * c.d_inner) / c.num_heads + 2 * c.d_conv + 4 + 7 + 7),
}

/** q, k, v (rows, d_inner), side by side for the gates that read all three, and the gates i, f (rows, num_heads). */
function cellInputs(g: GraphBuilder, p: Params, u: Value, convolved: Value): Value[] {
  const [q, k] = ['q_proj.weight', 'k_proj.weight'].map((name) => g.one('headwise_linear', [convolved, p[name]]))
  const v = g.one('headwise_linear', [u, p['v_proj.weight']])
  const all = g.concat([q, k, v])
  const gate = (name: string): Value => linear(g, all, p[`mlstm_cell.${name}.weight`], p[`mlstm_cell.${name}.bias`])
  return [q, k, v, gate('igate'), gate('fgate')]
}

function finish(g: GraphBuilder, p: Params, h: Value, convolved: Value, gate: Value, c: MLstmConfig): Value {
  const normed = headNorm(g, h, p['mlstm_cell.outnorm.weight'], c.num_heads, NORM_EPS)
  return linear(g, g.one('skip_gate', [normed, convolved, p.learnable_skip, gate]), p['proj_down.weight'])
}
