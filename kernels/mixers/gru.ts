import { GRU_GATES } from '../ops/gru/gru.ts'
import { type RnnConfig, rnnConfig, rnnInputs, rnnParams, rnnSchema, SHUT } from './lstm.ts'
import type { Mixer } from './mixer.ts'
import { constants, within } from './packed.ts'

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
  gap: () => 1,
  forward(g, p, x, { d_model: d }, dims, { packed } = {}) {
    const [Wx, ...rest] = rnnInputs(g, p, x)
    // reset and update gates shut, no candidate: h is 0
    const shut = packed && constants(g, [2 * d, -SHUT], [d, 0])
    return g.one('gru', [within(g, Wx, packed, shut), ...rest], dims)
  },
  state: (c) => ({ gru: c.d_model }),
  step: (g, p, x, state) => g.one('gru_step', [...rnnInputs(g, p, x), state.gru]),
  flopsPerToken: ({ d_model }) => d_model * (4 * GRU_GATES * d_model + 15),
}
