import type { Domain } from '../../main/contract/dataset.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { OfRecords } from '../config/ofRecords.ts'
import type { PresetSource } from './presets.ts'

const base: RunConfig = {
  version: 2,
  model: { layers: '2×mamba', d_model: 64, norm: 'rms', mixers: { mamba: { d_state: 16, d_conv: 4, expand: 2 } }, tie_embeddings: false },
  objective: { kind: 'classify', pool: 'mean', read: 'tokens', patch: 1 },
  data: { seqlen: 256, batch: 32 },
  optimizer: {
    lr: 2e-3,
    min_lr: 1e-5,
    weight_decay: 0.1,
    beta1: 0.9,
    beta2: 0.98,
    eps: 1e-8,
    clip: 1,
    warmup: 50,
    schedule: 'cosine',
  },
  training: {
    steps: 600,
    validate_every: 25,
    validate_batches: 16,
    sample_every: 0,
    checkpoint_seconds: 30,
    patience: 8,
    max_minutes: null,
  },
  seed: 1,
}

/** A diagonal state space behind each channel: smooth filters as long as the record, few parameters, and dropout for the small sets that labels are. */
const s4d: RunConfig = {
  ...base,
  model: { ...base.model, layers: '2×s4d', norm: 'layer', mixers: { s4d: { d_state: 32 } }, dropout: 0.2 },
  training: { ...base.training, patience: 20 },
}

/** Crops and noise make a few voices many. */
const sound: RunConfig = {
  ...s4d,
  model: { ...s4d.model, layers: '4×s4d', d_model: 128 },
  objective: { kind: 'classify', pool: 'mean', read: 'values', patch: 16 },
  data: { seqlen: 256, batch: 32, crop: 0.7, noise: 0.1 },
  optimizer: { ...base.optimizer, lr: 4e-3 },
  training: { ...s4d.training, steps: 1500, validate_every: 50, patience: 16 },
}

/**
 * Read from the last position: a filter that ends there knows how far from the end each base stands, which is what a splice site or promoter is about. Its
 * steps Δ are near 1 / length (`fitPreset` sees to that): wider ones blur the places, smaller ones do not tell them apart.
 */
const dna: RunConfig = {
  ...s4d,
  model: { ...s4d.model, dropout: 0.3, mixers: { s4d: { d_state: 128, dt_min: 0.00117, dt_max: 0.0117 } } },
  objective: { kind: 'classify', pool: 'last', read: 'tokens', patch: 1 },
  data: { seqlen: 512, batch: 32, replace: 0.05 },
  optimizer: { ...base.optimizer, lr: 4e-3 },
  training: { ...s4d.training, steps: 1000, patience: 16 },
}

/** What leads for labelled records of a domain. */
const FIRST: Readonly<Record<Domain, readonly PresetSource[]>> = {
  genomics: [
    {
      id: 's4d-classify',
      title: 'S4D, classes',
      description:
        'Two layers of diagonal state spaces of width 64 over bases, up to 512 of each sequence; the class is read from the last position, so that places count.',
      config: dna,
    },
  ],
  audio: [
    {
      id: 's4d-classify',
      title: 'S4D, classes',
      description:
        'Four layers of diagonal state spaces of width 128 over raw samples, 16 to a position; the class is read from the mean of all positions.',
      config: sound,
    },
    {
      id: 'sashimi-classify',
      title: 'SaShiMi, classes',
      description:
        'S4D layers at three rates over raw samples, 8 to a position: short sounds at the fast rate, syllables at the slow ones.',
      config: {
        ...sound,
        model: { ...sound.model, layers: '1×s4d', d_model: 24, sashimi: { pool: [4, 4], expand: 2, ff: 2, unet: true } },
        objective: { kind: 'classify', pool: 'mean', read: 'values', patch: 8 },
        data: { ...sound.data, seqlen: 512 },
      },
    },
  ],
  timeseries: [
    {
      id: 's4d-classify',
      title: 'S4D, classes',
      description:
        'Two layers of diagonal state spaces of width 64 over rows of all channels; the class is read from the mean of all positions.',
      config: {
        ...s4d,
        model: { ...s4d.model, mixers: { s4d: { d_state: 32, dt_min: 0.00234, dt_max: 0.0234 } } },
        objective: { kind: 'classify', pool: 'mean', read: 'values', patch: 1 },
        data: { seqlen: 256, batch: 32, noise: 0.2 },
        training: { ...s4d.training, patience: 30 },
      },
    },
  ],
  text: [],
}

/**
 * Where places count, Mamba alone is a poor judge: what it remembers depends on what it reads, and not on how long ago that was. One layer of S4D before it
 * tells the places, and is read by a Mamba that says which of them matter.
 */
const placed = (source: RunConfig, pool: OfRecords['pool'], data: Partial<RunConfig['data']> = {}): RunConfig => ({
  ...source,
  model: {
    ...source.model,
    layers: '1×s4d, 1×mamba',
    norm: 'rms',
    mixers: { s4d: source.model.mixers.s4d, mamba: base.model.mixers.mamba },
  },
  objective: { ...source.objective, pool } as RunConfig['objective'],
  data: { ...source.data, ...data },
  training: { ...source.training, steps: 600 },
})

const timeseries = FIRST.timeseries[0].config

/** The presets called Mamba: what leads, how long the nano one trains, and what they read in words. */
const MAMBA: Readonly<Record<Domain, { config: RunConfig; what: string }>> = {
  genomics: { config: placed(dna, 'last', { replace: 0.1 }), what: 'bases, up to 512 of each sequence' },
  text: { config: base, what: 'symbols, up to 256 of each text' },
  audio: {
    config: {
      ...sound,
      model: { ...sound.model, layers: '2×mamba', d_model: 64, norm: 'rms', mixers: base.model.mixers },
      training: { ...sound.training, steps: 1000 },
    },
    what: 'samples, 16 to a position',
  },
  timeseries: { config: placed(timeseries, 'mean'), what: 'rows of all channels' },
}

/** For labelled records: one class for each. */
export function classifyPresets(domain: Domain): readonly PresetSource[] {
  const { config, what } = MAMBA[domain]
  const { objective, model, optimizer } = config
  const both = model.layers === '2×mamba' ? 'Two layers of Mamba' : 'A layer of S4D, which tells places, and one of Mamba'
  const read = (objective as OfRecords).pool === 'last' ? 'the last position' : 'the mean of all positions'
  const nano = model.layers === '2×mamba' ? '1×mamba' : model.layers
  return [
    ...FIRST[domain],
    {
      id: 'mamba-classify',
      title: 'Mamba, classes',
      description: `${both} of width ${model.d_model} over ${what}; the class is read from ${read}.`,
      config,
    },
    {
      id: 'mamba-classify-nano',
      title: 'Mamba, classes, nano',
      description: `The same at width 32${nano === model.layers ? '' : ' and with one layer'}. A first look at labelled data in about a minute.`,
      config: {
        ...config,
        model: { ...model, layers: nano, d_model: 32, ...(model.dropout === undefined ? {} : { dropout: 0.1 }) },
        optimizer: { ...optimizer, lr: 4e-3 },
        training: { ...config.training, steps: 600 },
      },
    },
  ]
}

/** For records labelled with numbers: the same models, which answer with one. */
export const regressPresets = (domain: Domain): readonly PresetSource[] =>
  classifyPresets(domain).map(({ id, title, description, config }) => ({
    id: id.replace('classify', 'regress'),
    title: title.replace('classes', 'numbers'),
    description: description.replace('the class is read', 'the number is read'),
    config: { ...config, objective: { ...(config.objective as OfRecords), kind: 'regress' } },
  }))
