import type { RunConfig } from '../../main/contract/run.ts'
import { preset } from './preset.ts'
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
  preset(
    small,
    'mamba-small',
    'Mamba, small',
    'Two layers of width 64 over windows of 512 bases, read from both strands. Ends by itself when held-out bases stop getting easier.',
  ),
  preset(
    small,
    'mamba-nano',
    'Mamba, nano',
    'One layer of width 32 over windows of 256 bases, read from both strands. For very short genomes and a first look.',
    { model: { layers: '1×mamba', d_model: 32 }, data: { seqlen: 256, batch: 16 }, training: { steps: 500 } },
  ),
  preset(
    small,
    'mamba-base',
    'Mamba, base',
    'Six layers of width 192 over windows of 2,048 bases. For bacterial genomes and larger, on a GPU.',
    { model: { layers: '6×mamba', d_model: 192 }, data: { seqlen: 2048, batch: 8 }, training: { steps: 5000, validate_every: 100 } },
  ),
  preset(
    small,
    'strands-small',
    'Both strands, small',
    'Two layers that read in both directions and treat a sequence and its reverse complement alike. Tells hidden bases; cannot write.',
    {
      model: { mixers: { mamba: { d_state: 16, d_conv: 4, expand: 2, direction: 'both' } }, both_strands: true },
      objective: { kind: 'masked', rate: 0.15 },
      data: { seqlen: 256 },
      training: { sample_every: 0 },
    },
  ),
  preset(small, 'hybrid-small', 'Hybrid, small', 'Two layers of Mamba around one of local attention over 128 bases.', {
    model: { layers: '1×mamba, 1×attention, 1×mamba', mixers: { mamba: {}, attention: { n_heads: 4, window: 128, mlp: 'none' } } },
  }),
]
