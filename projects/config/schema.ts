import { z } from 'zod'
import { mixers } from '../../kernels/mixers/registry.ts'
import { blockSchema } from '../../kernels/models/layer.ts'
import type { RunConfig } from '../../main/contract/run.ts'

const option = z.union([z.number(), z.boolean(), z.string()])

const wholeRecords = {
  pool: z.enum(['last', 'mean']).default('mean').describe('What of a record the label is read from: its last position, or the mean of all'),
  read: z
    .enum(['tokens', 'values'])
    .default('tokens')
    .describe('A record as token ids, or as numbers through a linear layer (series, sound)'),
  patch: z.int().min(1).max(4096).default(1).describe('Numbers in a row that make one position; 1 for tokens'),
}

export const pretrainingObjectives = [
  z.strictObject({ kind: z.literal('next-token').describe('Predict each token from those before it') }),
  z.strictObject({
    kind: z.literal('masked').describe('Tell hidden tokens from both sides (Devlin et al. 2019, arXiv:1810.04805)'),
    rate: z.number().positive().max(0.9).default(0.15).describe('Share of the tokens that is asked for'),
  }),
  z.strictObject({
    kind: z.literal('infill').describe('Next token, of windows whose middle is moved to the end (Bavarian et al. 2022, arXiv:2207.14255)'),
    rate: z.number().min(0).max(1).default(0.5).describe('Share of the windows that is rearranged'),
  }),
] as const

/** Where a position is numbers through a linear layer. */
export const valueObjectives = [
  z.strictObject({
    kind: z.literal('next-value').describe('Of inputs that are numbers: predict those of the next position, squared error'),
  }),
  z.strictObject({
    kind: z
      .literal('masked-value')
      .describe('Of inputs that are numbers: restore those of hidden positions, squared error (Nie et al. 2023, arXiv:2211.14730, §3.2)'),
    rate: z.number().positive().max(0.9).default(0.4).describe('Share of the positions that is hidden'),
  }),
] as const

export const objectiveSchemas = [
  ...pretrainingObjectives,
  z.strictObject({ kind: z.literal('label-each').describe('Give the answers that a generated task asks for at its positions') }),
  z.strictObject({
    kind: z.literal('forecast').describe('Predict the next rows of a series from a window of past ones'),
    horizon: z.int().min(1).max(2048).describe('Rows predicted at once'),
    lookback: z.int().min(1).max(16384).describe('Past rows the model sees'),
    patch: z.int().min(1).max(1024).describe('Rows that make one position (Nie et al. 2023, arXiv:2211.14730, §3.1)'),
    channelIndependent: z.boolean().describe('Each channel is a sequence of its own under shared weights (Nie et al. 2023, §3.1)'),
    loss: z
      .enum(['mse', 'mae', 'quantiles'])
      .optional()
      .describe(
        'What is minimised: the squared error, the absolute error, or the pinball loss of the quantiles 0.1, 0.5 and 0.9 (Koenker & Bassett 1978)',
      ),
  }),
  z.strictObject({ kind: z.literal('classify').describe('One class for each record'), ...wholeRecords }),
  z.strictObject({
    kind: z.literal('regress').describe('The number that each record is labelled with'),
    ...wholeRecords,
    loss: z
      .enum(['mse', 'mae'])
      .optional()
      .describe('What is minimised: the squared or the absolute error, in deviations of the training labels'),
  }),
] as const

/**
 * The one description of a run: ranges, help and sources. Forms, the command line's messages and docs are made from it
 * (`runConfigJsonSchema`). A mixer's own options are described by the mixer (`mixerSchema`).
 */
