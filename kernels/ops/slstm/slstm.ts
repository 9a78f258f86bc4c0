import { at, f32, set } from '../../tensor/tensor.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { defineOp } from '../op.ts'
import { checkRecurrent, logSigmoid, recurrentCases, recurrentSizes, runCell, runCellBack, type Unit } from '../recurrent/cell.ts'

export const SLSTM_GATES = 4

/**
 * One unit of the sLSTM: state h, c, n, m. The first step is known by n = 0, for n ≥ 1 ever after. i′ and f′ are at most 1: with m as it
 * is they are so but for rounding, and on the first step, where f′ meets zeros, f′ could otherwise overflow.
 */
export const slstmUnit =
  (out?: (row: number, column: number, v: { a: number; s: number; z: number; o: number; keep: number; cell: number }) => void): Unit =>
  (row, column, x, r, [, c, n, m]) => {
    const [i, f, z, o] = x.map((value, g) => value + r[g])
    const kept = logSigmoid(f) + m
    const next = n === 0 ? i : Math.max(i, kept)
    const input = Math.exp(Math.min(i - next, 0))
    const forget = Math.exp(Math.min(kept - next, 0))
    const [c1, n1] = [forget * c + input * Math.tanh(z), forget * n + input]
    const gate = sigmoid(o)
    out?.(row, column, { a: input / n1, s: sigmoid(-f), z: Math.tanh(z), o: gate, keep: (forget * n) / n1, cell: c1 / n1 })
    return [(gate * c1) / n1, c1, n1, next]
  }

/**
 * sLSTM over whole sequences (Beck et al. 2024, arXiv:2405.04517, eqs. 8-17; "vanilla" in package xlstm), block-diagonal recurrence R:
 *   ĩ, f̃, z̃, õ = Wx_t + R h_{t−1} + bias,  m_t = max(log σ(f̃) + m_{t−1}, ĩ) (m_0 = ĩ_0),  i′ = e^{ĩ − m_t},  f′ = e^{log σ(f̃) + m_{t−1} − m_t},
 *   c_t = f′ c_{t−1} + i′ tanh(z̃),  n_t = f′ n_{t−1} + i′,  y_t = h_t = σ(õ) c_t / n_t, all zero before t = 0.
 * Wx (batch·seqlen, 4·d) in the order i, f, z, o · R (heads, 4·dh·dh), row g·dh + j of head h makes gate g of unit j · bias (1, 4·d).
 * For the gradient: gates (batch·seqlen, 4·d) = i′/n, 1 − σ(f̃), tanh(z̃), σ(õ); keep = f′ n_{t−1}/n_t and cell = c_t/n_t (batch·seqlen, d),
 * since cell_t = keep · cell_{t−1} + (i′/n) tanh(z̃): the stabiliser m is in none of them.
 */
export const slstm = defineOp({
  name: 'slstm',
  inputs: ['Wx', 'R', 'bias'],
  outputs: ['y', 'gates', 'keep', 'cell'],
  infer(inputs, attrs) {
    const { d } = checkRecurrent('slstm', inputs, attrs, SLSTM_GATES)
    const state = f32(inputs[0].rows, d)
    return [state, inputs[0], state, state]
  },
  mayOverwrite: { 1: 0 },
  reference(inputs, [y, gates, keep, cell], attrs) {
    const sizes = recurrentSizes(inputs[0], inputs[1], attrs, SLSTM_GATES)
    const unit = slstmUnit((row, column, v) => {
      ;[v.a, v.s, v.z, v.o].forEach((value, g) => set(gates, row, g * sizes.d + column, value))
      set(keep, row, column, v.keep)
      set(cell, row, column, v.cell)
      set(y, row, column, v.o * v.cell)
    })
    runCell(sizes, inputs, 4, unit)
  },
  gradient(builder, { inputs: [, R], outputs: [y, gates, keep, cell], attrs }, [dy]) {
    if (!dy) return []
    const dWx = builder.one('slstm_grad', [dy, gates, keep, cell, R], attrs)
    const outer = { heads: R.type.rows, gates: SLSTM_GATES, seqlen: attrs.seqlen, previous: true }
    return [dWx, builder.one('headwise_outer', [dWx, y], outer), builder.one('column_sum', [dWx])]
  },
  cost: ([Wx, R], attrs) => {
    const { d, dh } = recurrentSizes(Wx, R, attrs, SLSTM_GATES)
    return { flops: Wx.rows * d * (2 * SLSTM_GATES * dh + 30), exps: 5 * Wx.rows * d }
  },
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: recurrentCases(SLSTM_GATES),
})

/**
 * dWx of slstm from dy. With g_t = dy_t + Rᵀ dWx_{t+1}, e and λ the adjoints of cell_t and of log n_t + m_t:
 *   dõ = g cell o (1 − o),  e_t = g o + keep_{t+1} e_{t+1},  dz̃ = e a (1 − z²),  w = e (z − cell_{t−1}) a,
 *   λ_t = keep_{t+1} λ_{t+1} − w,  dĩ = w + λ a,  df̃ = λ keep (1 − σ(f̃)).
 */
export const slstm_grad = defineOp({
  name: 'slstm_grad',
  inputs: ['dy', 'gates', 'keep', 'cell', 'R'],
  outputs: ['dWx'],
  infer: ([, gates]) => [gates],
  mayOverwrite: { 0: 1 },
  reference([dy, gates, keep, cell, R], [dWx], attrs) {
    const sizes = recurrentSizes(gates, R, attrs, SLSTM_GATES)
    runCellBack(sizes, dy, R, (row, column, dh, first, carry) => {
      const [a, s, z, o] = [0, 1, 2, 3].map((g) => at(gates, row, g * sizes.d + column))
      const r = at(keep, row, column)
      const e = dh * o + carry[0]
      const w = e * (z - (first ? 0 : at(cell, row - 1, column))) * a
      const adjoint = carry[1] - w
      carry[0] = e * r
      carry[1] = adjoint * r
      const grads = [w + adjoint * a, adjoint * r * s, e * a * (1 - z * z), dh * at(cell, row, column) * o * (1 - o)]
      grads.forEach((value, g) => set(dWx, row, g * sizes.d + column, value))
      return { r: grads }
    })
  },
  cost: ([dy, , , , R]) => ({ flops: dy.rows * dy.cols * ((2 * SLSTM_GATES * dy.cols) / R.rows + 25) }),
  tolerance: 2e-5,
  cases: [],
})
