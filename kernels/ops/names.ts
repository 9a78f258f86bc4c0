/**
 * The ops, by name. The registry and each backend's kernel table are exhaustive over this list, so an op without a definition or a
 * kernel does not compile.
 */
export const opNames = [
  'activation',
  'activation_grad',
  'adamw',
  'add',
  'column_sum',
  'conv1d_silu',
  'conv1d_silu_grad',
  'conv1d_silu_step',
  'copy',
  'cross_entropy',
  'cross_entropy_grad',
  'embedding',
  'embedding_grad',
  'fill',
  'global_norm',
  'glu',
  'glu_grad',
  'layer_norm',
  'layer_norm_grad',
  'matmul',
  'mean_pool',
  'mean_pool_grad',
  'mse',
  'mse_grad',
  'mul',
  'neg_exp',
  'rms_norm',
  'rms_norm_grad',
  'scatter_rows',
  'selective_scan',
  'selective_scan_grad',
  'selective_scan_step',
] as const
export type OpName = (typeof opNames)[number]
