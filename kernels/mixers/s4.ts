import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { fftSize } from '../ops/fft_conv/fft_conv.ts'
import { hippoLegs } from './hippo.ts'
import { constant, fanIn, type Initialiser, logUniform, normal, requireSteps, uniform } from './initialise.ts'
import type { Mixer, Params } from './mixer.ts'
import { apart, copied, through } from './packed.ts'
import { gatedOutput } from './s4d.ts'

const schema = z.object({
  d_state: z
    .int()
    .min(2)
    .max(256)
    .multipleOf(2)
    .default(64)
    .describe('State size N of each channel; complex states come as N/2 conjugate pairs'),
  dt_min: z.number().positive().max(1).default(1e-3).describe('Smallest step Δ at the start; memory reaches about 2/Δ positions'),
  dt_max: z.number().positive().max(10).default(1e-1).describe('Largest step Δ at the start'),
})

export interface S4Config {
  d_model: number
  /** Of a training window: only what it costs depends on it. */
  seqlen: number
  d_state: number
  dt_min: number
  dt_max: number
}

/** HiPPO-LegS; A has −i·A_imag, so what belongs to the modes above the axis is conjugated. */
const hippo =
  (N: number, part: 'imag' | 'P' | 'B'): Initialiser =>
  (out) => {
    const modes = hippoLegs(N)
    out.forEach((_, i) => {
      if (part === 'imag') out[i] = modes.imag[i % (N / 2)]
      else {
        const n = Math.floor(i / 2) % (N / 2)
        out[i] = i % 2 ? -modes[part].im[n] : modes[part].re[n]
      }
    })
  }

/**
 * S4: per channel a state space that starts as HiPPO-LegS, diagonal plus rank one and kept stable (A = Λ − P P*), run as one long convolution;
 * GELU and a gated linear layer after it (Gu, Goel & Ré 2022, arXiv:2111.00396; the stable form: Goel et al. 2022, arXiv:2202.09729, §4.1).
 * Causal. State per sequence: ssm (d_model·d_state), zero before t = 0. Official implementation: state-spaces/s4, models/s4/s4.py (version 4),
 * whose C is stored multiplied by 1 − Ā^l for one kernel length l; here it is C itself.
 */
export const s4: Mixer<S4Config> = {
  name: 's4',
  title: 'S4 (diagonal plus low rank)',
  citation: 'Gu, Goel & Ré 2022, arXiv:2111.00396',
  causal: true,
  spreadsRounding: true,
  schema,
  resolve(options, { d_model, seqlen }) {
    const config = { d_model, seqlen, ...schema.parse(options) }
    requireSteps('s4', config)
    return config
  },
  params: (c) => {
    const [H, N] = [c.d_model, c.d_state / 2]
    return {
      'layer.D': { shape: [1, H], init: normal(1), decay: true },
      'layer.kernel.inv_dt': { shape: [H, 1], init: logUniform(c.dt_min, c.dt_max), decay: false, slow: true },
      'layer.kernel.A_real': { shape: [H, N], init: constant(Math.log(0.5)), decay: false, slow: true },
      'layer.kernel.A_imag': { shape: [H, N], init: hippo(c.d_state, 'imag'), decay: false, slow: true },
      'layer.kernel.B': { shape: [1, H, N, 2], init: hippo(c.d_state, 'B'), decay: false, slow: true },
      'layer.kernel.C': { shape: [1, H, N, 2], init: normal(Math.SQRT1_2), decay: true },
      'layer.kernel.P': { shape: [1, H, N, 2], init: hippo(c.d_state, 'P'), decay: false, slow: true },
      'output_linear.0.weight': { shape: [2 * H, H], init: fanIn(), decay: true },
      'output_linear.0.bias': { shape: [2 * H], init: uniform(1 / Math.sqrt(H)), decay: false },
    }
  },
  matrices: (c) => c.d_model,
  gap: () => 0,
  forward(g, p, x, c, dims, { packed, tap } = {}) {
    const [kernel] = g.apply('dplr_kernel', stateSpace(g, p, c), { lags: dims.seqlen }) // (L, d_model)
    const D = p['layer.D']
    const convolve = (u: Value, copies = 1): Value => {
      const kernels = copies > 1 ? g.concat(Array.from({ length: copies }, () => kernel)) : kernel
      return g.one('fft_conv', [u, kernels, copies > 1 ? copied(g, D, c.d_model, copies) : D], dims)
    }
    const y = through(tap, x, (u) => (packed ? apart(g, u, packed, convolve) : convolve(u))) // (B·L, d_model)
    return gatedOutput(g, p, y, c.d_model)
  },
  state: (c) => ({ ssm: c.d_model * c.d_state }),
  step(g, p, x, state, c) {
    const [y] = g.apply('dplr_step', [x, ...stateSpace(g, p, c), p['layer.D'], state.ssm]) // (B, d_model)
    return gatedOutput(g, p, y, c.d_model)
  },
  // the kernel is made once a batch, which is left out
  flopsPerToken: (c) => c.d_model * (4 * c.d_model + 24 + transformsPerToken(c.seqlen)),
}

/** Of a channel: the transform of two sequences at once and back, for one position of one of them. */
export const transformsPerToken = (seqlen: number): number => (5 * fftSize(seqlen) * Math.log2(fftSize(seqlen))) / seqlen

const stateSpace = (g: GraphBuilder, p: Params, { d_model: H, d_state: N }: S4Config): Value[] => [
  g.reshape(p['layer.kernel.inv_dt'], 1, H),
  p['layer.kernel.A_real'],
  p['layer.kernel.A_imag'],
  ...['B', 'C', 'P'].map((name) => g.reshape(p[`layer.kernel.${name}`], H, N)),
]
