import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mixers } from './registry.ts'

/**
 * Parameters as the published implementations register them, in state_dict's names below the mixer: what a checkpoint of theirs would hold.
 * Not made from the code: a name that changes here no longer loads there.
 */
const PUBLISHED: Readonly<Record<string, { source: string; names: string }>> = {
  attention: { source: 'mamba_ssm/modules/mha.py, MHA', names: 'in_proj.weight in_proj.bias out_proj.weight out_proj.bias' },
  full_attention: { source: 'mamba_ssm/modules/mha.py, MHA', names: 'in_proj.weight in_proj.bias out_proj.weight out_proj.bias' },
  gru: { source: 'torch.nn.GRU', names: 'weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0' },
  h3: {
    source: 'HazyResearch/H3, src/models/ssm/h3.py, with its diagonal kernel',
    names:
      'q_proj.weight q_proj.bias k_proj.weight k_proj.bias v_proj.weight v_proj.bias ssm_k_kernel.C ssm_k_D kernel.C kernel.log_dt ' +
      'kernel.log_A_real kernel.A_imag D output_linear.weight output_linear.bias',
  },
  long_conv: {
    source: 'HazyResearch/safari, src/models/sequence/long_conv.py, LongConv',
    names: 'D kernel.kernel output_linear.0.weight output_linear.0.bias',
  },
  lstm: { source: 'torch.nn.LSTM', names: 'weight_ih_l0 weight_hh_l0 bias_ih_l0 bias_hh_l0' },
  mamba: {
    source: 'mamba_ssm/modules/mamba_simple.py, Mamba',
    names: 'A_log D in_proj.weight conv1d.weight conv1d.bias x_proj.weight dt_proj.weight dt_proj.bias out_proj.weight',
  },
  mamba2: {
    source: 'mamba_ssm/modules/mamba2.py, Mamba2',
    names: 'dt_bias A_log D in_proj.weight conv1d.weight conv1d.bias norm.weight out_proj.weight',
  },
  mlstm: {
    source: 'xlstm/blocks/mlstm/layer.py, mLSTMLayer',
    names:
      'learnable_skip proj_up.weight q_proj.weight k_proj.weight v_proj.weight conv1d.conv.weight conv1d.conv.bias mlstm_cell.igate.weight ' +
      'mlstm_cell.igate.bias mlstm_cell.fgate.weight mlstm_cell.fgate.bias mlstm_cell.outnorm.weight proj_down.weight',
  },
  mlstm_large: {
    source: 'xlstm/xlstm_large/model.py, mLSTMLayer, weight_mode "single"',
    names:
      'q.weight k.weight v.weight ogate_preact.weight igate_preact.weight igate_preact.bias fgate_preact.weight fgate_preact.bias ' +
      'multihead_norm.weight out_proj.weight',
  },
  s4: {
    source: 'state-spaces/s4, models/s4/s4.py, version 4, S4Block',
    names:
      'layer.D layer.kernel.C layer.kernel.B layer.kernel.P layer.kernel.inv_dt layer.kernel.A_real layer.kernel.A_imag ' +
      'output_linear.0.weight output_linear.0.bias',
  },
  s4d: {
    source: 'state-spaces/s4, models/s4/s4d.py, S4D',
    names: 'D kernel.C kernel.log_dt kernel.log_A_real kernel.A_imag output_linear.0.weight output_linear.0.bias',
  },
  s5: {
    source: 'lindermanlab/S5, s5/ssm.py and s5/layers.py',
    names: 'seq.Lambda_re seq.Lambda_im seq.B seq.C seq.D seq.log_step out2.kernel out2.bias',
  },
  slstm: {
    source: 'xlstm/blocks/slstm/layer.py, sLSTMLayer, backend "vanilla"',
    names:
      'conv1d.conv.weight conv1d.conv.bias fgate.weight igate.weight zgate.weight ogate.weight slstm_cell._recurrent_kernel_ ' +
      'slstm_cell._bias_ group_norm.weight',
  },
}

test('every mixer has its published names on the list', () => expect(Object.keys(PUBLISHED).sort()).toEqual(Object.keys(mixers).sort()))

test.each(Object.entries(PUBLISHED))('%s has the parameters of its published implementation', (name, { names }) => {
  const golden = JSON.parse(readFileSync(join(import.meta.dirname, `../golden/${name}.json`), 'utf8')) as {
    dims: { d_model: number; seqlen: number }
    params: Record<string, number[]>
  }
  const { d_model, seqlen, ...options } = golden.dims
  const params = mixers[name].params(
    mixers[name].resolve({ ...options, bias: true, batch: undefined }, { d_model, n_layer: 1, layer: 0, seqlen }),
  )
  expect(Object.keys(params).sort()).toEqual(names.split(' ').sort())
})
