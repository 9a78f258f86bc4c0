import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { headNorm } from './headNorm.ts'
import { constant, fanIn, type Initialiser, normal, uniform } from './initialise.ts'
import type { Mixer, Params } from './mixer.ts'
import { constants, within } from './packed.ts'

const schema = z.object({
  num_heads: z.int().min(1).max(64).default(4).describe('Heads; units feed back on units of their own head only (Beck et al. 2024, §2.2)'),
  d_conv: z.int().min(0).max(8).default(4).describe('Width of the causal convolution before the input and forget gates; 0 for none'),
})

export interface SLstmConfig {
  d_model: number
  num_heads: number
  d_conv: number
  n_layer: number
  layer: number
}
const NORM_EPS = 1e-5
/** A gate's input that no weight outweighs. */
const SHUT = 1e4

/**
 * Bias (4·d_model) in the order i, f, z, o, zero but for f: within each head from 5 at the first unit down to −7 at the last, along a power
 * of the unit's place that grows with the layer ("powerlaw_blockdependent"): some units forget slowly, most of a late layer's fast.
 */
const gateBias =
  ({ d_model, num_heads, n_layer, layer }: SLstmConfig): Initialiser =>
  (out) => {
    const dh = d_model / num_heads
    const power = 0.3 + (1.3 * layer) / Math.max(1, n_layer - 1)
    out.fill(0)
    for (let u = 0; u < d_model; u++) out[d_model + u] = 5 - 12 * ((u % dh) / Math.max(1, dh - 1)) ** power
  }

/**
 * sLSTM mixer (Beck et al. 2024, arXiv:2405.04517, fig. 9): a causal convolution with SiLU feeds the input and forget gates, the input
 * itself the cell input and output gate; block-diagonal projections; the cell (ops/slstm); LayerNorm of each head.
 * Official implementation: package xlstm, blocks/slstm/layer.py, backend "vanilla" (its layout of _recurrent_kernel_ (heads, 4·dh, dh) and
 * gate-major _bias_). As there, the module named fgate drives the input gate and igate the forget gate, and group_norm.weight is γ − 1.
 * State per sequence: conv (d_model·(d_conv − 1)) last inputs, slstm (4·d_model) = h, c, n, m, zero before t = 0.
 */
export const slstm: Mixer<SLstmConfig> = {
  name: 'slstm',
  title: 'sLSTM (xLSTM)',
  citation: 'Beck et al. 2024, arXiv:2405.04517',
  causal: true,
  mlp: { kind: 'geglu', ratio: 4 / 3 },
  schema,
  resolve(options, { d_model, n_layer, layer }) {
    const { num_heads, d_conv } = schema.parse(options)
    if (d_model % num_heads) throw new Error(`slstm: num_heads ${num_heads} does not divide d_model ${d_model}`)
    if (d_model / num_heads > 1024) throw new Error(`slstm: a head of ${d_model / num_heads} units is wider than 1024; use more heads`)
    if (d_conv === 1) throw new Error('slstm: d_conv 1 looks at no past; take 0 for no convolution or at least 2')
    return { d_model, num_heads, d_conv, n_layer, layer }
  },
  params: (c) => {
    const dh = c.d_model / c.num_heads
    const gate = { shape: [c.num_heads, dh, dh], init: normal(Math.sqrt(2 / (5 * c.d_model))), decay: true }
    const conv = {
      'conv1d.conv.weight': { shape: [c.d_model, 1, c.d_conv], init: fanIn(), decay: true },
      'conv1d.conv.bias': { shape: [c.d_model], init: uniform(1 / Math.sqrt(c.d_conv)), decay: false },
    }
    return {
      ...(c.d_conv ? conv : {}),
      'fgate.weight': gate,
      'igate.weight': gate,
      'zgate.weight': gate,
      'ogate.weight': gate,
      'slstm_cell._recurrent_kernel_': { shape: [c.num_heads, 4 * dh, dh], init: constant(0), decay: true },
      'slstm_cell._bias_': { shape: [4 * c.d_model], init: gateBias(c), decay: false },
      'group_norm.weight': { shape: [c.d_model], init: constant(0), decay: false },
    }
  },
  gap: (c) => Math.max(1, c.d_conv - 1),
  forward(g, p, x, c, dims, { packed } = {}) {
    const convolved = c.d_conv ? g.one('conv1d_silu', [within(g, x, packed), p['conv1d.conv.weight'], p['conv1d.conv.bias']], dims) : x // (B·L, d_model)
    // nothing let in, everything forgotten, nothing shown: h is 0, and the next input meets no weight from before
    const shut = packed && constants(g, [c.d_model, -2 * SHUT], [c.d_model, -SHUT], [c.d_model, 0], [c.d_model, -SHUT])
    const cell = [within(g, gates(g, p, x, convolved), packed, shut), p['slstm_cell._recurrent_kernel_'], p['slstm_cell._bias_']]
    return headNorm(g, g.one('slstm', cell, dims), p['group_norm.weight'], c.num_heads, NORM_EPS)
  },
  state: (c) => ({ ...(c.d_conv ? { conv: c.d_model * (c.d_conv - 1) } : {}), slstm: 4 * c.d_model }),
  step(g, p, x, state, c) {
    const convolved = c.d_conv ? g.one('conv1d_silu_step', [x, state.conv, p['conv1d.conv.weight'], p['conv1d.conv.bias']]) : x
    const cell = [gates(g, p, x, convolved), p['slstm_cell._recurrent_kernel_'], p['slstm_cell._bias_'], state.slstm]
    return headNorm(g, g.one('slstm_step', cell), p['group_norm.weight'], c.num_heads, NORM_EPS)
  },
  flopsPerToken: (c) => c.d_model * ((16 * c.d_model) / c.num_heads + 2 * c.d_conv + 45),
}

/** (rows, 4·d_model) in the cell's order i, f, z, o. */
const gates = (g: GraphBuilder, p: Params, x: Value, convolved: Value): Value =>
  g.concat([
    g.one('headwise_linear', [convolved, p['fgate.weight']]),
    g.one('headwise_linear', [convolved, p['igate.weight']]),
    g.one('headwise_linear', [x, p['zgate.weight']]),
    g.one('headwise_linear', [x, p['ogate.weight']]),
  ])
