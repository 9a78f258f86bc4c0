import { GRU_GATES } from '../ops/gru/gru.ts'
import { type RnnConfig, rnnConfig, rnnInputs, rnnParams, rnnSchema } from './lstm.ts'
import type { Mixer } from './mixer.ts'

/**
 * GRU mixer (Cho et al. 2014, arXiv:1406.1078) with hidden size d_model: one layer of torch.nn.GRU, names, initialisation and the place of
 * the reset gate as there. State per sequence: gru (d_model) = h, zero before t = 0.
 */
export const gru: Mixer<RnnConfig> = {
  name: 'gru',
  title: 'GRU',
  citation: 'Cho et al. 2014, arXiv:1406.1078',
  causal: true,
  schema: rnnSchema,
  resolve: (options, { d_model }) => rnnConfig('gru', options, d_model),
  params: (c) => rnnParams(GRU_GATES, c),
  forward: (g, p, x, _c, dims) => g.one('gru', rnnInputs(g, p, x), dims),
  state: (c) => ({ gru: c.d_model }),
  step: (g, p, x, state) => g.one('gru_step', [...rnnInputs(g, p, x), state.gru]),
  flopsPerToken: ({ d_model }) => d_model * (4 * GRU_GATES * d_model + 15),
}
