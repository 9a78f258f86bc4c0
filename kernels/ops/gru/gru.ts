import { at, f32, set } from '../../tensor/tensor.ts'
import { sigmoid } from '../conv1d_silu/conv1d_silu.ts'
import { defineOp } from '../op.ts'
import { checkRecurrent, recurrentCases, recurrentSizes, runCell, runCellBack, type Unit } from '../recurrent/cell.ts'

export const GRU_GATES = 3

/** One unit of the GRU: state h. */
export const gruUnit =
  (out?: (row: number, column: number, gates: number[], h: number) => void): Unit =>
  (row, column, x, r, [h]) => {
    const [reset, update] = [sigmoid(x[0] + r[0]), sigmoid(x[1] + r[1])]
    const candidate = Math.tanh(x[2] + reset * r[2])
    const next = (1 - update) * candidate + update * h
    out?.(row, column, [reset, update, candidate, r[2]], next)
    return [next]
  }

/**
 * GRU over whole sequences (Cho et al. 2014, arXiv:1406.1078, in the form of torch.nn.GRU), R dense (heads = 1) or block-diagonal. With
 * q = R h_{t−1} + bias: r = σ(Wx_r + q_r),  z = σ(Wx_z + q_z),  n = tanh(Wx_n + r q_n),  y_t = h_t = (1 − z) n + z h_{t−1}, zeros before.
 * Wx (batch·seqlen, 3·d) in the order r, z, n · R (heads, 3·dh·dh), row g·dh + j of a head makes gate g of unit j · bias (1, 3·d).
 * gates (batch·seqlen, 4·d) = r, z, n, q_n are for the gradient.
 */
export const gru = defineOp({
  name: 'gru',
  inputs: ['Wx', 'R', 'bias'],
  outputs: ['y', 'gates'],
  infer(inputs, attrs) {
    const { d } = checkRecurrent('gru', inputs, attrs, GRU_GATES)
    return [f32(inputs[0].rows, d), f32(inputs[0].rows, 4 * d)]
  },
  reference(inputs, [y, gates], attrs) {
    const sizes = recurrentSizes(inputs[0], inputs[1], attrs, GRU_GATES)
    const unit = gruUnit((row, column, values, h) => {
      values.forEach((value, g) => set(gates, row, g * sizes.d + column, value))
      set(y, row, column, h)
    })
    runCell(sizes, inputs, 1, unit)
  },
  gradient(builder, { inputs: [, R], outputs: [y, gates], attrs }, [dy]) {
    if (!dy) return []
    const [dWx, dq] = builder.apply('gru_grad', [dy, y, gates, R], attrs)
    const outer = { heads: R.type.rows, gates: GRU_GATES, seqlen: attrs.seqlen, previous: true }
    return [dWx, builder.one('headwise_outer', [dq, y], outer), builder.one('column_sum', [dq])]
  },
  cost: ([Wx, R], attrs) => {
    const { d, dh } = recurrentSizes(Wx, R, attrs, GRU_GATES)
    return { flops: Wx.rows * d * (2 * GRU_GATES * dh + 15), exps: 3 * Wx.rows * d }
  },
  tolerance: 1e-5,
  gradientTolerance: 2e-5,
  cases: recurrentCases(GRU_GATES),
})

/**
 * dWx and dq (the gradient of R h_{t−1} + bias) of gru from dy, both (batch·seqlen, 3·d). With g_t = dy_t + z_{t+1} g_{t+1} + Rᵀ dq_{t+1}:
 *   dn = g (1 − z)(1 − n²),  dr = dn q_n r (1 − r),  dz = g (h_{t−1} − n) z (1 − z);  dWx = dr, dz, dn and dq = dr, dz, dn r.
 */
export const gru_grad = defineOp({
  name: 'gru_grad',
  inputs: ['dy', 'y', 'gates', 'R'],
  outputs: ['dWx', 'dq'],
  infer: ([dy]) => [f32(dy.rows, GRU_GATES * dy.cols), f32(dy.rows, GRU_GATES * dy.cols)],
  reference([dy, y, gates, R], [dWx, dq], attrs) {
    const sizes = recurrentSizes(dWx, R, attrs, GRU_GATES)
    runCellBack(sizes, dy, R, (row, column, dh, first) => {
      const [r, z, n, q] = [0, 1, 2, 3].map((k) => at(gates, row, k * sizes.d + column))
      const before = first ? 0 : at(y, row - 1, column)
      const dn = dh * (1 - z) * (1 - n * n)
      const [dr, dz] = [dn * q * r * (1 - r), dh * (before - n) * z * (1 - z)]
      ;[dr, dz, dn].forEach((value, k) => set(dWx, row, k * sizes.d + column, value))
      ;[dr, dz, dn * r].forEach((value, k) => set(dq, row, k * sizes.d + column, value))
      return { r: [dr, dz, dn * r], direct: dh * z }
    })
  },
  cost: ([dy, , , R]) => ({ flops: dy.rows * dy.cols * ((2 * GRU_GATES * dy.cols) / R.rows + 20) }),
  tolerance: 2e-5,
  cases: [],
})
