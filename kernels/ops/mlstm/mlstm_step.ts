import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { logSigmoid, mlstmTypes } from './mlstm.ts'

const testCase = ([batch, heads, dqk, dv]: readonly number[]) => {
  const [keys, gates] = [f32(batch, heads * dqk), f32(batch, heads)]
  return {
    inputs: [keys, keys, f32(batch, heads * dv), gates, gates, f32(batch, heads * dqk * dv), keys, gates],
    attrs: {},
    range: [
      [-1, 1],
      [-1, 1],
      [-1, 1],
      [-3, 3],
      [-1, 6],
      [-1, 1],
      [-1, 1],
      [-2, 2],
    ] as const,
  }
}

/**
 * One time step of mlstm. q, k (batch, H·dqk), v, h (batch, H·dv), i, f (batch, H); the state, overwritten: C (batch, H·dqk·dv), n
 * (batch, H·dqk), m (batch, H), head after head. Constant memory per token: this is what generation runs.
 */
export const mlstm_step = defineOp({
  name: 'mlstm_step',
  inputs: ['q', 'k', 'v', 'i', 'f', 'C', 'n', 'm'],
  outputs: ['h', 'C', 'n', 'm'],
  inPlace: { 1: 5, 2: 6, 3: 7 },
  infer(inputs) {
    const [q, , v, i, , C, n, m] = inputs
    expectType('mlstm_step: C', C, f32(q.rows, (q.cols * v.cols) / i.cols))
    expectType('mlstm_step: n', n, q)
    expectType('mlstm_step: m', m, i)
    return [mlstmTypes('mlstm_step', inputs, q.rows), C, n, m]
  },
  reference([q, k, v, i, f, C, n, m], [h, nextC, nextN, nextM]) {
    const heads = i.cols
    const [N, P] = [q.cols / heads, v.cols / heads]
    for (let b = 0; b < q.rows; b++)
      for (let head = 0; head < heads; head++) {
        const forget = logSigmoid(at(f, b, head)) + at(m, b, head)
        const stabiliser = Math.max(forget, at(i, b, head))
        const [kept, added] = [Math.exp(forget - stabiliser), Math.exp(at(i, b, head) - stabiliser) / Math.sqrt(N)]
        set(nextM, b, head, stabiliser)
        let normaliser = 0
        for (let d = head * N; d < (head + 1) * N; d++) {
          set(nextN, b, d, kept * at(n, b, d) + added * at(k, b, d))
          normaliser += at(nextN, b, d) * at(q, b, d)
        }
        const denominator = Math.max(Math.abs(normaliser), Math.exp(-stabiliser))
        for (let p = head * P; p < (head + 1) * P; p++) {
          let sum = 0
          for (let d = head * N; d < (head + 1) * N; d++) {
            const e = d * P + (p - head * P)
            set(nextC, b, e, kept * at(C, b, e) + added * at(k, b, d) * at(v, b, p))
            sum += at(nextC, b, e) * at(q, b, d)
          }
          set(h, b, p, sum / denominator)
        }
      }
  },
  cost: ([q, , v, i]) => ({ flops: (6 * q.cols * elements(v)) / i.cols, exps: 4 * elements(i) }),
  tolerance: 4e-6,
  cases: [testCase([1, 1, 1, 1]), testCase([2, 3, 5, 7]), testCase([3, 4, 16, 8])],
})
