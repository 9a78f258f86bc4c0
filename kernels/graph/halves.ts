import type { Attributes } from '../ops/op.ts'
import type { OpName } from '../ops/names.ts'
import { ops } from '../ops/registry.ts'
import { elements, type TensorType } from '../tensor/tensor.ts'
import type { Graph, Value } from './graph.ts'

/** What a backend that stores activations in float16 says about it. */
export interface HalfStorage {
  /** Bytes an element takes. */
  readonly bytes: 2 | 4
  /** Values of fewer elements stay in float32. */
  readonly from: number
  /** Whether the op's kernel can read input, or write output, number `index` in float16. */
  able(op: OpName, side: 'inputs' | 'outputs', index: number, inputs: readonly TensorType[], attrs: Attributes): boolean
}

/**
 * A loss is a mean over rows, so a gradient's entries are about one over its rows. Raised by as much they fill float16's range; no more
 * than this, because where only the last position of each sequence has a loss they are larger, and float16 ends at 2¹⁶.
 */
const LARGEST_LIFT = 12
export const liftOf = (rows: number): number => Math.min(LARGEST_LIFT, Math.floor(Math.log2(rows)))

/**
 * The values to store in float16, by id, each with its lift: the power of two by which it is multiplied in memory, 0 for activations, more
 * for their gradients, which would be lost below float16's smallest number. Values that share memory (views, parts of a concat, what is
 * overwritten) are stored alike, and in float16 only if every op that writes or reads one of them can do so, none lies in a buffer of the
 * caller's (parameters, results, states) and none is part of a gradient that ends there.
 */
export function storedInHalf(graph: Graph, storage: HalfStorage): Map<number, number> {
  const parent = new Map<number, number>()
  const root = (id: number): number => {
    let at = id
    while (parent.has(at)) at = parent.get(at)!
    return at
  }
  const join = (a: Value, b: Value): void => {
    const [x, y] = [root(a.id), root(b.id)]
    if (x !== y) parent.set(x, y)
  }
  const values = new Map<number, Value>()
  const seen = (value: Value): void => {
    if (values.has(value.id)) return
    values.set(value.id, value)
    const origin = graph.origins.get(value.id)!
    const bases = origin.kind === 'view' ? [origin.base] : origin.kind === 'concat' ? origin.parts : []
    bases.forEach((base) => (seen(base), join(value, base)))
  }
  for (const node of graph.nodes) {
    ;[...node.inputs, ...node.outputs].forEach(seen)
    for (const [output, input] of Object.entries(ops[node.op].inPlace ?? {})) join(node.outputs[Number(output)], node.inputs[input])
  }
  graph.stores.forEach(({ value }) => seen(value))

  const barred = new Set<number>()
  const bar = (value: Value): void => void barred.add(root(value.id))
  graph.stores.forEach(({ value }) => bar(value))
  for (const node of graph.nodes.toReversed()) if (node.op === 'add' && barred.has(root(node.outputs[0].id))) node.inputs.forEach(bar)
  for (const [id, value] of values) if (graph.origins.get(id)!.kind === 'external' || value.type.dtype !== 'f32') bar(value)
  for (const { op, inputs, outputs, attrs } of graph.nodes) {
    const types = inputs.map((v) => v.type)
    const check = (side: 'inputs' | 'outputs') => (value: Value, index: number) => {
      if (!storage.able(op, side, index, types, attrs)) bar(value)
    }
    inputs.forEach(check('inputs'))
    outputs.forEach(check('outputs'))
  }

  const largest = new Map<number, number>()
  const lifts = new Map<number, Set<number>>()
  for (const [id, value] of values) {
    const group = root(id)
    largest.set(group, Math.max(largest.get(group) ?? 0, elements(value.type)))
    if (graph.origins.get(id)!.kind !== 'output') continue
    const lift = isGradient(graph, id) ? liftOf(value.type.rows) : 0
    lifts.set(group, (lifts.get(group) ?? new Set()).add(lift))
  }
  const found = new Map<number, number>()
  for (const id of values.keys()) {
    const group = root(id)
    const lift = lifts.get(group)
    if (barred.has(group) || largest.get(group)! < storage.from || lift?.size !== 1) continue
    found.set(id, [...lift][0])
  }
  return found
}

/** A value of the backward pass that is not one of the forward pass made again. */
function isGradient({ backwardFrom, repeatedFrom }: Graph, id: number): boolean {
  return backwardFrom !== null && id >= backwardFrom && !(repeatedFrom !== null && id >= repeatedFrom)
}

/** The type under which a backend stores `value`. */
export const storedType = ({ id, type }: Value, halves: ReadonlyMap<number, number>): TensorType =>
  halves.has(id) ? { ...type, dtype: 'f16' } : type
