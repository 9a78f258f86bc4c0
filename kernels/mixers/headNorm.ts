import type { GraphBuilder, Value } from '../graph/graph.ts'

/** LayerNorm of each head's columns by itself, scaled by 1 + `weight` (1, columns): package xlstm stores γ − 1 (components/ln.py). */
export function headNorm(g: GraphBuilder, y: Value, weight: Value, heads: number, eps: number): Value {
  const gamma = g.one('add', [weight, g.one('fill', [], { rows: 1, cols: weight.type.cols, value: 1 })])
  return g.one('layer_norm', [y, gamma], { eps, groups: heads, bias: false })
}
