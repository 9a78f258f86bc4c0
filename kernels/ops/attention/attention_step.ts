import { at, f32, expectType, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

const testCase = (batch: number, heads: number, kv_heads: number, head_dim: number, capacity: number, position: number) => ({
  inputs: [
    f32(batch, heads * head_dim),
    ...Array.from({ length: 2 }, () => f32(batch, kv_heads * head_dim)),
    ...Array.from({ length: 2 }, () => f32(batch, capacity * kv_heads * head_dim)),
    f32(batch, 1),
  ],
  attrs: { heads, kv_heads },
  range: [
    [-2, 2],
    [-2, 2],
    [-1, 1],
    [-2, 2],
    [-1, 1],
    [position, position],
  ] as const,
})

/**
 * One time step of causal attention over a ring of the last `capacity` keys and values, this one included. q, y (batch, heads·head_dim) ·
 * k, v (batch, kv_heads·head_dim) · keys, values (batch, capacity·kv_heads·head_dim), the rings · position (batch, 1), how many tokens came
 * before. k and v go to place position mod capacity, position grows by one; all three states are overwritten. attrs heads, kv_heads.
 */
export const attention_step = defineOp({
  name: 'attention_step',
  inputs: ['q', 'k', 'v', 'keys', 'values', 'position'],
  outputs: ['y', 'keys', 'values', 'position'],
  inPlace: { 1: 3, 2: 4, 3: 5 },
  infer([q, k, v, keys, values, position], attrs) {
    const head_dim = q.cols / num(attrs, 'heads')
    expectType('attention_step: k', k, f32(q.rows, num(attrs, 'kv_heads') * head_dim))
    expectType('attention_step: v', v, k)
    requireShape(
      keys.rows === q.rows && keys.cols % k.cols === 0,
      `attention_step: keys of ${keys.cols} columns do not hold whole keys of ${k.cols}`,
    )
    expectType('attention_step: values', values, keys)
    expectType('attention_step: position', position, f32(q.rows, 1))
    return [q, keys, values, position]
  },
  reference([q, k, v, keys, , position], [y, keys1, values1, position1], attrs) {
    const [heads, kv_heads] = [num(attrs, 'heads'), num(attrs, 'kv_heads')]
    const [d, capacity] = [q.cols / heads, keys.cols / k.cols]
    for (let b = 0; b < q.rows; b++) {
      const t = at(position, b, 0)
      const slot = t % capacity
      for (let c = 0; c < k.cols; c++) {
        set(keys1, b, slot * k.cols + c, at(k, b, c))
        set(values1, b, slot * k.cols + c, at(v, b, c))
      }
      for (let h = 0; h < heads; h++) {
        const from = Math.floor((h * kv_heads) / heads) * d
        const scores = Array.from({ length: Math.min(t + 1, capacity) }, (_, n) => {
          let s = 0
          for (let c = 0; c < d; c++) s += at(q, b, h * d + c) * at(keys1, b, n * k.cols + from + c)
          return s / Math.sqrt(d)
        })
        const most = scores.reduce((a, s) => Math.max(a, s), -Infinity)
        const weights = scores.map((s) => Math.exp(s - most))
        const sum = weights.reduce((a, w) => a + w, 0)
        for (let c = 0; c < d; c++)
          set(y, b, h * d + c, weights.reduce((a, w, n) => a + w * at(values1, b, n * k.cols + from + c), 0) / sum)
      }
      set(position1, b, 0, t + 1)
    }
  },
  cost: ([q, k, , keys]) => ({ flops: (4 * q.rows * q.cols * keys.cols) / k.cols, exps: (q.rows * keys.cols) / k.cols }),
  tolerance: 4e-6,
  cases: [
    testCase(1, 1, 1, 1, 1, 0),
    testCase(2, 4, 2, 5, 9, 0),
    testCase(2, 4, 2, 8, 9, 5),
    testCase(1, 2, 2, 64, 70, 1000),
    testCase(3, 4, 1, 128, 33, 32),
    testCase(1, 1, 1, 6, 300, 299),
  ],
})
