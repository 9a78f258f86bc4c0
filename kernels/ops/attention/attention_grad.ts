import { at, f32, set } from '../../tensor/tensor.ts'
import { defineOp } from '../op.ts'
import { attentionShape, pairs, visible } from './attention.ts'

/**
 * Gradients of attention from q, k, v, o and lse alone (Dao et al. 2022, arXiv:2205.14135, appendix B.2). With p_ij = e^(q_i · k_j / √d − lse_i)
 * and D_i = do_i · o_i: dv_j = Σ_i p_ij do_i, ds_ij = p_ij (do_i · v_j − D_i) / √d, dq_i = Σ_j ds_ij k_j, dk_j = Σ_i ds_ij q_i.
 */
export const attention_grad = defineOp({
  name: 'attention_grad',
  inputs: ['do', 'q', 'k', 'v', 'o', 'lse'],
  outputs: ['dq', 'dk', 'dv'],
  infer: ([, q, k, v], attrs) => (attentionShape('attention_grad', [q, k, v], attrs), [q, k, v]),
  reference([d_o, q, k, v, o, lse], [dq, dk, dv], attrs) {
    const shape = attentionShape(
      'attention_grad',
      [q, k, v].map((m) => f32(m.rows, m.cols)),
      attrs,
    )
    const { batch, seqlen, heads, kv_heads, head_dim: d } = shape
    for (const m of [dq, dk, dv]) for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) set(m, r, c, 0)
    for (let b = 0; b < batch; b++)
      for (let h = 0; h < heads; h++)
        for (let i = 0; i < seqlen; i++) {
          const [first, end] = visible(shape, i)
          const [row, mine, from] = [b * seqlen + i, h * d, Math.floor((h * kv_heads) / heads) * d]
          let D = 0
          for (let c = 0; c < d; c++) D += at(d_o, row, mine + c) * at(o, row, mine + c)
          for (let j = first; j < end; j++) {
            const key = b * seqlen + j
            let [s, dp] = [0, 0]
            for (let c = 0; c < d; c++) {
              s += at(q, row, mine + c) * at(k, key, from + c)
              dp += at(d_o, row, mine + c) * at(v, key, from + c)
            }
            const p = Math.exp(s / Math.sqrt(d) - at(lse, row, h))
            const ds = (p * (dp - D)) / Math.sqrt(d)
            for (let c = 0; c < d; c++) {
              set(dq, row, mine + c, at(dq, row, mine + c) + ds * at(k, key, from + c))
              set(dk, key, from + c, at(dk, key, from + c) + ds * at(q, row, mine + c))
              set(dv, key, from + c, at(dv, key, from + c) + p * at(d_o, row, mine + c))
            }
          }
        }
  },
  cost([, ...inputs], attrs) {
    const shape = attentionShape('attention_grad', inputs, attrs)
    return { flops: pairs(shape) * (10 * shape.head_dim + 5), exps: pairs(shape) }
  },
  tolerance: 1e-5,
  cases: [],
})
