import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { constant, fanIn, type Initialiser, logUniform, normal, uniform } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer, Params, Tap } from './mixer.ts'
import { apart, copied, through, within } from './packed.ts'

const schema = z.object({
  d_state: z.int().min(2).max(256).multipleOf(2).default(64).describe('State size of the diagonal memory of each channel (§3.1)'),
  d_shift: z.int().min(1).max(16).default(4).describe('Positions that the shift memory reaches back, this one included (§3.1)'),
})

export interface H3Config {
  d_model: number
  d_state: number
  d_shift: number
}

const frequencies: Initialiser = (out, _stream, [, modes]) => out.forEach((_, i) => (out[i] = Math.PI * (i % modes)))

/**
 * H3 with one channel a head (Fu et al. 2023, arXiv:2212.14052, §3.1): q ⊙ SSM_diag(SSM_shift(k) ⊙ v). The shift memory lets a key meet the
 * value after it; the diagonal one (here S4D-Lin) keeps what they made until a query asks. Causal.
 * State per sequence: keys (d_model·(d_shift − 1)) last keys, ssm (d_model·d_state), zero before t = 0.
 * Official implementation: HazyResearch/H3, src/models/ssm/h3.py, after which the parameters are named.
 */
export const h3: Mixer<H3Config> = {
  name: 'h3',
  title: 'H3 (gated state spaces)',
  citation: 'Fu et al. 2023, arXiv:2212.14052',
  causal: true,
  mlp: { kind: 'gelu', ratio: 4 },
  schema,
  resolve: (options, { d_model }) => ({ d_model, ...schema.parse(options) }),
  params: ({ d_model: H, d_state, d_shift }) => {
    const modes = d_state / 2
    const bias = { shape: [H], init: uniform(1 / Math.sqrt(H)), decay: false }
    const projections = ['q_proj', 'k_proj', 'v_proj', 'output_linear'].flatMap((name) => [
      [`${name}.weight`, { shape: [H, H], init: fanIn(), decay: true }],
      [`${name}.bias`, bias],
    ])
    return {
      ...Object.fromEntries(projections),
      'ssm_k_kernel.C': { shape: [d_shift, H], init: normal(1 / Math.sqrt(d_shift)), decay: true },
      ssm_k_D: { shape: [H], init: normal(1), decay: true },
      'kernel.C': { shape: [H, modes, 2], init: normal(Math.SQRT1_2), decay: true },
      'kernel.log_dt': { shape: [H], init: logUniform(1e-3, 1e-1), decay: false, slow: true },
      'kernel.log_A_real': { shape: [H, modes], init: constant(Math.log(0.5)), decay: false, slow: true },
      'kernel.A_imag': { shape: [H, modes], init: frequencies, decay: false, slow: true },
      D: { shape: [H], init: normal(1), decay: true },
    }
  },
  matrices: (c) => c.d_model,
  gap: (c) => c.d_shift - 1,
  forward(g, p, x, c, { batch, seqlen }, { packed, tap } = {}) {
    const k = within(g, linear(g, x, p['k_proj.weight'], p['k_proj.bias']), packed)
    const past = Array.from({ length: c.d_shift }, (_, shift) =>
      shift === 0 ? k : g.one('shift_rows', [k], { batch, from: seqlen, to: seqlen, shift }),
    )
    const scan = (kv: Value, copies = 1): Value => {
      const parameters = copies > 1 ? memory(p).map((one) => copied(g, one, c.d_model, copies)) : memory(p)
      return g.one('diagonal_scan', [kv, ...parameters], { batch, seqlen, real: false })
    }
    return around(g, p, x, shifted(g, p, past), (kv) => (packed ? apart(g, kv, packed, scan) : scan(kv)), tap)
  },
  state: ({ d_model, d_state, d_shift }) => ({ ...(d_shift > 1 ? { keys: d_model * (d_shift - 1) } : {}), ssm: d_model * d_state }),
  step(g, p, x, state, c) {
    const k = linear(g, x, p['k_proj.weight'], p['k_proj.bias'])
    const window = c.d_shift > 1 ? g.apply('window_step', [k, state.keys])[0] : k
    const past = g
      .split(
        window,
        Array.from({ length: c.d_shift }, () => c.d_model),
      )
      .reverse()
    const [C, D, ...modes] = ['kernel.C', 'D', 'kernel.log_dt', 'kernel.log_A_real', 'kernel.A_imag'].map((name) => p[name])
    return around(
      g,
      p,
      x,
      shifted(g, p, past),
      (kv) => g.apply('diagonal_scan_step', [kv, modes[0], modes[1], C, D, state.ssm, modes[2]], { real: false })[0],
    )
  },
  flopsPerToken: (c) => c.d_model * (8 * c.d_model + 2 * c.d_shift + 4 * c.d_state + 40),
}

const memory = (p: Params): Value[] => ['kernel.log_dt', 'kernel.log_A_real', 'kernel.C', 'D', 'kernel.A_imag'].map((name) => p[name])

/** Σ_s C_s ⊙ k_{t−s} + D ⊙ k_t: the shift memory. `past` holds k of this position, of the one before, … */
function shifted(g: GraphBuilder, p: Params, past: readonly Value[]): Value {
  let y = g.one('channel_scale', [past[0], p.ssm_k_D])
  past.forEach((k, s) => (y = g.one('channel_scale', [k, g.everyRow(p['ssm_k_kernel.C'], s, past.length), y], { addend: true })))
  return y
}

function around(g: GraphBuilder, p: Params, x: Value, k: Value, remember: (kv: Value) => Value, tap?: Tap): Value {
  const [q, v] = ['q_proj', 'v_proj'].map((name) => linear(g, x, p[`${name}.weight`], p[`${name}.bias`]))
  const y = through(tap, v, (own) => g.one('mul', [q, remember(g.one('mul', [k, own]))]))
  return linear(g, y, p['output_linear.weight'], p['output_linear.bias'])
}
