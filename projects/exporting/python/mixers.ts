import { attentionPython } from './attention.ts'
import { mambaPython } from './mamba.ts'

/**
 * Each mixer in plain PyTorch: a class of its own, `Mixer` with forward(x (batch, length, d_model)), made from its tensors and the
 * options with every size filled in. Parameters are attributes: in_proj.weight is self.in_proj_weight.
 */
export const pythonMixers: Readonly<Record<string, { readonly name: string; readonly source: string }>> = {
  attention: { name: 'Attention', source: attentionPython },
  mamba: { name: 'Mamba', source: mambaPython },
}
