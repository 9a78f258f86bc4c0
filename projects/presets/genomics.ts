import type { RunConfig } from '../../main/contract/run.ts'
import type { PresetSource } from './presets.ts'

const small: RunConfig = {
  version: 2,
  model: { layers: '2×mamba', d_model: 64, norm: 'rms', mixers: { mamba: { d_state: 16, d_conv: 4, expand: 2 } }, tie_embeddings: false },
  objective: { kind: 'next-token' },
  data: { seqlen: 512, batch: 8, reverse_complement: true },
  optimizer: {
    lr: 2e-3,
    min_lr: 1e-4,
    weight_decay: 0.1,
    beta1: 0.9,
    beta2: 0.95,
    eps: 1e-8,
    clip: 1,
    warmup: 50,
    schedule: 'cosine',
  },
  training: {
    steps: 1000,
    validate_every: 25,
    validate_batches: 8,
    sample_every: 100,
    checkpoint_seconds: 30,
    patience: 12,
    max_minutes: null,
  },
  seed: 1,
}

export const genomicsPresets: readonly PresetSource[] = [
  {
    id: 'mamba-small',
    title: 'Mamba, small',
    description:
      'Two layers of width 64 over windows of 512 bases, read from both strands. Ends by itself when held-out bases stop getting easier.',
    config: small,
  },
  {
    id: 'mamba-nano',
    title: 'Mamba, nano',
    description: 'One layer of width 32 over windows of 256 bases, read from both strands. For very short genomes and a first look.',
    config: {
      ...small,
      model: { ...small.model, layers: '1×mamba', d_model: 32 },
      data: { ...small.data, seqlen: 256, batch: 16 },
      training: { ...small.training, steps: 500 },
    },
  },
]
