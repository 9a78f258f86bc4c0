import type { RunConfig } from '../../main/contract/run.ts'
import { preset } from './preset.ts'
import type { PresetSource } from './presets.ts'

const small: RunConfig = {
  version: 2,
  model: { layers: '4×mamba', d_model: 128, norm: 'rms', mixers: { mamba: { d_state: 16, d_conv: 4, expand: 2 } }, tie_embeddings: false },
  objective: { kind: 'next-token' },
  data: { seqlen: 256, batch: 8 },
  optimizer: {
    lr: 3e-3,
    min_lr: 1e-4,
    weight_decay: 0.1,
    beta1: 0.9,
    beta2: 0.95,
    eps: 1e-8,
    clip: 1,
    warmup: 100,
    schedule: 'cosine',
  },
  training: {
    steps: 1200,
    validate_every: 100,
    validate_batches: 8,
    sample_every: 200,
    checkpoint_seconds: 30,
    patience: null,
    max_minutes: null,
  },
  seed: 1,
}

export const textPresets: readonly PresetSource[] = [
  preset(
    small,
    'mamba-small',
    'Mamba, small',
    'Four layers of width 128 over windows of 256 characters. Writes recognisable words and lines after a few minutes on a CPU.',
  ),
  preset(
    small,
    'mamba-nano',
    'Mamba, nano',
    'Two layers of width 64 over windows of 128 characters. A first look at any text in about a minute.',
    { model: { layers: '2×mamba', d_model: 64 }, data: { seqlen: 128, batch: 16 }, training: { steps: 1000, validate_every: 50 } },
  ),
  preset(
    small,
    'mamba-base',
    'Mamba, base',
    'Six layers of width 256 over windows of 512 characters. Made for a GPU; on a CPU it takes an hour.',
    { model: { layers: '6×mamba', d_model: 256 }, data: { seqlen: 512, batch: 16 }, optimizer: { lr: 2e-3 }, training: { steps: 3000 } },
  ),
  preset(
    small,
    'transformer-small',
    'Transformer, small',
    'Four layers of attention with rotary positions and an MLP. The usual comparison; its memory grows with the window.',
    { model: { layers: '4×attention', norm: 'layer', mixers: { attention: { n_heads: 4 } } }, optimizer: { lr: 2e-3 } },
  ),
  preset(
    small,
    'hybrid-small',
    'Hybrid, small',
    'Three layers of Mamba and one of attention: a recurrent memory, and one place that looks things up exactly.',
    { model: { layers: '2×mamba, 1×attention, 1×mamba', mixers: { mamba: {}, attention: { n_heads: 4, mlp: 'none' } } } },
  ),
  preset(
    small,
    'slstm-small',
    'sLSTM, small',
    'Three blocks of the recurrent half of xLSTM. Tracks state over any length; cannot be computed in parallel over time.',
    { model: { layers: '3×slstm', norm: 'layer-no-bias', mixers: { slstm: { num_heads: 4 } } }, optimizer: { lr: 2e-3 } },
  ),
  preset(
    small,
    'mamba2-small',
    'Mamba-2, small',
    'Four layers of width 128 whose heads keep a matrix each. A state many times as large as Mamba has, computed as matrix products.',
    { model: { layers: '4×mamba2', mixers: { mamba2: {} } } },
  ),
  preset(
    small,
    'xlstm-small',
    'xLSTM, small',
    'Three matrix-memory blocks to one scalar-memory block. Recall from the first, state tracking from the second.',
    {
      model: { layers: '2×mlstm, 1×slstm, 1×mlstm', norm: 'layer-no-bias', mixers: { mlstm: { num_heads: 4 }, slstm: { num_heads: 4 } } },
      optimizer: { lr: 2e-3 },
    },
  ),
]
