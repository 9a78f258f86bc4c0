import { activation, activation_grad, glu, glu_grad } from '../../ops/activation/activation.wgsl.ts'
import { adamw } from '../../ops/adamw/adamw.wgsl.ts'
import { add } from '../../ops/add/add.wgsl.ts'
import { attention } from '../../ops/attention/attention.wgsl.ts'
import { attention_grad } from '../../ops/attention/attention_grad.wgsl.ts'
import { attention_step } from '../../ops/attention/attention_step.wgsl.ts'
import { batched_matmul } from '../../ops/batched_matmul/batched_matmul.wgsl.ts'
import { channel_scale } from '../../ops/channel_scale/channel_scale.wgsl.ts'
import { column_sum } from '../../ops/column_sum/column_sum.wgsl.ts'
import { complex_scan, complex_scan_grad, complex_scan_step } from '../../ops/complex_scan/complex_scan.wgsl.ts'
import { conv1d_silu } from '../../ops/conv1d_silu/conv1d_silu.wgsl.ts'
import { conv1d_silu_grad } from '../../ops/conv1d_silu/conv1d_silu_grad.wgsl.ts'
import { conv1d_silu_step } from '../../ops/conv1d_silu/conv1d_silu_step.wgsl.ts'
import { copy } from '../../ops/copy/copy.wgsl.ts'
import { cross_entropy } from '../../ops/cross_entropy/cross_entropy.wgsl.ts'
import { cross_entropy_grad } from '../../ops/cross_entropy/cross_entropy_grad.wgsl.ts'
import { ctc, ctc_grad } from '../../ops/ctc/ctc.wgsl.ts'
import { diagonal_scan } from '../../ops/diagonal_scan/diagonal_scan.wgsl.ts'
import { diagonal_scan_grad } from '../../ops/diagonal_scan/diagonal_scan_grad.wgsl.ts'
import { diagonal_scan_step } from '../../ops/diagonal_scan/diagonal_scan_step.wgsl.ts'
import { dplr_kernel, dplr_kernel_grad, dplr_step } from '../../ops/dplr_kernel/dplr_kernel.wgsl.ts'
import { draw_token } from '../../ops/draw_token/draw_token.wgsl.ts'
import { dropout } from '../../ops/dropout/dropout.wgsl.ts'
import { embedding } from '../../ops/embedding/embedding.wgsl.ts'
import { embedding_grad } from '../../ops/embedding/embedding_grad.wgsl.ts'
import { fft_conv, fft_conv_grad } from '../../ops/fft_conv/fft_conv.wgsl.ts'
import { fill } from '../../ops/fill/fill.wgsl.ts'
import { global_norm } from '../../ops/global_norm/global_norm.wgsl.ts'
import { headwise_linear, headwise_outer } from '../../ops/headwise_linear/headwise_linear.wgsl.ts'
import { layer_norm } from '../../ops/layer_norm/layer_norm.wgsl.ts'
import { layer_norm_grad } from '../../ops/layer_norm/layer_norm_grad.wgsl.ts'
import { matmul } from '../../ops/matmul/matmul.wgsl.ts'
import { mean_pool } from '../../ops/mean_pool/mean_pool.wgsl.ts'
import { mean_pool_grad } from '../../ops/mean_pool/mean_pool_grad.wgsl.ts'
import { mlstm, mlstm_step } from '../../ops/mlstm/mlstm.wgsl.ts'
import { mlstm_grad } from '../../ops/mlstm/mlstm_grad.wgsl.ts'
import { mse } from '../../ops/mse/mse.wgsl.ts'
import { mse_grad } from '../../ops/mse/mse_grad.wgsl.ts'
import { mul } from '../../ops/mul/mul.wgsl.ts'
import type { OpName } from '../../ops/names.ts'
import { neg_exp } from '../../ops/neg_exp/neg_exp.wgsl.ts'
import { pool_rows } from '../../ops/pool_rows/pool_rows.wgsl.ts'
import { pool_rows_grad } from '../../ops/pool_rows/pool_rows_grad.wgsl.ts'
import { quantile_loss, quantile_loss_grad } from '../../ops/quantile_loss/quantile_loss.wgsl.ts'
import { gru, gru_grad, gru_step, lstm, lstm_grad, lstm_step, slstm, slstm_grad, slstm_step } from '../../ops/recurrent/recurrent.wgsl.ts'
import { reverse } from '../../ops/reverse/reverse.wgsl.ts'
import { rms_norm } from '../../ops/rms_norm/rms_norm.wgsl.ts'
import { rms_norm_grad } from '../../ops/rms_norm/rms_norm_grad.wgsl.ts'
import { rope } from '../../ops/rope/rope.wgsl.ts'
import { scatter_rows } from '../../ops/scatter_rows/scatter_rows.wgsl.ts'
import { selective_scan } from '../../ops/selective_scan/selective_scan.wgsl.ts'
import { selective_scan_grad } from '../../ops/selective_scan/selective_scan_grad.wgsl.ts'
import { selective_scan_step } from '../../ops/selective_scan/selective_scan_step.wgsl.ts'
import { shift_rows } from '../../ops/shift_rows/shift_rows.wgsl.ts'
import { skip_gate, skip_gate_grad } from '../../ops/skip_gate/skip_gate.wgsl.ts'
import { soft_cap, soft_cap_grad } from '../../ops/soft_cap/soft_cap.wgsl.ts'
import { ssd, ssd_step } from '../../ops/ssd/ssd.wgsl.ts'
import { ssd_grad } from '../../ops/ssd/ssd_grad.wgsl.ts'
import { swap_axes } from '../../ops/swap_axes/swap_axes.wgsl.ts'
import { weigh_rows } from '../../ops/weigh_rows/weigh_rows.wgsl.ts'
import { window_step } from '../../ops/window_step/window_step.wgsl.ts'
import type { WgslKernel } from './wgsl.ts'

/** The WGSL of every op. */
export const kernels: Readonly<Record<OpName, WgslKernel>> = {
  activation,
  activation_grad,
  adamw,
  add,
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
  copy,
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
  fill,
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
  mul,
  neg_exp,
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
