import type { RunConfig } from '../../main/contract/run.ts'
import { preset } from './preset.ts'
import type { PresetSource } from './presets.ts'

const small: RunConfig = {
  version: 2,
  model: { layers: '4×mamba', d_model: 96, norm: 'rms', mixers: { mamba: { d_state: 16, d_conv: 4, expand: 2 } }, tie_embeddings: false },
  objective: { kind: 'next-token' },
  data: { seqlen: 512, batch: 4 },
  optimizer: {
    lr: 2e-3,
    min_lr: 1e-4,
    weight_decay: 0.05,
    beta1: 0.9,
    beta2: 0.95,
    eps: 1e-8,
    clip: 1,
    warmup: 100,
    schedule: 'cosine',
  },
  training: {
    steps: 1000,
    validate_every: 100,
    validate_batches: 8,
    sample_every: 0,
    checkpoint_seconds: 30,
    patience: null,
    max_minutes: null,
  },
  seed: 1,
}

export const audioPresets: readonly PresetSource[] = [
  preset(
    small,
    'mamba-small',
    'Mamba, small',
    'Four layers of width 96 over windows of 512 samples in 256 mu-law levels. Learns the timbre of a few recordings in minutes.',
  ),
  preset(
    small,
    'mamba-nano',
    'Mamba, nano',
    'Two layers of width 48 over windows of 256 samples in 256 mu-law levels. A first look in about a minute.',
    { model: { layers: '2×mamba', d_model: 48 }, data: { seqlen: 256, batch: 8 }, training: { steps: 800, validate_every: 50 } },
  ),
  preset(
    small,
    'mamba-base',
    'Mamba, base',
    'Six layers of width 192 over windows of 4,096 samples. For hours of sound, on a GPU; ends by itself when held-out sound stops getting easier.',
    {
      model: { layers: '6×mamba', d_model: 192 },
      data: { seqlen: 4096, batch: 8 },
      training: { steps: 3000, validate_every: 100, patience: 5 },
    },
  ),
  preset(
    small,
    'sashimi-small',
    'SaShiMi, small',
    'S4D layers at three rates, each a quarter of the one above, over windows of 1,024 samples: the slow ones see far, the fast ones draw the wave.',
    {
      model: {
        layers: '2×s4d',
        d_model: 32,
        norm: 'layer',
        sashimi: { pool: [4, 4], expand: 2, ff: 2, unet: false },
        mixers: { s4d: { d_state: 32 } },
      },
      data: { seqlen: 1024, batch: 4 },
    },
  ),
  preset(
    small,
    's4d-small',
    'S4D, small',
    'Four layers of diagonal state spaces of width 64, the same at every moment: smooth signals with long memory.',
    { model: { layers: '4×s4d', d_model: 64, norm: 'layer', mixers: { s4d: { d_state: 32 } } } },
  ),
]
