import type { GraphBuilder, Value } from '../graph/graph.ts'

/** x (R, in) · weightᵀ [+ bias] → (R, out); weight (out, in) as PyTorch stores it, bias (1, out). */
export const linear = (builder: GraphBuilder, x: Value, weight: Value, bias?: Value): Value =>
  builder.one('matmul', bias ? [x, weight, bias] : [x, weight], bias ? { transB: true, bias: true } : { transB: true })
