import type { Attributes } from '../ops/op.ts'
import type { OpName } from '../ops/names.ts'
import { ops } from '../ops/registry.ts'
import { type DType, elements, ShapeError, type TensorType } from '../tensor/tensor.ts'
import { fuse } from './fuse.ts'
import type { Graph, Node, Value } from './graph.ts'
import { storedInHalf, storedType } from './halves.ts'
import { type BufferSizes, shareSlots, wordsOf } from './memory.ts'
import { producers, type Recompute, recompute } from './recompute.ts'

/** A matrix inside one of the plan's buffers; all counts in elements (4 bytes each, 2 where dtype is f16). */
export interface Operand {
  readonly buffer: number
  readonly offset: number
  readonly rows: number
  readonly cols: number
  readonly ld: number
  readonly dtype: DType
  /** f16: values lie in memory multiplied by 2 to this power; absent: 0. */
  readonly lift?: number
}

export interface Command {
  readonly op: OpName
  readonly attrs: Attributes
  readonly inputs: readonly Operand[]
  readonly outputs: readonly Operand[]
  /** Working space for this command alone, of the size the backend asked for; contents undefined. */
  readonly scratch: Operand | null
  /** Opaque outputs that no command reads, by number: a kernel need not write them. */
  readonly unread?: readonly number[]
}

export type PlanBuffer =
  | { readonly kind: 'external'; readonly name: string; readonly elements: number }
  /** Shared by values whose lifetimes do not meet; contents undefined at the start of each replay. */
  | { readonly kind: 'arena'; readonly elements: number }

/** A static list of commands over a few buffers: compile once per backend, replay each step. */
export interface Plan {
  readonly buffers: readonly PlanBuffer[]
  readonly commands: readonly Command[]
  /** Elements of all arena buffers together: what a replay needs beside the caller's own buffers. */
  readonly arenaElements: number
}

/** Root storage of a value before slots are shared: an external buffer, or a range of its own. */
export type Root = { readonly external: string } | { readonly root: number }
interface Place {
  readonly root: Root
  readonly offset: number
  readonly ld: number
}

/**
 * Turns a graph into a plan: drops what nothing needs, fuses, gives every value a place (parts of a concat and stored
 * values straight where they belong), and lets values with disjoint lifetimes share memory. `level`: what the backward pass computes
 * again instead of keeping it; fusing comes first, so that each level computes the same bits.
 */
