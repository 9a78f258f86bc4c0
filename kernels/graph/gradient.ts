import { ops } from '../ops/registry.ts'
import type { GraphBuilder, Node, Value } from './graph.ts'

/**
 * Appends the reverse-mode gradient of Σ ⟨grad, value⟩ over `seeds` with respect to each of `wanted` and returns those values,
 * undefined where nothing depends on it. For a loss the seed is `{ value: loss, grad: one(builder) }`.
 * Ops' own gradient rules do the calculus; this only walks the graph backwards and adds up what arrives at a value used more than once.
 */
export function gradient(
  builder: GraphBuilder,
  seeds: readonly { value: Value; grad: Value }[],
  wanted: readonly Value[],
): (Value | undefined)[] {
  const { graph } = builder
  builder.beginBackward()
  const forward = [...graph.nodes]
  const arrived = new Map<number, Value>()
  const add = (value: Value, grad: Value | undefined): void => {
    if (!grad) return
    const before = arrived.get(value.id)
    arrived.set(value.id, before ? builder.one('add', [before, grad]) : grad)
  }
  // Parts of one base (split views) wait until all have arrived, then become one concat: their ops write straight into its columns.
  const parts = new Map<number, { base: Value; columns: Map<number, Value> }>()
  const settleParts = (base: Value): void => {
    const waiting = parts.get(base.id)
    if (!waiting) return
    parts.delete(base.id)
    const pieces: Value[] = []
    let column = 0
    for (const start of [...waiting.columns.keys()].sort((a, b) => a - b)) {
      const piece = waiting.columns.get(start)!
      if (start > column) pieces.push(builder.one('fill', [], { rows: base.type.rows, cols: start - column, value: 0 }))
      pieces.push(piece)
      column = start + piece.type.cols
    }
    if (column < base.type.cols) pieces.push(builder.one('fill', [], { rows: base.type.rows, cols: base.type.cols - column, value: 0 }))
    receive(base, pieces.length === 1 ? pieces[0] : builder.concat(pieces))
  }
  const receive = (value: Value, grad: Value | undefined): void => {
    if (!grad) return
    const origin = graph.origins.get(value.id)!
    if (origin.kind === 'view') {
      const { base, view } = origin
      if ('reshape' in view) return receive(base, builder.reshape(grad, base.type.rows, base.type.cols))
      if ('columns' in view) {
        const waiting = parts.get(base.id) ?? { base, columns: new Map<number, Value>() }
        parts.set(base.id, waiting)
        const before = waiting.columns.get(view.columns)
        waiting.columns.set(view.columns, before ? builder.one('add', [before, grad]) : grad)
        return
      }
      return receive(base, builder.one('scatter_rows', [grad], { rows: base.type.rows, firstRow: view.firstRow, rowStep: view.rowStep }))
    }
    if (origin.kind === 'concat' && !joined.has(value)) {
      joined.add(value)
      add(value, takenFrom(origin.parts))
    }
    add(value, grad)
  }
  /** What has arrived at every part already, put together and taken away there: written straight into the whole's columns, it is one more addend of the whole. */
  const takenFrom = (all: readonly Value[]): Value | undefined => {
    const pieces = all.map((part) => arrived.get(part.id)).filter((piece) => piece !== undefined)
    const own = new Set(pieces.filter((piece) => graph.origins.get(piece.id)!.kind === 'output').map((piece) => piece.id))
    if (own.size < all.length) return undefined
    all.forEach((part) => arrived.delete(part.id))
    return builder.concat(pieces)
  }
  // What was put together is divided once, after all that read it have added to it as a whole.
  const joined = new Set<Value>()
  const divide = (whole: Value): void => {
    joined.delete(whole)
    const origin = graph.origins.get(whole.id)!
    if (origin.kind !== 'concat') return
    const widths = origin.parts.map((part) => part.type.cols)
    const grads = builder.split(arrived.get(whole.id)!, widths)
    arrived.delete(whole.id)
    grads.forEach((grad, i) => receive(origin.parts[i], grad))
  }

  const madeBy = (value: Value, node: Node): boolean => {
    const origin = graph.origins.get(value.id)!
    if (origin.kind === 'output') return origin.node === node
    return origin.kind === 'view' ? madeBy(origin.base, node) : origin.kind === 'concat' && origin.parts.some((part) => madeBy(part, node))
  }
  /** A base that is itself looked at through a view or put together: its parts must have arrived where they are going before `node` is. */
  const dueFor = (node: Node): Value | undefined =>
    [...parts.values()].find(({ base }) => graph.origins.get(base.id)!.kind !== 'output' && madeBy(base, node))?.base

  seeds.forEach(({ value, grad }) => receive(value, grad))
  for (let i = forward.length - 1; i >= 0; i--) {
    const node = forward[i]
    for (;;) {
      const [whole, base] = [[...joined].find((value) => madeBy(value, node)), dueFor(node)]
      if (whole) divide(whole)
      else if (base) settleParts(base)
      else break
    }
    node.outputs.forEach(settleParts)
    const grads = node.outputs.map((o) => arrived.get(o.id))
    if (grads.every((g) => !g)) continue
    const rule = ops[node.op].gradient
    if (!rule) continue
    rule(builder, node, grads).forEach((g, k) => receive(node.inputs[k], g))
  }
  while (joined.size + parts.size > 0) {
    const [whole] = joined
    if (whole) divide(whole)
    else settleParts([...parts.values()][0].base)
  }
  return wanted.map((v) => arrived.get(v.id))
}

/** The gradient of a loss with respect to itself. */
export const one = (builder: GraphBuilder): Value => builder.one('fill', [], { rows: 1, cols: 1, value: 1 })
