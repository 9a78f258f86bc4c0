import type { HalfStorage } from '../../graph/halves.ts'
import type { OpName } from '../../ops/names.ts'
import { ops } from '../../ops/registry.ts'

/** Smaller values gain nothing worth the rounding. */
export const HALVES_FROM = 1 << 16

/**
 * Operands that may lie in memory as float16, by name: activations and their gradients. Kernels compute in float32 whatever lies there (access.ts).
 * Not here: parameters and their gradients, losses, statistics of norms and softmaxes, gates of exponentials, states, and what a kernel
 * reads back after it wrote it.
 */
export const HALF_OPERANDS: Partial<Record<OpName, string>> = {
  activation: 'x y',
  activation_grad: 'dy x dx',
  add: 'a b y',
  attention: 'q k v o',
  attention_grad: 'do q k v o dq dk dv',
  batched_matmul: 'a b y',
  channel_scale: 'x addend y',
  column_sum: 'x',
  complex_scan: 'v',
  complex_scan_grad: 'dy v dv',
  conv1d_silu: 'x y',
  conv1d_silu_grad: 'dy x dx',
  copy: 'x y',
  cross_entropy: 'logits',
  cross_entropy_grad: 'logits dlogits',
  diagonal_scan: 'u y',
  diagonal_scan_grad: 'dy u du',
  dropout: 'x y',
  embedding: 'y',
  embedding_grad: 'dy',
  fft_conv: 'u y',
  fft_conv_grad: 'dy u du',
  fill: 'y',
  glu: 'a b y',
  glu_grad: 'dy a b da db',
  gru: 'Wx',
  gru_grad: 'dy dWx',
  headwise_linear: 'x addend y',
  headwise_outer: 'a b',
  layer_norm: 'x y',
  layer_norm_grad: 'dy x addend dx',
  lstm: 'Wx',
  lstm_grad: 'dy dWx',
  matmul: 'a b residual y',
  mean_pool: 'x',
  mean_pool_grad: 'dx',
  mlstm: 'q k v h',
  mlstm_grad: 'dh q k v dq dk dv',
  mse: 'pred',
  mse_grad: 'pred dpred',
  mul: 'a b y',
  pool_rows: 'x y',
  pool_rows_grad: 'dy dx',
  quantile_loss: 'pred',
  quantile_loss_grad: 'pred dpred',
  reverse: 'x y',
  rms_norm: 'x y',
  rms_norm_grad: 'dy x addend dx',
  rope: 'x y',
  scatter_rows: 'x y',
  selective_scan: 'u delta B C z y',
  selective_scan_grad: 'dy u delta B C z du ddelta dB dC dz',
  shift_rows: 'x y',
  skip_gate: 'a c z y',
  skip_gate_grad: 'dy a c z da dc dz',
  slstm: 'Wx',
  slstm_grad: 'dy dWx',
  soft_cap: 'x y',
  soft_cap_grad: 'dy x dx',
  ssd: 'x B C y',
  ssd_grad: 'dy x B C dx dB dC',
  swap_axes: 'x y',
  weigh_rows: 'x otherwise y',
}

/** The name under which an op declares input `index`: those that depend on attributes may be missing before the last. */
const OPTIONAL = ['bias', 'residual', 'addend'] as const

export const canBeHalf: HalfStorage['able'] = (op, side, index, inputs, attrs) => {
  const able = HALF_OPERANDS[op]?.split(' ')
  if (!able) return false
  const names = ops[op][side].filter(
    (name) => side === 'outputs' || !OPTIONAL.some((one) => one === name) || ops[op].inputs.length === inputs.length || attrs[name],
  )
  return able.includes(names[index])
}