export function plan(source: Graph, sizes: BufferSizes, level: Recompute = 'none'): Plan {
  const needed = withoutDeadNodes(recompute(fuse(withoutDeadNodes(source)), level))
  // Where memory is short nothing is computed before its time.
  const graph = level === 'none' ? parametersFirst(needed) : needed
  const halves = sizes.halves ? storedInHalf(graph, sizes.halves) : new Map<number, number>()
  const stored = (value: Value): TensorType => storedType(value, halves)
  const places = new Map<number, Place>()
  const rootElements: number[] = []
  const newRoot = (words: number): Root => ({ root: rootElements.push(words) - 1 })
  const opaqueTypes = new Map<number, TensorType>()
  const copies = new Map<Node | null, { value: Value; place: Place }[]>() // after which node; null: at the start
  const inPlaceInput = (v: Value): Value | undefined => {
    const origin = graph.origins.get(v.id)!
    if (origin.kind !== 'output') return undefined
    const input = ops[origin.node.op].inPlace?.[origin.index]
    return input === undefined ? undefined : origin.node.inputs[input]
  }
  const copyLater = (after: Node | null, value: Value, place: Place): void =>
    void copies.set(after, [...(copies.get(after) ?? []), { value, place }])

  /** Has `value` written at `place`, by its own op where possible, by a copy where it already lives elsewhere. */
  const settle = (value: Value, place: Place): void => {
    const origin = graph.origins.get(value.id)!
    if (origin.kind === 'view' && 'reshape' in origin.view && place.ld === value.type.cols && !places.has(origin.base.id)) {
      settle(origin.base, { ...place, ld: origin.base.type.cols })
    } else if (origin.kind === 'concat' && !places.has(value.id)) {
      placeConcat(value, place)
    } else if (origin.kind === 'output' && !places.has(value.id) && !inPlaceInput(value)) {
      places.set(value.id, place)
    } else copyLater(lastWriter(value), value, place)
  }
  const lastWriter = (value: Value): Node | null => {
    const origin = graph.origins.get(value.id)!
    if (origin.kind === 'external') return null
    if (origin.kind === 'output') return origin.node
    if (origin.kind === 'view') return lastWriter(origin.base)
    const writers = origin.parts.map(lastWriter).filter((n) => n !== null)
    return writers.length ? writers.reduce((a, b) => (graph.nodes.indexOf(a) > graph.nodes.indexOf(b) ? a : b)) : null
  }
  const placeConcat = (value: Value, place: Place): void => {
    places.set(value.id, place)
    const origin = graph.origins.get(value.id)!
    let column = 0
    for (const part of (origin as { parts: readonly Value[] }).parts) {
      settle(part, { root: place.root, offset: place.offset + column, ld: place.ld })
      column += part.type.cols
    }
  }

  for (const { value, name, offset, ld } of graph.stores) settle(value, { root: { external: name }, offset, ld })
  for (const [id, origin] of graph.origins) {
    if (origin.kind !== 'concat' || places.has(id)) continue
    const cols = origin.parts.reduce((sum, p) => sum + p.type.cols, 0)
    if (!isUsed(graph, id)) continue
    const whole: Value = { id, type: { ...origin.parts[0].type, cols } }
    placeConcat(whole, { root: newRoot(wordsOf(stored(whole), sizes.halves)), offset: 0, ld: cols })
  }

  const place = (value: Value): Place => {
    const known = places.get(value.id)
    if (known) return known
    const origin = graph.origins.get(value.id)!
    let found: Place
    if (origin.kind === 'external') found = { root: { external: origin.name }, offset: origin.offset, ld: origin.ld }
    else if (origin.kind === 'view') found = viewPlace(place(origin.base), origin.base.type, value.type, origin.view)
    else {
      const overwritten = inPlaceInput(value)
      found = overwritten ? place(overwritten) : { root: newRoot(wordsOf(stored(value), sizes.halves)), offset: 0, ld: value.type.cols }
    }
    places.set(value.id, found)
    return found
  }

  // The command list, still in terms of roots.
  const commands: (Omit<Command, 'inputs' | 'outputs' | 'scratch'> & { inputs: Located[]; outputs: Located[]; scratch: Located | null })[] =
    []
  const locate = (value: Value): Located => ({ ...place(value), type: stored(value), lift: halves.get(value.id) ?? 0 })
  const emitCopies = (after: Node | null): void =>
    copies
      .get(after)
      ?.forEach(({ value, place: to }) =>
        commands.push({ op: 'copy', attrs: {}, inputs: [locate(value)], outputs: [{ ...locate(value), ...to }], scratch: null }),
      )
  emitCopies(null)
  for (const node of graph.nodes) {
    const types = node.inputs.map(stored)
    const definition = ops[node.op]
    const inputs = node.inputs.map(locate)
    const outputs = node.outputs.map((v, index) => {
      if (!definition.opaque?.includes(index)) return locate(v)
      const type: TensorType = { rows: 1, cols: sizes.opaque(node.op, types, node.attrs, index), dtype: 'f32' }
      const at = places.get(v.id) ?? { root: newRoot(type.cols), offset: 0, ld: type.cols }
      places.set(v.id, at)
      opaqueTypes.set(v.id, type)
      return { ...at, type }
    })
    node.inputs.forEach((v, k) => opaqueTypes.has(v.id) && (inputs[k] = { ...inputs[k], type: opaqueTypes.get(v.id)! }))
    const scratch = sizes.scratch(node.op, types, node.attrs)
    const unread = definition.opaque?.filter((index) => !isUsed(graph, node.outputs[index].id)) ?? []
    commands.push({
      op: node.op,
      attrs: node.attrs,
      inputs,
      outputs,
      scratch: scratch ? { root: newRoot(scratch), offset: 0, ld: scratch, type: { rows: 1, cols: scratch, dtype: 'f32' } } : null,
      ...(unread.length ? { unread } : {}),
    })
    emitCopies(node)
  }
  return shareSlots(commands, rootElements, sizes)
}

