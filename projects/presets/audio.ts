import type { RunConfig } from '../../main/contract/run.ts'
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
  {
    id: 'mamba-small',
    title: 'Mamba, small',
    description:
      'Four layers of width 96 over windows of 512 samples in 256 mu-law levels. Learns the timbre of a few recordings in minutes.',
    config: small,
  },
  {
    id: 'mamba-nano',
    title: 'Mamba, nano',
    description: 'Two layers of width 48 over windows of 256 samples in 256 mu-law levels. A first look in about a minute.',
    config: {
      ...small,
      model: { ...small.model, layers: '2×mamba', d_model: 48 },
      data: { seqlen: 256, batch: 8 },
      training: { ...small.training, steps: 800, validate_every: 50 },
    },
  },
]
