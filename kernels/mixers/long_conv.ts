import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import { fanIn, type Initialiser, normal, uniform } from './initialise.ts'
import type { Mixer, Params } from './mixer.ts'
import { apart, copied, through } from './packed.ts'
import { transformsPerToken } from './s4.ts'
import { gatedOutput } from './s4d.ts'

const schema = z.object({
  l_max: z
    .int()
    .min(1)
    .max(131072)
    .optional()
    .describe('Positions the kernel reaches back, this one included; the training window when left out (Fu et al. 2023, §3)'),
  lam: z
    .number()
    .min(0)
    .max(1)
    .default(0.003)
    .describe('Squash: weights of the kernel within ± this are zero, others come so much nearer to it; 0 leaves them as they are (§3)'),
})

export interface LongConvConfig {
  d_model: number
  l_max: number
  lam: number
}

/** Gaussian of 0.02 under e^(−(l / l_max)·(H/2)^(h/H)): late channels forget sooner ("double_exp" of the official implementation). */
const decaying: Initialiser = (out, stream, [, H, L]) =>
  out.forEach((_, i) => {
    const [h, l] = [Math.floor(i / L), i % L]
    out[i] = 0.02 * stream.normal() * Math.exp((-l / L) * Math.max(1, Math.floor(H / 2)) ** (h / H))
  })

/** The kernel (l_max, d_model) after the squash: sign(k) · max(|k| − λ, 0). */
function squashed(g: GraphBuilder, p: Params, { d_model: H, l_max: L, lam }: LongConvConfig): Value {
  const kernel = g.reshape(g.one('swap_axes', [p['kernel.kernel']], { a: H, b: L, inner: 1 }), L, H)
  if (lam === 0) return kernel
  const scaled = (x: Value, value: number): Value => g.one('channel_scale', [x, g.one('fill', [], { rows: 1, cols: H, value })])
  const above = (x: Value): Value =>
    g.one('activation', [g.one('add', [x, g.one('fill', [], { rows: L, cols: H, value: -lam })])], { kind: ACTIVATIONS.relu })
  return g.one('add', [above(kernel), scaled(above(scaled(kernel, -1)), -1)])
}

/**
 * Long convolution: every channel has a kernel as long as the training window whose weights are learned one by one, kept small by a squash; GELU
 * and a gated linear layer after it (Fu et al. 2023, arXiv:2302.06646, §3). Causal. A step goes over all it remembers, as attention's does.
 * State per sequence: inputs (d_model·(l_max − 1)) last inputs, zero before t = 0.
 * Official implementation of the names: HazyResearch/safari, src/models/sequence/long_conv.py.
 */
export const long_conv: Mixer<LongConvConfig> = {
  name: 'long_conv',
  title: 'Long convolution',
  citation: 'Fu et al. 2023, arXiv:2302.06646',
  causal: true,
  spreadsRounding: true,
  schema,
  resolve(options, { d_model, seqlen }) {
    const { l_max = seqlen, lam } = schema.parse(options)
    return { d_model, l_max, lam }
  },
  params: ({ d_model: H, l_max }) => ({
    D: { shape: [1, H], init: normal(1), decay: true },
    'kernel.kernel': { shape: [1, H, l_max], init: decaying, decay: false },
    'output_linear.0.weight': { shape: [2 * H, H], init: fanIn(), decay: true },
    'output_linear.0.bias': { shape: [2 * H], init: uniform(1 / Math.sqrt(H)), decay: false },
  }),
  matrices: (c) => c.d_model,
  gap: () => 0,
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const kernel = squashed(g, p, c)
    const convolve = (u: Value, copies = 1): Value => {
      const kernels = copies > 1 ? g.concat(Array.from({ length: copies }, () => kernel)) : kernel
      return g.one('fft_conv', [u, kernels, copies > 1 ? copied(g, p.D, c.d_model, copies) : p.D], dims)
    }
    const y = through(tap, x, (u) => (packed ? apart(g, u, packed, convolve) : convolve(u))) // (B·L, d_model)
    return gatedOutput(g, p, y, c.d_model)
  },
  state: ({ d_model, l_max }): Record<string, number> => (l_max > 1 ? { inputs: d_model * (l_max - 1) } : {}),
  step(g, p, x, state, c) {
    const { d_model: H, l_max: L } = c
    const batch = x.type.rows
    const window = L > 1 ? g.apply('window_step', [x, state.inputs])[0] : x // (B, l_max·d_model), oldest first
    const weights = g.reshape(g.one('reverse', [squashed(g, p, c)], { batch: 1, seqlen: L }), 1, L * H)
    const products = g.reshape(g.one('channel_scale', [window, weights]), batch * L, H)
    const mean = g.one('mean_pool', [products], { batch, seqlen: L })
    const sum = g.one('channel_scale', [mean, g.one('fill', [], { rows: 1, cols: H, value: L })])
    return gatedOutput(g, p, g.one('channel_scale', [x, p.D, sum], { addend: true }), H)
  },
  flopsPerToken: (c) => c.d_model * (4 * c.d_model + 24 + transformsPerToken(c.l_max)),
}