export interface Located extends Place {
  readonly type: TensorType
  readonly lift?: number
}

function viewPlace(
  base: Place,
  baseType: TensorType,
  type: TensorType,
  view: { columns: number } | { reshape: true } | { firstRow: number; rowStep: number },
): Place {
  if ('columns' in view) return { ...base, offset: base.offset + view.columns }
  if ('firstRow' in view) return { ...base, offset: base.offset + view.firstRow * base.ld, ld: base.ld * view.rowStep }
  if (base.ld !== baseType.cols && baseType.rows > 1)
    throw new ShapeError('reshape of a value whose rows are not contiguous: copy it first')
  return { ...base, ld: type.cols }
}

function isUsed(graph: Graph, id: number): boolean {
  if (graph.stores.some((s) => s.value.id === id) || graph.nodes.some((n) => n.inputs.some((v) => v.id === id))) return true
  for (const [viewId, origin] of graph.origins) {
    if (origin.kind === 'view' && origin.base.id === id && isUsed(graph, viewId)) return true
    if (origin.kind === 'concat' && origin.parts.some((p) => p.id === id) && isUsed(graph, viewId)) return true
  }
  return false
}

/** A function of parameters alone with so few elements is computed before all else, together with its like. */
const FEW = 1 << 16

/** Small functions of external values that nothing before them writes (A of every layer from its logarithm) move to the front. */
function parametersFirst(graph: Graph): Graph {
  const written = new Set(graph.stores.map((s) => s.name))
  const external = (v: Value): string | null => {
    const origin = graph.origins.get(v.id)!
    return origin.kind === 'external' ? origin.name : null
  }
  const given = (v: Value): boolean => {
    const name = external(v)
    return name !== null && !written.has(name)
  }
  // what writes into a buffer of the caller's stays where it is: others may read the old value before
  const writers = new Set(graph.stores.flatMap((s) => producers(graph, s.value)))
  const moved = new Set<Node>()
  for (const node of graph.nodes) {
    const overwritten = Object.values(ops[node.op].inPlace ?? {}).map((input) => external(node.inputs[input]))
    if (!overwritten.length && !writers.has(node) && node.inputs.every(given) && node.outputs.every((v) => elements(v.type) <= FEW))
      moved.add(node)
    overwritten.forEach((name) => name !== null && written.add(name))
  }
  return { ...graph, nodes: [...moved, ...graph.nodes.filter((n) => !moved.has(n))] }
}

/** Nodes whose results reach a store, or that overwrite an external buffer. */
function withoutDeadNodes(graph: Graph): Graph {
  const needed = new Set<number>()
  const need = (value: Value): void => {
    if (needed.has(value.id)) return
    needed.add(value.id)
    const origin = graph.origins.get(value.id)!
    if (origin.kind === 'view') need(origin.base)
    if (origin.kind === 'concat') origin.parts.forEach(need)
  }
  graph.stores.forEach((s) => need(s.value))
  const kept: Node[] = []
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]
    const overwrites = Object.keys(ops[node.op].inPlace ?? {}).length > 0
    if (!overwrites && !node.outputs.some((o) => needed.has(o.id))) continue
    node.inputs.forEach(need)
    kept.push(node)
  }
  return { ...graph, nodes: kept.reverse() }
}
