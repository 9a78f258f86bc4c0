import { activation } from './activation/activation.ts'
import { activation_grad } from './activation/activation_grad.ts'
import { adamw } from './adamw/adamw.ts'
import { add } from './add/add.ts'
import { attention } from './attention/attention.ts'
import { attention_grad } from './attention/attention_grad.ts'
import { attention_step } from './attention/attention_step.ts'
import { batched_matmul } from './batched_matmul/batched_matmul.ts'
import { channel_scale } from './channel_scale/channel_scale.ts'
import { column_sum } from './column_sum/column_sum.ts'
import { complex_scan } from './complex_scan/complex_scan.ts'
import { complex_scan_grad } from './complex_scan/complex_scan_grad.ts'
import { complex_scan_step } from './complex_scan/complex_scan_step.ts'
import { conv1d_silu } from './conv1d_silu/conv1d_silu.ts'
import { conv1d_silu_grad } from './conv1d_silu/conv1d_silu_grad.ts'
import { conv1d_silu_step } from './conv1d_silu/conv1d_silu_step.ts'
import { copy } from './copy/copy.ts'
import { cross_entropy } from './cross_entropy/cross_entropy.ts'
import { cross_entropy_grad } from './cross_entropy/cross_entropy_grad.ts'
import { ctc } from './ctc/ctc.ts'
import { ctc_grad } from './ctc/ctc_grad.ts'
import { diagonal_scan } from './diagonal_scan/diagonal_scan.ts'
import { diagonal_scan_grad } from './diagonal_scan/diagonal_scan_grad.ts'
import { diagonal_scan_step } from './diagonal_scan/diagonal_scan_step.ts'
import { dplr_kernel } from './dplr_kernel/dplr_kernel.ts'
import { dplr_kernel_grad } from './dplr_kernel/dplr_kernel_grad.ts'
import { dplr_step } from './dplr_kernel/dplr_step.ts'
import { draw_token } from './draw_token/draw_token.ts'
import { dropout } from './dropout/dropout.ts'
import { embedding } from './embedding/embedding.ts'
import { embedding_grad } from './embedding/embedding_grad.ts'
import { fft_conv } from './fft_conv/fft_conv.ts'
import { fft_conv_grad } from './fft_conv/fft_conv_grad.ts'
import { fill } from './fill/fill.ts'
import { global_norm } from './global_norm/global_norm.ts'
import { glu } from './glu/glu.ts'
import { glu_grad } from './glu/glu_grad.ts'
import { gru, gru_grad } from './gru/gru.ts'
import { gru_step } from './gru/gru_step.ts'
import { headwise_linear, headwise_outer } from './headwise_linear/headwise_linear.ts'
import { layer_norm } from './layer_norm/layer_norm.ts'
import { layer_norm_grad } from './layer_norm/layer_norm_grad.ts'
import { lstm, lstm_grad } from './lstm/lstm.ts'
import { lstm_step } from './lstm/lstm_step.ts'
import { matmul } from './matmul/matmul.ts'
import { mean_pool } from './mean_pool/mean_pool.ts'
import { mean_pool_grad } from './mean_pool/mean_pool_grad.ts'
import { mlstm } from './mlstm/mlstm.ts'
import { mlstm_grad } from './mlstm/mlstm_grad.ts'
import { mlstm_step } from './mlstm/mlstm_step.ts'
import { mse } from './mse/mse.ts'
import { mse_grad } from './mse/mse_grad.ts'
import { mul } from './mul/mul.ts'
import type { OpName } from './names.ts'
import { neg_exp } from './neg_exp/neg_exp.ts'
import type { OpDefinition } from './op.ts'
import { pool_rows } from './pool_rows/pool_rows.ts'
import { pool_rows_grad } from './pool_rows/pool_rows_grad.ts'
import { quantile_loss } from './quantile_loss/quantile_loss.ts'
import { quantile_loss_grad } from './quantile_loss/quantile_loss_grad.ts'
import { reverse } from './reverse/reverse.ts'
import { rms_norm } from './rms_norm/rms_norm.ts'
import { rms_norm_grad } from './rms_norm/rms_norm_grad.ts'
import { rope } from './rope/rope.ts'
import { scatter_rows } from './scatter_rows/scatter_rows.ts'
import { selective_scan } from './selective_scan/selective_scan.ts'
import { selective_scan_grad } from './selective_scan/selective_scan_grad.ts'
import { selective_scan_step } from './selective_scan/selective_scan_step.ts'
import { shift_rows } from './shift_rows/shift_rows.ts'
import { skip_gate } from './skip_gate/skip_gate.ts'
import { skip_gate_grad } from './skip_gate/skip_gate_grad.ts'
import { slstm, slstm_grad } from './slstm/slstm.ts'
import { slstm_step } from './slstm/slstm_step.ts'
import { soft_cap, soft_cap_grad } from './soft_cap/soft_cap.ts'
import { ssd } from './ssd/ssd.ts'
import { ssd_grad } from './ssd/ssd_grad.ts'
import { ssd_step } from './ssd/ssd_step.ts'
import { swap_axes } from './swap_axes/swap_axes.ts'
import { weigh_rows } from './weigh_rows/weigh_rows.ts'
import { window_step } from './window_step/window_step.ts'

/** Every op by name. */
export const ops: Readonly<Record<OpName, OpDefinition>> = {
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
