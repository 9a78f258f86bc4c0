import { type HostMatrix, ShapeError, type TensorType } from '../tensor/tensor.ts'
import type { GraphBuilder, Value } from '../graph/graph.ts'

export type Attributes = Readonly<Record<string, number | boolean>>

/** A shape to test an op on. Tests fill inputs from `range` (default −1..1, one pair per input), outputs with NaN. */
export interface OpCase {
  readonly inputs: readonly TensorType[]
  readonly attrs: Attributes
  readonly range?: readonly (readonly [low: number, high: number])[]
}

/**
 * One op, declared once: its shapes, its plain float64 definition, its gradient, its cost, the cases it is tested on.
 * `<op>.wgsl.ts` (WGSL) and `<op>.simd.ts` + `<op>.cpu.ts` (WASM) lie beside it and are tested against `reference`.
 */
export interface OpDefinition {
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Output types. Throws ShapeError naming the operand. An output listed in `opaque` has type (1, 0): its size is the backend's business. */
  infer(inputs: readonly TensorType[], attrs: Attributes): TensorType[]
  /** Outputs that only this op's gradient reads, in a layout and size each backend chooses (checkpointed states). The reference leaves them empty. */
  readonly opaque?: readonly number[]
  /** output index → input index that it overwrites. Such an input must not be read by a later op as the old value. */
  readonly inPlace?: Readonly<Record<number, number>>
  /** output index → input index it MAY share storage with when that input dies here (elementwise: each element is read before it is written). */
  readonly mayOverwrite?: Readonly<Record<number, number>>
  /** The definition: plain loops in float64, never optimised. Writes every element of every non-opaque output. */
  reference(inputs: readonly HostMatrix[], outputs: readonly HostMatrix[], attrs: Attributes): void
  /** Appends the backward ops; returns the gradient of each input (undefined: not differentiable or no gradient). `grads[i]` may be undefined. */
  gradient?(
    builder: GraphBuilder,
    node: { inputs: readonly Value[]; outputs: readonly Value[]; attrs: Attributes },
    grads: readonly (Value | undefined)[],
  ): (Value | undefined)[]
  /** Outputs whose gradient the rule below takes; default the first alone. */
  readonly differentiable?: readonly number[]
  /** Floating point operations, exponentials, and bytes that must move at least once. */
  cost(inputs: readonly TensorType[], attrs: Attributes): { flops: number; exps?: number }
  /** Largest allowed relative L2 error against the reference in f32 (outputs and gradients). */
  readonly tolerance: number
  /** Of its gradients, where those are sums though the op itself is exact; default `tolerance`. */
  readonly gradientTolerance?: number
  readonly cases: readonly OpCase[]
}

export const defineOp = (definition: OpDefinition): OpDefinition => definition

export const requireShape = (condition: boolean, message: string): void => {
  if (!condition) throw new ShapeError(message)
}
export const num = (attrs: Attributes, key: string): number => attrs[key] as number
