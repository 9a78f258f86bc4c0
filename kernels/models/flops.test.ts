import { expect, test } from 'vitest'
import { workOf } from '../predict/work.ts'
import { mixers } from '../mixers/registry.ts'
import type { LayerConfig } from './layer.ts'
import { Model, type ModelConfig } from './model.ts'
import { forwardPlan } from './plans.ts'

const VOCAB = 33
const own = Array.from({ length: VOCAB }, (_, id) => id)
const layer = (mixer: string, options: LayerConfig['options'] = {}): LayerConfig => ({ mixer, options })
const base: Omit<ModelConfig, 'layers'> = {
  d_model: 48,
  seqlen: 192,
  norm: 'rms',
  input: { kind: 'tokens', vocab: VOCAB },
  head: { at: 'every', width: VOCAB, tied: false },
}

const CASES: [string, Partial<ModelConfig> & Pick<ModelConfig, 'layers'>][] = [
  ...Object.keys(mixers).map((name): (typeof CASES)[number] => [name, { layers: [layer(name), layer(name)] }]),
  ['mamba2 of odd sizes', { layers: [layer('mamba2', { ngroups: 3, headdim: 8, d_state: 17 })] }],
  ['attention of groups and a window', { layers: [layer('attention', { n_heads: 6, n_kv_heads: 2, window: 17, bias: true })] }],
  ['mlstm of odd sizes', { layers: [layer('mlstm', { proj_factor: 1.3, round_to: 8, num_heads: 2, qkv_proj_blocksize: 8 })] }],
  [
    'both directions, gated MLP',
    { layers: [layer('slstm', { d_conv: 0, num_heads: 3, mlp: 'swiglu', mlp_ratio: 1.3, direction: 'both' })] },
  ],
  ['real states', { layers: [layer('s4d', { init: 'real', d_state: 6 })] }],
  ['U-shaped', { layers: [layer('s4d'), layer('gru')], sashimi: { pool: [4, 2], expand: 3, ff: 1.5, unet: true } }],
  ['both strands', { layers: [layer('mamba')], complement: own }],
  ['both strands, pooled', { layers: [layer('mamba')], complement: own, head: { at: 'mean', width: 5, tied: false } }],
  [
    'numbers in, the last position out',
    { layers: [layer('lstm')], input: { kind: 'vectors', width: 7 }, head: { at: 'last', width: 9, tied: false } },
  ],
]

test.each(CASES)('FLOPs per token are those of the commands of a forward pass: %s', (_, config) => {
  const model = new Model({ ...base, ...config })
  const batch = 32
  const { commands } = forwardPlan(model, { batch, seqlen: base.seqlen }, { opaque: () => 0, scratch: () => 0 })
  const counted = commands.reduce((sum, command) => sum + workOf(command).flops, 0) / (batch * base.seqlen)
  expect(Math.abs(model.flopsPerToken() / counted - 1)).toBeLessThan(0.06)
})
