import type { Domain, Split } from './dataset.ts'

/**
 * One versioned document that describes a run completely. Validated by projects/config; the JSON schema made from it drives forms, CLI and docs.
 * Sizes keep the papers' spelling.
 */
export interface RunConfig {
  version: 2
  model: {
    /** First to last: '4×mamba', '3×(2×mamba, 1×attention)', 'mamba, attention{n_heads: 4, window: 64}' with options of that layer alone. */
    layers: string
    d_model: number
    norm: 'rms' | 'layer' | 'layer-no-bias'
    /** SaShiMi's U of several rates with all the layers at each, instead of one stack. */
    sashimi?: { pool: number[]; expand: number; ff: number; unet: boolean }
    /** Options by mixer, for all its layers that have none of their own; those of the block around it among them. What is left out is as the mixer's paper has it. */
    mixers: Record<string, Record<string, number | boolean | string>>
    tie_embeddings: boolean
    /** Share of the outputs of each part that training leaves out; none when absent. */
    dropout?: number
    /** DNA: both strands are read with the same weights, and the model treats them alike. */
    both_strands?: boolean
  }
  objective:
    | { kind: 'next-token' }
    /** Tokens hidden at random are told from both sides. */
    | { kind: 'masked'; rate: number }
    /** Next token, of windows whose middle is moved to the end so often. */
    | { kind: 'infill'; rate: number }
    /** The answers a dataset asks for at its positions (generated tasks). */
    | { kind: 'label-each' }
    /** loss: what is minimised, the squared error when absent; quantiles are 0.1, 0.5 and 0.9, of which the median is the forecast. */
    | {
        kind: 'forecast'
        horizon: number
        lookback: number
        patch: number
        channelIndependent: boolean
        loss?: 'mse' | 'mae' | 'quantiles'
      }
    | { kind: 'classify'; pool: 'last' | 'mean'; read: 'tokens' | 'values'; patch: number }
    /** The number a record is labelled with, in deviations of the training labels; loss: the squared error when absent. */
    | { kind: 'regress'; pool: 'last' | 'mean'; read: 'tokens' | 'values'; patch: number; loss?: 'mse' | 'mae' }
  /**
   * classify, regress, label-each, forecast: before the labels the same layers learn the training inputs alone for so many steps, with a head
   * of their own; then the task gets a new head and the optimiser begins anew. `training.steps` counts the steps on labels.
   */
  pretraining?: {
    /** Of tokens the first three; of inputs that are numbers: each position's values from those before it, or hidden ones from the rest. */
    objective:
      | Extract<RunConfig['objective'], { kind: 'next-token' | 'masked' | 'infill' }>
      | { kind: 'next-value' }
      | { kind: 'masked-value'; rate: number }
    steps: number
    /** Learning rate after warm-up; that of the optimiser when absent. */
    lr?: number
  }
  data: {
    seqlen: number
    batch: number
    /** next-token, masked, label-each: at most so many records in a window, none of which sees another. One when absent. */
    packing?: number
    reverse_complement?: boolean
    /** What training changes about its windows, drawn anew at each step from (seed, step, row): loudness of sound, in decibels either way. */
    gain_db?: number
    /** Deviation of noise: of sound read as levels a share of full scale; of numbers in their own deviations. */
    noise?: number
    /** classify, regress: at least this share of a record is read, drawn at random. */
    crop?: number
    /** classify, regress: this share of the tokens is replaced by those of other places, so that no single one decides. */
    replace?: number
    /** Of a dataset split into folds, which one tests. */
    fold?: number
    /** label-each: the longest record drawn grows from `curriculum_start` tokens to the longest there is within so many steps. */
    curriculum_steps?: number
    curriculum_start?: number
  }
  optimizer: {
    lr: number
    min_lr: number
    weight_decay: number
    beta1: number
    beta2: number
    eps: number
    clip: number
    warmup: number
    schedule: 'cosine' | 'constant'
  }
  training: {
    steps: number
    validate_every: number
    validate_batches: number
    sample_every: number
    checkpoint_seconds: number
    patience: number | null
    max_minutes: number | null
    /** Micro-batches of `data.batch` windows that make one step; 1 when absent. */
    accumulate?: number
    /** What the backward pass computes again to save memory; auto when absent. Changes no result. */
    recompute?: 'auto' | 'none' | 'light' | 'full'
    /** mixed: matrix products round their inputs to float16, and large activations are stored so, on a GPU that can. float32 when absent. */
    precision?: 'f32' | 'mixed'
  }
  seed: number
}

export interface Preset {
  id: string // 'mamba-small'
  title: string
  domain: Domain
  description: string
  config: RunConfig
  parameters: number
  /** Estimated for this machine from a measured rate; null before the first measurement. */
  minutes: number | null
  /** What it reached when it was trained once on data that come with Strand, or are published; not on yours, and not on this machine. */
  measured: PresetResult[]
}

/** A preset's score on records it had not seen, beside the best of the rules that are no neural model. */
export interface PresetResult {
  data: string
  score: number
  unit: string
  baseline: { name: string; value: number }
  better: boolean
  steps: number
  seconds: number
  memoryBytes: number | null
  device: string
}

/** A token mixer that layers can be made of. */
export interface MixerInfo {
  name: string // 'mamba'
  title: string
  citation: string
  causal: boolean
  options: MixerOption[]
}