export const runConfigSchema = z.strictObject({
  version: z.literal(2).describe('Version of this document'),
  model: z.strictObject({
    layers: z
      .string()
      .max(4000)
      .describe(
        'Token mixers of the layers, first to last: "4×mamba", "7×mlstm, 1×slstm" or the same as "xlstm[7:1]", "3×(2×mamba, attention)", and "mamba, attention{n_heads: 4, window: 64}" for options of one layer alone',
      ),
    d_model: z
      .int()
      .min(4)
      .max(4096)
      .describe('Width of the residual stream D: numbers that carry each position through the layers; cost grows with its square'),
    norm: z
      .enum(['rms', 'layer', 'layer-no-bias'])
      .describe(
        'RMSNorm (Zhang & Sennrich 2019, arXiv:1910.07467) or LayerNorm (Ba et al. 2016, arXiv:1607.06450) before each part of a layer',
      ),
    sashimi: z
      .strictObject({
        pool: z.array(z.int().min(2).max(64)).min(1).max(6).describe('Positions that become one, level by level; 4, 4 in the paper'),
        expand: z.int().min(1).max(4).default(2).describe('Each level is so many times as wide as the one above'),
        ff: z.number().min(0.25).max(16).default(2).describe("Inner width of the feed-forward blocks as a multiple of the level's width"),
        unet: z
          .boolean()
          .default(false)
          .describe('Blocks on the way down too, each with a skip connection; dearer, and slower to generate'),
      })
      .optional()
      .describe(
        'SaShiMi: all layers at each of several rates, slower ones below (Goel et al. 2022, arXiv:2202.09729, §4.2); left out, one rate',
      ),
    mixers: z
      .record(z.string(), z.record(z.string(), option))
      .describe('Options of each mixer, by its name, for all its layers that have none of their own'),
    tie_embeddings: z.boolean().describe('The output layer shares the embedding matrix (Press & Wolf 2017, arXiv:1608.05859)'),
    dropout: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('Share of the outputs of the embedding and of each part of a layer that training leaves out (Srivastava et al. 2014)')
      .meta({ default: 0 }),
    both_strands: z
      .boolean()
      .optional()
      .describe(
        'DNA: the reverse complement is read with the same weights, so that both strands are treated alike (Schiff et al. 2024, arXiv:2403.03234)',
      ),
  }),
  objective: z.discriminatedUnion('kind', objectiveSchemas),
  pretraining: z
    .strictObject({
      objective: z
        .discriminatedUnion('kind', [...pretrainingObjectives, ...valueObjectives])
        .default({ kind: 'next-token' })
        .describe('What is learned of the training inputs before their labels; left out next-token, and next-value of numbers'),
      steps: z.int().min(1).max(1e8).describe('Steps on the inputs alone, before those of training.steps under a new head; empty for none'),
      lr: z.number().positive().max(1e6).optional().describe('Learning rate after warm-up; that of the optimiser when left out'),
    })
    .optional()
    .describe("Self-pretraining on the task's own inputs before its labels (Amos, Berant & Gupta 2024, arXiv:2310.02980)"),
  data: z.strictObject({
    seqlen: z.int().min(1).max(131072).describe('Positions in a training window'),
    batch: z.int().min(1).max(4096).describe('Windows that are averaged for one step, or micro-batch'),
    packing: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe(
        'Records that share a window at most where they are short; none sees another, every mixer begins anew (Krell et al. 2021, arXiv:2107.02027)',
      )
      .meta({ default: 1 }),
    curriculum_steps: z
      .int()
      .min(1)
      .max(1e8)
      .optional()
      .describe('Steps within which the longest record drawn grows to the longest there is'),
    curriculum_start: z
      .int()
      .min(1)
      .max(131072)
      .optional()
      .describe('Tokens of the longest record drawn at the first step of the curriculum'),
    fold: z.int().min(0).max(999).optional().describe('Of a dataset split into folds, which one tests; the next one validates'),
    reverse_complement: z.boolean().optional().describe('Half of the windows are read from the other strand (genomics)'),
    gain_db: z.number().min(0).max(60).optional().describe('Training windows of sound are louder or softer by up to so many decibels'),
    noise: z
      .number()
      .min(0)
      .max(10)
      .optional()
      .describe('Deviation of noise added while training: to sound read as levels as a share of full scale, to numbers in deviations'),
    crop: z
      .number()
      .min(0.05)
      .max(1)
      .optional()
      .describe('Labelled records: training reads at least this share of a record, drawn at random'),
    replace: z
      .number()
      .min(0)
      .max(0.9)
      .optional()
      .describe('Labelled records: this share of the tokens is replaced, while training, by those of other places in the record'),
  }),
  optimizer: z.strictObject({
    lr: z.number().positive().max(1e6).describe('Learning rate after warm-up, its peak; too high and the loss stops being a number'),
    min_lr: z.number().min(0).max(1e6).describe('Learning rate at the last step (Loshchilov & Hutter 2017, arXiv:1608.03983)'),
    weight_decay: z.number().min(0).max(10).describe('Decoupled weight decay of matrices (Loshchilov & Hutter 2019, arXiv:1711.05101)'),
    beta1: z.number().min(0).lt(1).describe("Decay of AdamW's mean of gradients"),
    beta2: z.number().min(0).lt(1).describe("Decay of AdamW's mean of squared gradients"),
    eps: z.number().positive().max(1).describe("Added to AdamW's denominator"),
    clip: z.number().min(0).max(1e6).describe('Largest global gradient norm; 0 does not clip (Pascanu et al. 2013, arXiv:1211.5063)'),
    warmup: z.int().min(0).max(1e7).describe('Steps of linear warm-up'),
    schedule: z.enum(['cosine', 'constant']).describe('Course of the learning rate after warm-up'),
  }),
  training: z.strictObject({
    steps: z.int().min(1).max(1e8).describe('Optimiser steps: updates of the weights, on labels where there are some'),
    validate_every: z.int().min(1).max(1e8).describe('Steps between two validations'),
    validate_batches: z.int().min(1).max(10_000).describe('Batches in a validation; always the same windows'),
    sample_every: z.int().min(0).max(1e8).describe('Steps between two samples of what the model writes; 0 for none'),
    checkpoint_seconds: z.number().min(1).max(86_400).describe('Seconds between two checkpoints'),
    patience: z.int().min(1).max(10_000).nullable().describe('Validations without a new best before training ends early; null never'),
    max_minutes: z.number().positive().max(1e6).nullable().describe('Minutes of training after which it ends; null no limit'),
    accumulate: z
      .int()
      .min(1)
      .max(4096)
      .optional()
      .describe('Micro-batches of data.batch windows whose gradients make one step: a larger batch than memory holds')
      .meta({ default: 1 }),
    recompute: z
      .enum(['auto', 'none', 'light', 'full'])
      .optional()
      .describe(
        'What the backward pass computes again to save memory (Chen et al. 2016, arXiv:1604.06174): light cheap ops, full all but the inputs of the layers; auto as much as the device needs',
      )
      .meta({ default: 'auto' }),
    precision: z
      .enum(['f32', 'mixed'])
      .optional()
      .describe(
        'mixed: matrix products round their inputs to float16 and add in float32, on a GPU with units for that, and large activations lie in memory as float16, on a GPU that has it; float32 elsewhere (Micikevicius et al. 2018, arXiv:1710.03740)',
      )
      .meta({ default: 'f32' }),
  }),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('The same seed, data and backend give the same run'),
}) satisfies z.ZodType<RunConfig>

