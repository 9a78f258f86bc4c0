import type { RunConfig } from '../../main/contract/run.ts'
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
  {
    id: 'mamba-small',
    title: 'Mamba, small',
    description:
      'Four layers of width 128 over windows of 256 characters. Writes recognisable words and lines after a few minutes on a CPU.',
    config: small,
  },
  {
    id: 'mamba-nano',
    title: 'Mamba, nano',
    description: 'Two layers of width 64 over windows of 128 characters. A first look at any text in about a minute.',
    config: {
      ...small,
      model: { ...small.model, layers: '2×mamba', d_model: 64 },
      data: { seqlen: 128, batch: 16 },
      training: { ...small.training, steps: 1000, validate_every: 50, sample_every: 200 },
    },
  },
]