export interface MixerOption {
  /** Under `model.mixers.<name>.` */
  key: string
  help: string
  kind: 'integer' | 'number' | 'boolean' | 'choice' | 'text'
  /** What it is when left out; null where it follows from other settings. */
  default: number | boolean | string | null
  min?: number
  max?: number
  /** Exclusive bounds. */
  above?: number
  below?: number
  choices?: string[]
  /** It may be empty: null. */
  empty?: boolean
  cite?: { text: string; url: string }
}

/** A setting of a run; `key` is its dotted path, 'optimizer.lr'. */
export interface SettingInfo extends MixerOption {
  /** The kind of objective that has it. */
  objective?: string
}

export interface ModelSummary {
  parameters: number
  stateBytesPerSequence: number
  flopsPerToken: number
  /** At the level of recomputation below. */
  memoryBytes: number
  /** What the backward pass would compute again on the CPU, and the sentence why; null where nothing needs saying. */
  recompute: 'none' | 'light' | 'full'
  recomputeReason: string | null
  /** What a step should take on each device that was measured here, from the commands of its plan; empty before the first run. */
  predictions: { device: 'cpu' | 'webgpu'; name: string; stepMs: number }[]
  /** own: the options that a layer alone has. */
  layers: { name: string; kind: string; parameters: number; own?: Readonly<Record<string, number | boolean | string>> }[]
}

export interface StartRun {
  datasetId: number
  preset: string
  name?: string
  /** Replaces the preset's values where given; dotted paths ('optimizer.lr'). */
  set?: Record<string, number | boolean | string | null>
  device?: 'auto' | 'webgpu' | 'cpu' | 'reference'
}

export type RunState = 'queued' | 'running' | 'paused' | 'stopped' | 'done' | 'failed' | 'interrupted'

export interface RunSummary {
  id: number
  name: string
  datasetId: number
  datasetName: string
  domain: Domain
  preset: string
  state: RunState
  /** Why it failed or was interrupted, and what to do: one sentence. */
  message: string | null
  step: number
  steps: number
  device: string
  startedAt: string
  seconds: number // spent training, pauses excluded
  tokensPerSecond: number | null
  stepMs: number | null
  secondsLeft: number | null
  trainLoss: number | null
  validationLoss: number | null
  bestValidationLoss: number | null
  baseline: Baseline | null
  metric: Metric
  memoryBytes: number | null
  checkpointStep: number | null
}

/** How a loss is shown: value = loss × scale. */
export interface Metric {
  name: string // 'Loss'
  unit: string // 'nats per character', 'bits per base', 'MSE'
  scale: number
  token: string // 'character', 'base', 'sample', 'row'
}

export interface Baseline {
  name: string // 'order-0 entropy', 'repeat the last value'
  value: number // in the metric's unit
}

export interface MetricPoint {
  step: number
  trainLoss: number
  validationLoss?: number
  learningRate: number
  gradNorm: number
  tokensPerSecond: number
}

export interface RunSample {
  step: number
  text: string | null // text and DNA
  validationLoss: number | null
}

export interface RunDetail extends RunSummary {
  config: RunConfig
  parameters: number
  datasetHash: string
  samples: RunSample[]
  events: { step: number; text: string }[] // 'resumed', 'learning rate changed', 'best 1.652'
}

export interface Interval {
  value: number
  low: number // 95 %
  high: number
}

export interface Evaluation {
  runId: number
  step: number
  split: Exclude<Split, 'train'>
  createdAt: string
  /** "1.62 nats per character (95 % 1.60 to 1.64), 1.8 nats better than …" */
  sentence: string
  unit: string
  score: Interval
  /** In other units of the same thing (bits per byte, MAE, perplexity). */
  also: { name: string; value: number }[]
  baselines: Baseline[]
  count: number // tokens or windows scored
  /** Mean score by position in the context window, for a chart. */
  byPosition: { position: number; value: number }[]
  /** Tasks: by length of the records, % of answers right, of records without a mistake, and of last answers right. */
  byLength?: { from: number; to: number; records: number; value: number; exact: number; last: number }[]
  /** timeseries: a few forecasts over the truth; per channel values in original units. */
  forecasts?: { channel: string; history: (number | null)[]; truth: (number | null)[]; forecast: number[]; repeatLast: number[] }[]
  /** classify: `score` is then the share of records right, and more is better. */
  classification?: Classification
  /** regress: what was said beside the truth, in the labels' own unit, for at most 2,000 records spread over the split. */
  regression?: { truth: number; said: number; record: string }[]
  /**
   * Of layers whose mixer is linear in its values, for the first positions of one held-out record: `weights` (positions, positions), row t, column
   * s: how much what comes out at t takes of the value at s, the mean of the absolute weights over heads or channels.
   */
  reading?: { layer: number; mixer: string; positions: number; weights: number[] }[]
  /** Where the model was worst, with the record and position. */
  worst: { record: string; position: number; value: number; excerpt: string }[]
}

export interface Classification {
  classes: string[]
  /** Records by [true class][class said]. */
  confusion: number[][]
  perClass: { precision: number; recall: number; f1: number; records: number }[]
  macroF1: number
  /** Matthews correlation, −1 to 1; for more than two classes Gorodkin's R_K. */
  mcc: number
  /** A few records of each cell that is not empty, those the model was surest of first. */
  examples: { truth: number; said: number; recordId: number; record: string; probability: number }[]
}

export interface ExportResult {
  runId: number
  step: number
  folder: string
  files: { name: string; bytes: number; sha256: string }[]
  selfTest: { passed: boolean; maxAbsLogitDifference: number; tokens: number; sentence: string }
  createdAt: string
  /** Python that loads it, ready to copy. */
  python: string
}
