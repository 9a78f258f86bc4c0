import { attentionPython } from './attention.ts'
import { h3Python } from './h3.ts'
import { longConvPython } from './longConv.ts'
import { mambaPython } from './mamba.ts'
import { mamba2Python } from './mamba2.ts'
import { mlstmPython } from './mlstm.ts'
import { recurrentPython } from './recurrent.ts'
import { s4Python } from './s4.ts'
import { s4dPython } from './s4d.ts'
import { s5Python } from './s5.ts'
import { slstmPython } from './slstm.ts'

/**
 * Each mixer in plain PyTorch: a class of its own, `Mixer` with forward(x (batch, length, d_model)), made from its tensors and the
 * options with every size filled in. Parameters are attributes: in_proj.weight is self.in_proj_weight.
 */
export const pythonMixers: Readonly<Record<string, { readonly name: string; readonly source: string }>> = {
  attention: { name: 'Attention', source: attentionPython },
  full_attention: { name: 'Attention', source: attentionPython },
  gru: { name: 'GRU', source: recurrentPython },
  h3: { name: 'H3', source: h3Python },
  long_conv: { name: 'LongConv', source: longConvPython },
  lstm: { name: 'LSTM', source: recurrentPython },
  mamba: { name: 'Mamba', source: mambaPython },
  mamba2: { name: 'Mamba2', source: mamba2Python },
  mlstm: { name: 'MLSTM', source: mlstmPython },
  mlstm_large: { name: 'MLSTMLarge', source: mlstmPython },
  s4: { name: 'S4', source: s4Python },
  s4d: { name: 'S4D', source: s4dPython },
  s5: { name: 'S5', source: s5Python },
  slstm: { name: 'SLSTM', source: slstmPython },
}
