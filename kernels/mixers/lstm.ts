import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { LSTM_GATES } from '../ops/lstm/lstm.ts'
import { MAX_HEAD } from '../ops/recurrent/cell.ts'
import { type Initialiser, uniform } from './initialise.ts'
import { linear } from './linear.ts'
import type { Mixer, Params, ParamSpec } from './mixer.ts'
import { constants, within } from './packed.ts'

/** A gate's input that no weight outweighs. */
export const SHUT = 1e4

export interface RnnConfig {
  d_model: number
}
export const rnnSchema = z.object({})

/** Parameters and sizes of torch.nn's one-layer recurrent modules, U(±1/√hidden) throughout. */
export const rnnParams = (gates: number, { d_model }: RnnConfig): Record<string, ParamSpec> => {
  const init = uniform(1 / Math.sqrt(d_model))
  return {
    weight_ih_l0: { shape: [gates * d_model, d_model], init, decay: true },
    weight_hh_l0: { shape: [gates * d_model, d_model], init, decay: true },
    bias_ih_l0: { shape: [gates * d_model], init, decay: false },
    bias_hh_l0: { shape: [gates * d_model], init, decay: false },
  }
}
export function rnnConfig(name: string, options: Record<string, unknown>, d_model: number): RnnConfig {
  rnnSchema.parse(options)
  if (d_model > MAX_HEAD) throw new Error(`${name}: d_model ${d_model} is more than the ${MAX_HEAD} a dense recurrence can have`)
  return { d_model }
}
/** Inputs of the cell: Wx, R as one head, the recurrent bias. */
export const rnnInputs = (g: GraphBuilder, p: Params, x: Value): Value[] => {
  const { rows, cols } = p.weight_hh_l0.type
  return [linear(g, x, p.weight_ih_l0, p.bias_ih_l0), g.reshape(p.weight_hh_l0, 1, rows * cols), p.bias_hh_l0]
}

const schema = z.object({
  forget_bias: z
    .number()
    .min(-20)
    .max(20)
    .default(0)
    .describe('Added to the bias of the forget gate at the start; 1 keeps memory from fading at first (Jozefowicz et al. 2015)'),
})

export interface LstmConfig extends RnnConfig {
  forget_bias: number
}

/** The gates lie one after the other: input, forget, candidate, output. */
const raised =
  (init: Initialiser, { d_model, forget_bias }: LstmConfig): Initialiser =>
  (out, stream, shape) => {
    init(out, stream, shape)
    for (let i = d_model; i < 2 * d_model; i++) out[i] += forget_bias
  }

/**
 * LSTM mixer (Hochreiter & Schmidhuber 1997) with hidden size d_model: one layer of torch.nn.LSTM, names and initialisation as there.
 * State per sequence: lstm (2·d_model) = h, c, zero before t = 0.
 */
export const lstm: Mixer<LstmConfig> = {
  name: 'lstm',
  title: 'LSTM',
  citation: 'Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735',
  causal: true,
  schema,
  resolve: ({ forget_bias, ...rest }, { d_model }) => ({ ...schema.parse({ forget_bias }), ...rnnConfig('lstm', rest, d_model) }),
  params: (c) => {
    const all = rnnParams(LSTM_GATES, c)
    return { ...all, bias_ih_l0: { ...all.bias_ih_l0, init: raised(all.bias_ih_l0.init, c) } }
  },
  gap: () => 1,
  forward(g, p, x, { d_model: d }, dims, { packed } = {}) {
    const [Wx, ...rest] = rnnInputs(g, p, x)
    // input, forget and output gates shut: c and h are 0
    const shut = packed && constants(g, [2 * d, -SHUT], [d, 0], [d, -SHUT])
    return g.one('lstm', [within(g, Wx, packed, shut), ...rest], dims)
  },
  state: (c) => ({ lstm: 2 * c.d_model }),
  step: (g, p, x, state) => g.one('lstm_step', [...rnnInputs(g, p, x), state.lstm]),
  flopsPerToken: ({ d_model }) => d_model * (4 * LSTM_GATES * d_model + 20),
}
