import { activation, activation_grad, glu, glu_grad } from '../../ops/activation/activation.cpu.ts'
import { adamw } from '../../ops/adamw/adamw.cpu.ts'
import { attention, attention_grad, attention_step } from '../../ops/attention/attention.cpu.ts'
import { batched_matmul } from '../../ops/batched_matmul/batched_matmul.cpu.ts'
import { channel_scale } from '../../ops/channel_scale/channel_scale.cpu.ts'
import { column_sum } from '../../ops/column_sum/column_sum.cpu.ts'
import { complex_scan, complex_scan_grad, complex_scan_step } from '../../ops/complex_scan/complex_scan.cpu.ts'
import { conv1d_silu, conv1d_silu_grad, conv1d_silu_step } from '../../ops/conv1d_silu/conv1d_silu.cpu.ts'
import { cross_entropy, cross_entropy_grad } from '../../ops/cross_entropy/cross_entropy.cpu.ts'
import { ctc, ctc_grad } from '../../ops/ctc/ctc.cpu.ts'
import { diagonal_scan, diagonal_scan_grad, diagonal_scan_step } from '../../ops/diagonal_scan/diagonal_scan.cpu.ts'
import { dplr_kernel, dplr_kernel_grad, dplr_step } from '../../ops/dplr_kernel/dplr_kernel.cpu.ts'
import { draw_token } from '../../ops/draw_token/draw_token.cpu.ts'
import { dropout } from '../../ops/dropout/dropout.cpu.ts'
import { embedding, embedding_grad } from '../../ops/embedding/embedding.cpu.ts'
import { fft_conv, fft_conv_grad } from '../../ops/fft_conv/fft_conv.cpu.ts'
import { global_norm } from '../../ops/global_norm/global_norm.cpu.ts'
import { headwise_linear, headwise_outer } from '../../ops/headwise_linear/headwise_linear.cpu.ts'
import { layer_norm, layer_norm_grad } from '../../ops/layer_norm/layer_norm.cpu.ts'
import { matmul } from '../../ops/matmul/matmul.cpu.ts'
import { mean_pool, mean_pool_grad } from '../../ops/mean_pool/mean_pool.cpu.ts'
import { mlstm, mlstm_grad, mlstm_step } from '../../ops/mlstm/mlstm.cpu.ts'
import { mse, mse_grad } from '../../ops/mse/mse.cpu.ts'
import type { OpName } from '../../ops/names.ts'
import { pool_rows, pool_rows_grad } from '../../ops/pool_rows/pool_rows.cpu.ts'
import { quantile_loss, quantile_loss_grad } from '../../ops/quantile_loss/quantile_loss.cpu.ts'
import { gru, gru_grad, gru_step, lstm, lstm_grad, lstm_step, slstm, slstm_grad, slstm_step } from '../../ops/recurrent/recurrent.cpu.ts'
import { reverse } from '../../ops/reverse/reverse.cpu.ts'
import { rms_norm, rms_norm_grad } from '../../ops/rms_norm/rms_norm.cpu.ts'
import { rope } from '../../ops/rope/rope.cpu.ts'
import { scatter_rows } from '../../ops/scatter_rows/scatter_rows.cpu.ts'
import { selective_scan, selective_scan_grad, selective_scan_step } from '../../ops/selective_scan/selective_scan.cpu.ts'
import { shift_rows } from '../../ops/shift_rows/shift_rows.cpu.ts'
import { skip_gate, skip_gate_grad } from '../../ops/skip_gate/skip_gate.cpu.ts'
import { soft_cap, soft_cap_grad } from '../../ops/soft_cap/soft_cap.cpu.ts'
import { ssd, ssd_grad, ssd_step } from '../../ops/ssd/ssd.cpu.ts'
import { swap_axes } from '../../ops/swap_axes/swap_axes.cpu.ts'
import { weigh_rows } from '../../ops/weigh_rows/weigh_rows.cpu.ts'
import { window_step } from '../../ops/window_step/window_step.cpu.ts'
import { type CpuKernel, float } from './kernel.ts'
import { elementwise } from './rowwise.ts'
import { ADD, COPY, FILL, MUL, NEG_EXP } from './wasm/codes.ts'

/** How the CPU backend runs each op. */
export const kernels: Readonly<Record<OpName, CpuKernel>> = {
  activation,
  activation_grad,
  adamw,
  add: elementwise(ADD),
  attention,
  attention_grad,
  attention_step,
  batched_matmul,
  channel_scale,
  column_sum,
  complex_scan,
  complex_scan_grad,
  complex_scan_step,
  conv1d_silu,
  conv1d_silu_grad,
  conv1d_silu_step,
  copy: elementwise(COPY),
  cross_entropy,
  cross_entropy_grad,
  ctc,
  ctc_grad,
  diagonal_scan,
  diagonal_scan_grad,
  diagonal_scan_step,
  dplr_kernel,
  dplr_kernel_grad,
  dplr_step,
  draw_token,
  dropout,
  embedding,
  embedding_grad,
  fft_conv,
  fft_conv_grad,
  fill: elementwise(FILL, (attrs) => float(attrs.value as number)),
  global_norm,
  glu,
  glu_grad,
  gru,
  gru_grad,
  gru_step,
  headwise_linear,
  headwise_outer,
  layer_norm,
  layer_norm_grad,
  lstm,
  lstm_grad,
  lstm_step,
  matmul,
  mean_pool,
  mean_pool_grad,
  mlstm,
  mlstm_grad,
  mlstm_step,
  mse,
  mse_grad,
  mul: elementwise(MUL),
  neg_exp: elementwise(NEG_EXP),
  pool_rows,
  pool_rows_grad,
  quantile_loss,
  quantile_loss_grad,
  reverse,
  rms_norm,
  rms_norm_grad,
  rope,
  scatter_rows,
  selective_scan,
  selective_scan_grad,
  selective_scan_step,
  shift_rows,
  skip_gate,
  skip_gate_grad,
  slstm,
  slstm_grad,
  slstm_step,
  soft_cap,
  soft_cap_grad,
  ssd,
  ssd_grad,
  ssd_step,
  swap_axes,
  weigh_rows,
  window_step,
}
