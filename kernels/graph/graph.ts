import type { OpName } from '../ops/names.ts'
import { ops } from '../ops/registry.ts'
import type { Attributes } from '../ops/op.ts'
import { elements, ShapeError, type TensorType } from '../tensor/tensor.ts'

/** A tensor in the graph. Plain identity: what it is made of lies in the graph. */
export interface Value {
  readonly id: number
  readonly type: TensorType
}

/** Where a value comes from. */
export type Origin =
  /** A region of a buffer the caller owns: parameters, batch inputs, optimiser state, decode state, results. */
  | { kind: 'external'; name: string; offset: number; ld: number }
  | { kind: 'output'; node: Node; index: number }
  /** Another look at `base`: columns [col, col + cols), or rows merged / unmerged (reshape of a contiguous value), or every `rowStep`-th row from `row`. */
  | { kind: 'view'; base: Value; view: View }
  /** Side by side: the parts are written straight into their columns. */
  | { kind: 'concat'; parts: readonly Value[] }

export type View = { columns: number } | { reshape: true } | { firstRow: number; rowStep: number }

export interface Node {
  readonly op: OpName
  readonly attrs: Attributes
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
}

export interface Graph {
  readonly nodes: Node[]
  readonly origins: Map<number, Origin>
  /** Values that must end up in a region of an external buffer (parameter gradients, results). */
  readonly stores: { value: Value; name: string; offset: number; ld: number }[]
  /** What each layer reads: all that recomputation in full keeps of the forward pass (recompute.ts). */
  readonly checkpoints: Value[]
  /** Values with this id or a higher one belong to the backward pass; null where there is none. */
  backwardFrom: number | null
  /** Values with this id or a higher one are forward values made again (recompute.ts); null where there are none. */
  readonly repeatedFrom: number | null
}

/** Records ops with static shapes. Traced once per model and shape; nothing is computed here. */
export class GraphBuilder {
  readonly graph: Graph = { nodes: [], origins: new Map(), stores: [], checkpoints: [], backwardFrom: null, repeatedFrom: null }
  #next = 0

  #value(type: TensorType, origin: Origin): Value {
    const value = { id: this.#next++, type }
    this.graph.origins.set(value.id, origin)
    return value
  }

  /** A matrix inside the external buffer `name`, `offset` elements from its start. */
  external(name: string, type: TensorType, offset = 0, ld = type.cols): Value {
    return this.#value(type, { kind: 'external', name, offset, ld })
  }

  apply(op: OpName, inputs: readonly Value[], attrs: Attributes = {}): Value[] {
    const definition = ops[op]
    const types = definition.infer(
      inputs.map((v) => v.type),
      attrs,
    )
    const outputs: Value[] = []
    const node: Node = { op, attrs, inputs, outputs }
    types.forEach((type, index) => outputs.push(this.#value(type, { kind: 'output', node, index })))
    this.graph.nodes.push(node)
    return outputs
  }

  one(op: OpName, inputs: readonly Value[], attrs: Attributes = {}): Value {
    return this.apply(op, inputs, attrs)[0]
  }

  /** Splits the last axis; free. sizes must add up to cols. */
  split(value: Value, sizes: readonly number[]): Value[] {
    const total = sizes.reduce((a, b) => a + b, 0)
    if (total !== value.type.cols) throw new ShapeError(`split: sizes add up to ${total}, the value has ${value.type.cols} columns`)
    let columns = 0
    return sizes.map((cols) => {
      const part = this.#value({ ...value.type, cols }, { kind: 'view', base: value, view: { columns } })
      columns += cols
      return part
    })
  }

  concat(parts: readonly Value[]): Value {
    const { rows, dtype } = parts[0].type
    if (parts.some((p) => p.type.rows !== rows || p.type.dtype !== dtype)) throw new ShapeError('concat: parts differ in rows or dtype')
    return this.#value({ rows, dtype, cols: parts.reduce((a, p) => a + p.type.cols, 0) }, { kind: 'concat', parts })
  }

  /** The same elements in row-major order under another shape. The value must be contiguous when the plan is made. */
  reshape(value: Value, rows: number, cols: number): Value {
    const type = { ...value.type, rows, cols }
    if (elements(type) !== elements(value.type))
      throw new ShapeError(`reshape: ${elements(value.type)} elements do not fit (${rows}, ${cols})`)
    return this.#value(type, { kind: 'view', base: value, view: { reshape: true } })
  }

  /** Rows firstRow, firstRow + rowStep, … */
  everyRow(value: Value, firstRow: number, rowStep: number): Value {
    const rows = Math.ceil((value.type.rows - firstRow) / rowStep)
    return this.#value({ ...value.type, rows }, { kind: 'view', base: value, view: { firstRow, rowStep } })
  }

  /** Marks `value` as what a layer reads. */
  checkpoint(value: Value): Value {
    this.graph.checkpoints.push(value)
    return value
  }

  /** What is recorded from here on is the backward pass of what was recorded before. */
  beginBackward(): void {
    this.graph.backwardFrom ??= this.#next
  }

  /** Has the plan write `value` into external buffer `name` at `offset`. */
  store(value: Value, name: string, offset = 0, ld = value.type.cols): void {
    this.graph.stores.push({ value, name, offset, ld })
  }
}
