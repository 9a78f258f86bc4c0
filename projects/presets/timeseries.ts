import type { RunConfig } from '../../main/contract/run.ts'
import { preset } from './preset.ts'
import type { PresetSource } from './presets.ts'

const small: RunConfig = {
  version: 2,
  model: { layers: '2×mamba', d_model: 64, norm: 'rms', mixers: { mamba: { d_state: 16, d_conv: 2, expand: 1 } }, tie_embeddings: false },
  objective: { kind: 'forecast', horizon: 96, lookback: 336, patch: 16, channelIndependent: true },
  data: { seqlen: 21, batch: 16 },
  optimizer: {
    lr: 1e-2,
    min_lr: 1e-5,
    weight_decay: 0.05,
    beta1: 0.9,
    beta2: 0.98,
    eps: 1e-8,
    clip: 1,
    warmup: 50,
    schedule: 'cosine',
  },
  training: {
    steps: 1500,
    validate_every: 50,
    validate_batches: 16,
    sample_every: 0,
    checkpoint_seconds: 30,
    patience: 10,
    max_minutes: null,
  },
  seed: 1,
}

export const timeseriesPresets: readonly PresetSource[] = [
  preset(
    small,
    'mamba-small',
    'Mamba, small',
    'Two layers of width 64 over patches of 16 rows: from 336 past rows to the next 96, each channel by itself under shared weights.',
  ),
  preset(
    small,
    'mamba-nano',
    'Mamba, nano',
    'One layer of width 32 over patches of 8 rows: from 96 past rows to the next 24. For short series and a first look.',
    {
      model: { layers: '1×mamba', d_model: 32 },
      objective: { kind: 'forecast', horizon: 24, lookback: 96, patch: 8, channelIndependent: true },
      data: { seqlen: 12, batch: 16 },
      training: { steps: 600 },
    },
  ),
  preset(
    small,
    'mamba-base',
    'Mamba, base',
    'Four layers of width 128 over patches of 16 rows: from 512 past rows to the next 96. For many channels and long records.',
    {
      model: { layers: '4×mamba', d_model: 128 },
      objective: { kind: 'forecast', horizon: 96, lookback: 512, patch: 16, channelIndependent: true },
      data: { seqlen: 32, batch: 16 },
      optimizer: { lr: 5e-3 },
      training: { steps: 3000 },
    },
  ),
  preset(
    small,
    'transformer-small',
    'Transformer, small',
    'Two layers of attention over patches of 16 rows, as PatchTST has them, from 336 past rows to the next 96.',
    { model: { layers: '2×attention', norm: 'layer', mixers: { attention: { n_heads: 4 } } }, optimizer: { lr: 5e-3 } },
  ),
  preset(small, 'lstm-small', 'LSTM, small', 'Two layers of LSTM of width 64 over patches of 16 rows. The classic to compare with.', {
    model: { layers: '2×lstm', mixers: { lstm: {} } },
    optimizer: { lr: 2e-3 },
  }),
  preset(
    small,
    's4d-small',
    'S4D, small',
    'Two layers of diagonal state spaces of width 64 over patches of 16 rows, from 336 past rows to the next 96. Few parameters, smooth memory.',
    { model: { layers: '2×s4d', norm: 'layer', mixers: { s4d: { d_state: 32 } } }, optimizer: { lr: 8e-3 } },
  ),
]
