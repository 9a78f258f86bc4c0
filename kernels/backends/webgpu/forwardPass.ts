import { type OpName, opNames } from '../../ops/names.ts'
import { ops } from '../../ops/registry.ts'
import type { TensorType } from '../../tensor/tensor.ts'

/** Ops are declared in float32; what is stored in float16 is so in the plan alone. */
export const widened = (type: TensorType): TensorType => (type.dtype === 'f16' ? { ...type, dtype: 'f32' } : type)

/** For a gradient that reads what its forward pass saved: that pass, which operand was saved, and where the pass's own operands start. */
export function forwardPass(op: OpName): { op: OpName; saved: number; first: number } | null {
  const saved = ops[op].inputs.indexOf('saved')
  const forward = opNames.find((name) => op === `${name}_grad`)
  return saved >= 0 && forward ? { op: forward, saved, first: ops[op].inputs.length - ops[forward].inputs.length } : null
}
