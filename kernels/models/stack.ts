import type { Value } from '../graph/graph.ts'
import type { Backbone } from './backbone.ts'
import { Layer, type LayerConfig, type NormKind } from './layer.ts'

/** Layers one after another, each with its own mixer: a hybrid is a list. Names as in mamba_ssm: layers.0, layers.1, … */
export function stack(
  layers: readonly LayerConfig[],
  { d_model, seqlen, norm }: { d_model: number; seqlen: number; norm: NormKind },
): Backbone {
  const built = layers.map((layer, i) => new Layer(layer, { d_model, n_layer: layers.length, layer: i, seqlen }, norm))
  const prefix = (i: number): string => `layers.${i}.`
  return {
    layers: built.map(({ facts }, i) => ({ prefix: prefix(i), ...facts })),
    params: Object.fromEntries(built.flatMap(({ params }, i) => Object.entries(params).map(([name, spec]) => [prefix(i) + name, spec]))),
    state: built.flatMap(({ state }, i) => Object.entries(state).map(([name, elements]) => ({ name: prefix(i) + name, elements }))),
    forward: (builder, read, x, dims, drop, borders) =>
      built.reduce<Value>((y, layer, i) => layer.forward(builder, (name) => read(prefix(i) + name), y, dims, drop, borders, i), x),
    step: (builder, read, x, state) =>
      built.reduce<Value>((y, layer, i) => {
        const own = Object.fromEntries(Object.keys(layer.state).map((name) => [name, state[prefix(i) + name]]))
        return layer.step(builder, (name) => read(prefix(i) + name), y, own)
      }, x),
    flopsPerToken: () => built.reduce((sum, layer) => sum + layer.flopsPerToken(), 0),
  }
}
