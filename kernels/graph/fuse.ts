import type { OpName } from '../ops/names.ts'
import { elements } from '../tensor/tensor.ts'
import type { Graph, Node, Value } from './graph.ts'

/** Ops that can add a matrix while they write their first output, and the attribute that says so; it is their last input. */
const ADDS_AS: Partial<Record<OpName, string>> = {
  matmul: 'residual',
  headwise_linear: 'addend',
  rms_norm_grad: 'addend',
  layer_norm_grad: 'addend',
}

/**
 * Folds an `add` into the op that made one of its inputs, where that op can add while it writes:
 * a residual connection into `matmul`, the residual's gradient into `rms_norm_grad` and `layer_norm_grad`, gradients of several maps of
 * one value into `headwise_linear`. Each saves one read and one write of an activation.
 * The pair is fused only when nothing else reads the intermediate value.
 */
export function fuse(graph: Graph): Graph {
  const uses = new Map<number, number>()
  const use = (v: Value): void => void uses.set(v.id, (uses.get(v.id) ?? 0) + 1)
  for (const node of graph.nodes) node.inputs.forEach(use)
  for (const store of graph.stores) use(store.value)
  for (const origin of graph.origins.values()) {
    if (origin.kind === 'view') use(origin.base)
    if (origin.kind === 'concat') origin.parts.forEach(use)
  }
  const position = new Map(graph.nodes.map((node, i) => [node, i]))
  const nodes: (Node | null)[] = [...graph.nodes]

  graph.nodes.forEach((sum, i) => {
    if (sum.op !== 'add') return
    for (const waits of [false, true])
      for (const [mine, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const origin = graph.origins.get(sum.inputs[mine].id)!
        if (origin.kind !== 'output' || origin.index !== 0 || uses.get(sum.inputs[mine].id) !== 1) continue
        const producer = origin.node
        const attribute = ADDS_AS[producer.op]
        if (!attribute || producer.attrs[attribute]) continue
        const addend = sum.inputs[other]
        const slot = position.get(producer)!
        if (nodes[slot] !== producer) continue
        if (producedAfter(graph, position, addend, slot) && !(waits && canWait(producer, sum))) continue
        const fused = {
          ...producer,
          attrs: { ...producer.attrs, [attribute]: true },
          inputs: [...producer.inputs, addend],
          outputs: [sum.outputs[0], ...producer.outputs.slice(1)],
        }
        nodes[slot] = nodes[i] = null
        nodes[waits ? i : slot] = fused
        position.set(fused, waits ? i : slot)
        fused.outputs.forEach((o, index) => graph.origins.set(o.id, { kind: 'output', node: fused, index }))
        return
      }
  })

  /** Whether `producer` may run as late as `sum`: in the backward pass, where nothing it reads is overwritten, and where that keeps no more memory. */
  function canWait({ op, inputs, outputs }: Node, sum: Node): boolean {
    return (
      op === 'headwise_linear' &&
      graph.backwardFrom !== null &&
      sum.outputs[0].id >= graph.backwardFrom &&
      elements(inputs[0].type) <= elements(outputs[0].type)
    )
  }
  return { ...graph, nodes: nodes.filter((n) => n !== null) }
}

/** Whether `value` becomes known only at or after node `slot`. */
function producedAfter(graph: Graph, position: Map<Node, number>, value: Value, slot: number): boolean {
  const origin = graph.origins.get(value.id)!
  if (origin.kind === 'external') return false
  if (origin.kind === 'view') return producedAfter(graph, position, origin.base, slot)
  if (origin.kind === 'concat') return origin.parts.some((p) => producedAfter(graph, position, p, slot))
  return position.get(origin.node)! >= slot
}