/** JSON Schema 2020-12 of the document, with the options of every mixer. */
export function runConfigJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(runConfigSchema) as unknown as { properties: { model: { properties: Record<string, Written> } } }
  const names = Object.keys(mixers)
  const properties = Object.fromEntries(
    names.map((name) => [name, { ...(z.toJSONSchema(mixerSchema(name), { io: 'input' }) as Written), additionalProperties: false }]),
  )
  const { model } = schema.properties
  model.properties.mixers = { type: 'object', properties, additionalProperties: false }
  // as a list, a layer is a name, or a mixer with options of its own; checkConfig keeps the text that says the same
  const layer = names.map((name) => ({
    ...properties[name],
    properties: { mixer: { const: name }, ...properties[name].properties },
    required: ['mixer', ...(properties[name].required ?? [])],
  }))
  const { description, ...text } = model.properties.layers
  const list = { title: 'a list of layers', type: 'array', items: { anyOf: [{ type: 'string' }, ...layer] }, minItems: 1 }
  model.properties.layers = { description, anyOf: [text, list] }
  return schema
}

interface Written {
  [key: string]: unknown
  properties?: Record<string, unknown>
  required?: string[]
}

/** A mixer's own options and those of the block around it. */
export const mixerSchema = (name: string): z.ZodObject => (mixers[name].schema as z.ZodObject).extend(blockSchema.shape)
