import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { constant, fanIn } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer, Params, ParamSpec } from './mixer.ts'
import { coded, through, uncoded } from './packed.ts'

const schema = z.object({
  n_heads: z.int().min(1).max(256).default(4).describe('Heads, each with a softmax of its own (Vaswani et al. 2017, §3.2.2)'),
  n_kv_heads: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Key and value heads, each shared by n_heads / n_kv_heads query heads; all when left out (Ainslie et al. 2023)'),
  head_dim: z.int().min(1).max(128).optional().describe('Columns of a head; d_model / n_heads when left out'),
  window: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe('Local attention: a position sees those less than so many places away, itself among them; 0 sees all (Beltagy et al. 2020)'),
  rotary_dim: z
    .int()
    .min(0)
    .max(128)
    .optional()
    .describe(
      'Columns of a head turned by the rotary position embedding, an even number; all when left out, 0 for no positions (Su et al. 2021)',
    ),
  rotary_base: z.number().min(10).max(1e8).default(10_000).describe('Base of the rotary frequencies (Su et al. 2021, §3.2.2)'),
  bias: z.boolean().default(false).describe('Biases in the two projections'),
})

export interface AttentionConfig {
  d_model: number
  heads: number
  kv_heads: number
  head_dim: number
  window: number
  rotary_dim: number
  base: number
  bias: boolean
  causal: boolean
  /** Positions the ring of keys holds when stepping: the window, or the training window where a position sees all. */
  capacity: number
  n_layer: number
}

/** q with k and v side by side after the projection and the turning, split: (R, heads·head_dim), then k and v (R, kv_heads·head_dim). */
function project(g: GraphBuilder, p: Params, x: Value, c: AttentionConfig, seqlen: number, position?: Value): Value[] {
  let qkv = linear(g, x, p['in_proj.weight'], p['in_proj.bias'])
  if (c.rotary_dim) {
    const turn = { heads: c.heads + c.kv_heads, head_dim: c.head_dim, rotary_dim: c.rotary_dim, base: c.base, inverse: false, seqlen }
    qkv = g.one('rope', position ? [qkv, position] : [qkv], { ...turn, positions: !!position })
  }
  return g.split(
    qkv,
    [c.heads, c.kv_heads, c.kv_heads].map((n) => n * c.head_dim),
  )
}

/**
 * Multi-head attention (Vaswani et al. 2017, arXiv:1706.03762, §3.2.2) with rotary positions (Su et al. 2021, arXiv:2104.09864),
 * grouped queries (Ainslie et al. 2023, arXiv:2305.13245) and a local window (Beltagy et al. 2020, arXiv:2004.05150).
 * State per sequence: keys and values (capacity·kv_heads·head_dim), rings of the last positions, and position, how many there were.
 * Past a full ring a step sees the last `capacity` positions; positions are counted exactly to 2^24.
 * Official implementation of the names and of the initialisation: mamba_ssm/modules/mha.py and models/mixer_seq_simple.py (weights as
 * PyTorch's Linear, biases zero, out_proj scaled by 1/√n_layer); in_proj holds q, k, v in this order.
 */
const attentionMixer = (name: string, title: string, causal: boolean): Mixer<AttentionConfig> => ({
  name,
  title,
  citation: 'Vaswani et al. 2017, arXiv:1706.03762; Su et al. 2021, arXiv:2104.09864; Ainslie et al. 2023, arXiv:2305.13245',
  causal,
  mlp: { kind: 'gelu', ratio: 4 },
  schema,
  resolve(options, { d_model, n_layer, seqlen }) {
    const { n_heads: heads, n_kv_heads: kv_heads = heads, window, rotary_base: base, bias, ...rest } = schema.parse(options)
    if (rest.head_dim === undefined && d_model % heads !== 0)
      throw new Error(`${name}: d_model ${d_model} cannot be cut into ${heads} equal heads; choose another n_heads, or give head_dim`)
    const head_dim = rest.head_dim ?? d_model / heads
    if (head_dim > 128) throw new Error(`${name}: a head would have ${head_dim} columns, at most 128 are possible; raise n_heads`)
    if (heads % kv_heads !== 0) throw new Error(`${name}: n_heads ${heads} must be a multiple of n_kv_heads ${kv_heads}`)
    const rotary_dim = rest.rotary_dim ?? head_dim - (head_dim % 2)
    if (rotary_dim % 2 !== 0 || rotary_dim > head_dim)
      throw new Error(`${name}: rotary_dim ${rotary_dim} must be even and at most the ${head_dim} columns of a head`)
    return { d_model, heads, kv_heads, head_dim, window, rotary_dim, base, bias, causal, capacity: window || seqlen, n_layer }
  },
  params(c) {
    const [inside, rows] = [c.heads * c.head_dim, (c.heads + 2 * c.kv_heads) * c.head_dim]
    const specs: Record<string, ParamSpec> = {
      'in_proj.weight': { shape: [rows, c.d_model], init: fanIn(), decay: true },
      'out_proj.weight': { shape: [c.d_model, inside], init: fanIn(1 / Math.sqrt(c.n_layer)), decay: true },
    }
    if (c.bias) {
      specs['in_proj.bias'] = { shape: [rows], init: constant(0), decay: false }
      specs['out_proj.bias'] = { shape: [c.d_model], init: constant(0), decay: false }
    }
    return specs
  },
  matrices: (c) => c.heads,
  gap: () => 0,
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const { heads, kv_heads, window, causal } = c
    const [q, k, v] = project(g, p, x, c, dims.seqlen)
    const o = through(tap, v, (own) => {
      const [seen] = g.apply('attention', coded(g, [q, k, own], c, packed), {
        batch: dims.batch,
        seqlen: dims.seqlen,
        heads,
        kv_heads,
        window,
        causal,
      })
      return uncoded(g, seen, c, packed)
    })
    return linear(g, o, p['out_proj.weight'], p['out_proj.bias']) // (B·L, d_model)
  },
  state(c): Record<string, number> {
    const ring = c.capacity * c.kv_heads * c.head_dim
    return causal ? { keys: ring, values: ring, position: 1 } : {}
  },
  step(g, p, x, state, c) {
    if (!causal) throw new Error(`${name} reads a sequence from both sides, so it has no single steps`)
    const [q, k, v] = project(g, p, x, c, 1, state.position)
    const [y] = g.apply('attention_step', [q, k, v, state.keys, state.values, state.position], { heads: c.heads, kv_heads: c.kv_heads })
    return linear(g, y, p['out_proj.weight'], p['out_proj.bias']) // (B, d_model)
  },
  flopsPerToken(c) {
    // Positions seen: half of all on average where those before are, the windows of both sides where there is no direction.
    const seen = c.window ? c.window * (causal ? 1 : 2) : causal ? (c.capacity + 1) / 2 : c.capacity
    return 2 * c.head_dim * (c.d_model * (2 * c.heads + 2 * c.kv_heads) + 2 * c.heads * seen)
  },
})

export const attention = attentionMixer('attention', 'Attention', true)
/** The same without a direction, for objectives that hide tokens and for labels: a position sees both sides, in a window |i − j| < window. */
export const full_attention = attentionMixer('full_attention', 'Attention, both sides', false)
