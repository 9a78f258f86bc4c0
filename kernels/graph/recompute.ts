import type { OpName } from '../ops/names.ts'
import { elements } from '../tensor/tensor.ts'
import type { Graph, Node, Value } from './graph.ts'

/**
 * What the backward pass computes again instead of keeping it from the forward pass. none: nothing. light: results of cheap ops whose
 * inputs are kept anyway. full: everything but what the layers read, so that one layer's activations are there at a time, for about a
 * third more arithmetic (Chen et al. 2016, arXiv:1604.06174, with a layer as the segment).
 */
export type Recompute = (typeof recomputeLevels)[number]
export const recomputeLevels = ['none', 'light', 'full'] as const

/** Ops that move about as many bytes as they take to compute: elementwise, norms, short convolutions, moves. */
const CHEAP: ReadonlySet<OpName> = new Set<OpName>([
  'activation',
  'add',
  'channel_scale',
  'conv1d_silu',
  'copy',
  'dropout',
  'fill',
  'glu',
  'layer_norm',
  'mul',
  'neg_exp',
  'reverse',
  'rms_norm',
  'rope',
  'scatter_rows',
  'shift_rows',
  'skip_gate',
  'soft_cap',
  'swap_axes',
])

/**
 * `graph` with the forward ops that `level` names repeated in the backward pass, each just before the first op there that reads it, and
 * read there instead of the first result. The same ops on the same values: gradients are the same to the bit.
 */
export function recompute(graph: Graph, level: Recompute): Graph {
  const { backwardFrom } = graph
  if (level === 'none' || backwardFrom === null) return graph
  const isForward = (node: Node): boolean => node.outputs[0].id < backwardFrom
  const forward = graph.nodes.filter(isForward)
  const again = level === 'full' ? betweenCheckpoints(graph, forward) : cheapOnes(graph, forward)

  const origins = new Map(graph.origins)
  const repeatedFrom = Math.max(...origins.keys()) + 1
  let next = repeatedFrom
  const seconds = new Map<number, Value>()
  const nodes: Node[] = []
  const second = (value: Value): Value => {
    const known = seconds.get(value.id)
    if (known) return known
    const origin = graph.origins.get(value.id)!
    let result = value
    const view = (made: typeof origin): Value => {
      const copy = { id: next++, type: value.type }
      origins.set(copy.id, made)
      return copy
    }
    if (origin.kind === 'output' && again.has(origin.node)) {
      repeat(origin.node)
      return seconds.get(value.id)!
    }
    if (origin.kind === 'view') {
      const base = second(origin.base)
      if (base !== origin.base) result = view({ ...origin, base })
    } else if (origin.kind === 'concat') {
      const parts = origin.parts.map(second)
      if (parts.some((part, i) => part !== origin.parts[i])) result = view({ kind: 'concat', parts })
    }
    seconds.set(value.id, result)
    return result
  }
  const place = (node: Node, inputs: readonly Value[], outputs: readonly Value[]): void => {
    const placed: Node = { ...node, inputs, outputs }
    nodes.push(placed)
    outputs.forEach((value, index) => origins.set(value.id, { kind: 'output', node: placed, index }))
  }
  const repeat = (node: Node): void => {
    const inputs = node.inputs.map(second)
    const outputs = node.outputs.map(({ type }) => ({ id: next++, type }))
    place(node, inputs, outputs)
    node.outputs.forEach((value, i) => seconds.set(value.id, outputs[i]))
  }
  for (const node of graph.nodes) {
    if (isForward(node)) nodes.push(node)
    else place(node, node.inputs.map(second), node.outputs)
  }
  return { ...graph, nodes, origins, repeatedFrom }
}

/** The ops a value comes from, through views and concats; none for what the caller owns. */
export function producers(graph: Graph, value: Value): Node[] {
  const origin = graph.origins.get(value.id)!
  if (origin.kind === 'external') return []
  if (origin.kind === 'output') return [origin.node]
  return origin.kind === 'view' ? producers(graph, origin.base) : origin.parts.flatMap((part) => producers(graph, part))
}

/** All but the ops that make a layer's input, and those behind the last of them (head and loss): the backward pass begins there. */
function betweenCheckpoints(graph: Graph, forward: readonly Node[]): Set<Node> {
  const kept = new Set(graph.checkpoints.flatMap((value) => producers(graph, value)))
  const last = forward.findLastIndex((node) => kept.has(node))
  return new Set(forward.slice(0, last).filter((node) => !kept.has(node)))
}

/** Cheap ops whose results the backward pass reads, where repeating them keeps fewer elements than it frees. */
function cheapOnes(graph: Graph, forward: readonly Node[]): Set<Node> {
  const first = new Set(forward)
  const readers = graph.nodes.filter((node) => !first.has(node))
  const kept = new Set(readers.flatMap((node) => node.inputs.flatMap((value) => producers(graph, value))).filter((node) => first.has(node)))
  const again = new Set<Node>()
  const size = (node: Node): number => node.outputs.reduce((sum, { type }) => sum + elements(type), 0)
  for (const node of forward) {
    if (!kept.has(node) || !CHEAP.has(node.op)) continue
    const missing = new Set(node.inputs.flatMap((value) => producers(graph, value)).filter((made) => !kept.has(made)))
    if ([...missing].reduce((sum, made) => sum + size(made), 0) >= size(node)) continue
    again.add(node)
    missing.forEach((made) => kept.add(made))
  }
  return again
}
