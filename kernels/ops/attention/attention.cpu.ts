import { type CpuKernel, ceilDiv, count, float, part } from '../../backends/cpu/kernel.ts'
import {
  ATTENTION,
  ATTENTION_GRAD,
  ATTENTION_KEYS as KEYS,
  ATTENTION_QUERIES as QUERIES,
  ATTENTION_STEP,
} from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'
import { type AttentionShape, attentionShape, pairs } from './attention.ts'

const words = ({ seqlen, heads, kv_heads, window, causal, head_dim }: AttentionShape): number[] => [
  seqlen,
  heads,
  kv_heads,
  window,
  Number(causal),
  float(1 / Math.sqrt(head_dim)),
]

export const attention: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const shape = attentionShape('attention', inputs.map(typed), attrs)
    const blocks = ceilDiv(shape.seqlen, QUERIES)
    // A packed key block, scores, outputs, then the running maximum and sum of each query.
    const local = 4 * (shape.head_dim * KEYS + QUERIES * KEYS + QUERIES * shape.head_dim + 2 * QUERIES)
    const work = pairs(shape) * (4 * shape.head_dim + 30)
    return [
      { kernel: ATTENTION, units: shape.batch * shape.heads * blocks, attrs: words(shape), reads: inputs, writes: outputs, local, work },
    ]
  },
}

export const attention_grad: CpuKernel = {
  scratch: ([d_o], attrs) => d_o.rows * num(attrs, 'heads'),
  encode({ attrs, inputs, outputs, scratch }) {
    const shape = attentionShape('attention_grad', inputs.slice(1, 4).map(typed), attrs)
    // Packed keys and values, their gradients, weights and their gradients.
    const local = 4 * (4 * shape.head_dim * KEYS + 2 * QUERIES * KEYS)
    const D = part(scratch, 0, shape.batch * shape.seqlen * shape.heads)
    const writes = [...outputs, D]
    const work = pairs(shape) * (10 * shape.head_dim + 40)
    return [{ kernel: ATTENTION_GRAD, units: shape.batch * shape.kv_heads, attrs: words(shape), reads: inputs, writes, local, work }]
  },
}

export const attention_step: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const [q, k, , keys] = inputs
    const [heads, kv_heads] = [num(attrs, 'heads'), num(attrs, 'kv_heads')]
    const capacity = keys.cols / k.cols
    return [
      {
        kernel: ATTENTION_STEP,
        units: q.rows,
        attrs: [capacity, heads, kv_heads, float(1 / Math.sqrt(q.cols / heads))],
        reads: inputs,
        writes: outputs,
        order: [...inputs, outputs[0]],
        local: 4 * Math.ceil(capacity / 4) * 4,
        work: 5 * count(q) * capacity,
      },
    ]
  },
}

function typed({ rows, cols }: { rows: number; cols: number }): { rows: number; cols: number; dtype: 'f32' } {
  return { rows, cols, dtype: 'f32' }
}
