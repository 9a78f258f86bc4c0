import type { Graph, Node, Value } from './graph.ts'

/**
 * Folds an `add` into the op that made one of its inputs, where that op can add while it writes:
 * a residual connection into `matmul`, the residual's gradient into `rms_norm_grad` and `layer_norm_grad`. Each saves one read and one write of an activation.
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
    for (const [mine, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const origin = graph.origins.get(sum.inputs[mine].id)!
      if (origin.kind !== 'output' || origin.index !== 0 || uses.get(sum.inputs[mine].id) !== 1) continue
      const producer = origin.node
      const addend = sum.inputs[other]
      const slot = position.get(producer)!
      if (nodes[slot] !== producer || producedAfter(graph, position, addend, slot)) continue
      if (producer.op === 'matmul' && !producer.attrs.residual) {
        replace(slot, i, {
          ...producer,
          attrs: { ...producer.attrs, residual: true },
          inputs: [...producer.inputs, addend],
          outputs: [sum.outputs[0]],
        })
        return
      }
      if ((producer.op === 'rms_norm_grad' || producer.op === 'layer_norm_grad') && !producer.attrs.addend) {
        replace(slot, i, {
          ...producer,
          attrs: { ...producer.attrs, addend: true },
          inputs: [...producer.inputs, addend],
          outputs: [sum.outputs[0], ...producer.outputs.slice(1)],
        })
        return
      }
    }
  })

  function replace(slot: number, sumSlot: number, fused: Node): void {
    nodes[slot] = fused
    nodes[sumSlot] = null
    position.set(fused, slot)
    fused.outputs.forEach((o, index) => graph.origins.set(o.id, { kind: 'output', node: fused, index }))
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
