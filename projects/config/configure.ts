import { tokenCodecFromJSON, tokensInWords } from '../../datasets/codecs.ts'
import { Model, type ModelConfig } from '../../kernels/models/model.ts'
import type { AdamW, Dims, Dropout } from '../../kernels/models/plans.ts'
import {
  absoluteError,
  classification,
  crossEntropy,
  type Objective,
  quantileError,
  squaredError,
} from '../../kernels/objectives/objective.ts'
import type { CodecJson } from '../../datasets/codec.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import { INFILL_IDS, MASK_IDS } from '../training/corrupt.ts'
import { layersOf, refuse } from './check.ts'
import type { DatasetFacts } from './facts.ts'
import { ofRecords, requireLabels, requirePadding } from './ofRecords.ts'

/** A configuration made for one dataset: what the engine needs to trace it. */
export interface Experiment {
  readonly config: RunConfig
  readonly model: Model
  readonly objective: Objective
  readonly dims: Dims
  /** Before a task on numbers: what is restored of its inputs, and the task's own experiment, whose batches hold them. */
  readonly restores?: { readonly objective: ValueObjective; readonly of: Experiment }
}

export type ValueObjective = Extract<NonNullable<RunConfig['pretraining']>['objective'], { kind: 'next-value' | 'masked-value' }>
export const ofValues = (objective: { kind: string }): objective is ValueObjective =>
  objective.kind === 'next-value' || objective.kind === 'masked-value'

/** Sequences in a batch: a channel-independent forecaster reads every channel of a window as one. */
export const sequencesOf = (config: RunConfig, channels: number): number =>
  config.objective.kind === 'forecast' && config.objective.channelIndependent ? config.data.batch * channels : config.data.batch

/** The optimiser's constants that a plan holds. */
export const adamOf = ({ optimizer: { beta1, beta2, eps } }: RunConfig): AdamW => ({ beta1, beta2, eps })

/** Micro-batches in a step. */
export const accumulateOf = ({ training }: RunConfig): number => training.accumulate ?? 1

/** The same experiment with the windows of a whole step in one batch: what host memory holds of a step of several micro-batches. */
export function wholeStep(experiment: Experiment): Experiment {
  const { config, dims } = experiment
  const times = accumulateOf(config)
  if (times === 1) return experiment
  return {
    ...experiment,
    config: { ...config, data: { ...config.data, batch: times * config.data.batch } },
    dims: { ...dims, batch: times * dims.batch },
  }
}

type FactsOfData = Pick<DatasetFacts, 'domain' | 'codec' | 'vocab' | 'channels' | 'classes' | 'numbers' | 'name' | 'targets'>

/** Which the run's own seed makes its own. */
export const dropoutOf = ({ model, seed }: RunConfig): Dropout => ({ rate: model.dropout ?? 0, seed })

/** Traces nothing and allocates nothing. Throws 'config/invalid' with the reason where model, objective and data do not go together. */
export function configure(config: RunConfig, facts: FactsOfData): Experiment {
  const { objective, data } = config
  const series = facts.codec.kind === 'series'
  if (ofRecords(objective)) requireLabels(objective, facts)
  if (objective.kind === 'label-each' && !facts.targets)
    refuse('objective.kind', `"${facts.name}" asks for no answers at its positions, as generated tasks do; use another objective.`)
  if (objective.kind !== 'label-each' && facts.targets)
    refuse('objective.kind', `"${facts.name}" is a task that asks for answers at its positions; use the label-each objective.`)
  if (
    (data.curriculum_steps === undefined) !== (data.curriculum_start === undefined) ||
    (data.curriculum_steps && objective.kind !== 'label-each')
  )
    refuse(
      'data.curriculum_steps',
      'A length curriculum takes data.curriculum_steps and data.curriculum_start together, and the label-each objective: only there are records drawn whole.',
    )
  if (objective.kind === 'forecast' && !series)
    refuse('objective.kind', `"${facts.name}" holds tokens, which are not forecast as numbers; use the next-token objective.`)
  if ((objective.kind === 'masked' || objective.kind === 'infill') && series)
    refuse('objective.kind', `"${facts.name}" is a series of numbers, which has no tokens to hide; use the forecast objective.`)
  if (objective.kind === 'next-token' && series)
    refuse('objective.kind', `"${facts.name}" is a series of numbers, which has no next token; use the forecast objective.`)
  if (data.reverse_complement && facts.domain !== 'genomics')
    refuse('data.reverse_complement', `"${facts.name}" is not DNA, so it has no reverse complement; set data.reverse_complement to false.`)
  if (data.reverse_complement && !tokenCodecFromJSON(facts.codec).reverseComplement)
    refuse(
      'data.reverse_complement',
      `"${facts.name}" is read as ${tokensInWords(facts.codec)}, which do not read the same from the other strand; set data.reverse_complement to false.`,
    )
  checkAugmentation(config, facts)
  requirePretraining(config)
  const { warmup, lr, min_lr } = config.optimizer
  if (warmup > config.training.steps)
    refuse('optimizer.warmup', `Warm-up of ${warmup} steps does not end within ${config.training.steps} steps; set optimizer.warmup lower.`)
  if (min_lr > lr) refuse('optimizer.min_lr', `optimizer.min_lr is ${min_lr}, above optimizer.lr (${lr}); it is where the rate ends.`)
  const dims = { batch: sequencesOf(config, facts.channels.length), seqlen: data.seqlen }
  const model = modelOf({ ...stack(config), ...ends(config, facts), ...packing(config) })
  if ((objective.kind === 'next-token' || objective.kind === 'infill') && !model.causal)
    refuse(
      'objective.kind',
      'A model that reads in both directions or both strands sees the token it should predict; use the masked objective, or read forward only.',
    )
  if (ofRecords(objective)) requirePadding(model)
  const slowest = (config.model.sashimi?.pool ?? []).reduce((a, b) => a * b, 1)
  if (data.seqlen % slowest && model.layers.some(({ causal }) => !causal))
    refuse(
      'data.seqlen',
      `A SaShiMi that reads in both directions pools whole windows; set data.seqlen to a multiple of ${slowest}, such as ${slowest * Math.ceil(data.seqlen / slowest)}.`,
    )
  const loss = objective.kind === 'forecast' || objective.kind === 'regress' ? ERRORS[objective.loss ?? 'mse'] : LOSSES[objective.kind]
  return { config, model, objective: loss, dims }
}

/** Records in a window, where there are several. */
function packing({ data, objective, model }: RunConfig): Pick<ModelConfig, 'packing'> {
  const records = data.packing ?? 1
  if (records === 1) return {}
  if (!['next-token', 'masked', 'label-each'].includes(objective.kind))
    refuse('data.packing', `The ${objective.kind} objective reads one record or stretch in a window; set data.packing to 1.`)
  if (model.sashimi) refuse('data.packing', 'SaShiMi pools positions across the border of two records; set data.packing to 1.')
  if (model.both_strands) refuse('data.packing', 'A model of both strands reads one record in a window; set data.packing to 1.')
  return { packing: records }
}

function requirePretraining({ pretraining, objective }: RunConfig): void {
  if (!pretraining) return
  if (!ofRecords(objective) && objective.kind !== 'label-each' && objective.kind !== 'forecast')
    refuse('pretraining.steps', 'Pretraining is for objectives with labels, answers or forecasts; leave out pretraining, or train longer.')
  const numbers = objective.kind === 'forecast' || (ofRecords(objective) && objective.read === 'values')
  if (numbers !== ofValues(pretraining.objective))
    refuse(
      'pretraining.objective.kind',
      numbers
        ? 'These inputs are numbers; set pretraining.objective.kind to next-value or masked-value.'
        : 'These inputs are tokens; set pretraining.objective.kind to next-token, masked or infill.',
    )
}

/** The layers of a task on numbers under a head that gives its inputs at each position; the mean squared error of those asked for. */
export function restoring(of: Experiment, objective: ValueObjective): Experiment {
  const { input } = of.model.config
  if (input.kind !== 'vectors') throw new Error('only inputs that are numbers are restored as numbers')
  if (objective.kind === 'next-value' && !of.model.causal)
    refuse(
      'pretraining.objective.kind',
      'Before the labels: A model that reads in both directions sees the values it should predict; set pretraining.objective.kind to masked-value.',
    )
  const model = modelOf({ ...of.model.config, head: { at: 'every', width: input.width, tied: false } })
  return { ...of, model, objective: squaredError, restores: { objective, of } }
}

/** Levels of a quantile forecast. */
const QUANTILES = [0.1, 0.5, 0.9]
const ERRORS = { mse: squaredError, mae: absoluteError, quantiles: quantileError(QUANTILES) }

const LOSSES: { readonly [K in Exclude<RunConfig['objective']['kind'], 'forecast' | 'regress'>]: Objective } = {
  'next-token': crossEntropy,
  'label-each': crossEntropy,
  masked: crossEntropy,
  infill: crossEntropy,
  classify: classification,
}

function stack(config: RunConfig): Pick<ModelConfig, 'd_model' | 'seqlen' | 'norm' | 'layers' | 'sashimi'> {
  const { d_model, norm, mixers, sashimi } = config.model
  const layers = layersOf(config).map(({ mixer, own }) => ({ mixer, options: { ...mixers[mixer], ...own } }))
  return { d_model, norm, seqlen: config.data.seqlen, layers, ...(sashimi ? { sashimi } : {}) }
}

function ends(
  { objective, pretraining, model, data }: RunConfig,
  { vocab, channels, codec, classes }: FactsOfData,
): Pick<ModelConfig, 'input' | 'head' | 'complement'> {
  if (ofRecords(objective)) {
    if (model.tie_embeddings) refuse('model.tie_embeddings', 'Labels and tokens share no embedding; set model.tie_embeddings to false.')
    const width = objective.patch * Math.max(1, channels.length)
    const ids = vocab === null ? 0 : vocab + (pretraining ? extraIds(pretraining.objective) : 0)
    if (model.both_strands && objective.pool === 'last')
      refuse('objective.pool', 'The last position of one strand is the first of the other; set objective.pool to mean for a model of both.')
    return {
      ...(model.both_strands ? { complement: complementOf(codec, ids) } : {}),
      input: objective.read === 'tokens' ? { kind: 'tokens', vocab: ids } : { kind: 'vectors', width },
      head: { at: objective.pool, width: objective.kind === 'regress' ? 1 : classes!.length, tied: false, ragged: true },
    }
  }
  if (objective.kind !== 'forecast') {
    const tokens = vocab! + extraIds(pretraining?.objective ?? objective)
    // a mask is read and never written; the marks of infilling are both
    const width = objective.kind === 'infill' ? tokens : vocab!
    if (width < tokens && model.tie_embeddings)
      refuse(
        'model.tie_embeddings',
        'The mask is read and never written, so a masked model has a head of its own; set model.tie_embeddings to false.',
      )
    return {
      input: { kind: 'tokens', vocab: tokens },
      head: { at: 'every', width, tied: model.tie_embeddings },
      ...(model.both_strands ? { complement: complementOf(codec, tokens) } : {}),
    }
  }
  if (model.both_strands) refuse('model.both_strands', 'A series has one strand only; set model.both_strands to false.')
  const { lookback, patch, horizon, channelIndependent } = objective
  if (lookback % patch)
    refuse('objective.patch', `A window of ${lookback} rows does not divide into patches of ${patch}; choose a patch that divides it.`)
  if (data.seqlen !== lookback / patch)
    refuse('data.seqlen', `data.seqlen is ${data.seqlen}, but a window of ${lookback} rows is ${lookback / patch} patches of ${patch}.`)
  if (model.tie_embeddings) refuse('model.tie_embeddings', 'A forecaster has no embedding to share; set model.tie_embeddings to false.')
  const width = channelIndependent ? 1 : channels.length
  return {
    input: { kind: 'vectors', width: patch * width },
    head: { at: 'last', width: horizon * width * (objective.loss === 'quantiles' ? QUANTILES.length : 1), tied: false },
  }
}

/** Ids behind those of the data. */
const extraIds = ({ kind }: { kind: string }): number => (kind === 'masked' ? MASK_IDS : kind === 'infill' ? INFILL_IDS : 0)

/** For each id that of the complementary letter; ids behind those of the data are their own. */
function complementOf(codec: CodecJson, ids: number): number[] {
  const symbols = codec.kind === 'nucleotide' ? (tokenCodecFromJSON(codec).symbols ?? []) : []
  const pairs: Record<string, string> = { A: 'T', C: 'G', G: 'C', T: 'A' }
  if (symbols.length === 0)
    refuse(
      'model.both_strands',
      'Only single nucleotides have a complement each; import the data with nucleotide tokens, or set model.both_strands to false.',
    )
  return Array.from({ length: ids }, (_, id) => {
    const other = symbols.indexOf(pairs[symbols[id]])
    return other < 0 ? id : other
  })
}

/** The mixer's own refusal of an impossible combination, as a 'config/invalid'. */
function modelOf(config: ModelConfig): Model {
  try {
    return new Model(config)
  } catch (error) {
    return refuse('model', `This model cannot be built: ${(error as Error).message.replace(/\.?$/, '.')}`)
  }
}

/** The windows must fit the data. Separate from `configure`: a trained model is used on records shorter than its window. */
export function requireData({ objective, data }: RunConfig, { name, unit, codec, splits }: DatasetFacts): void {
  if (objective.kind === 'label-each') {
    if (data.seqlen >= splits.train.longest) return
    refuse(
      'data.seqlen',
      `The longest training record of "${name}" has ${splits.train.longest} tokens and is read whole; set data.seqlen to that.`,
    )
  }
  // records of any length are read: a short one is padded, or shares its window
  if (ofRecords(objective) || (data.packing ?? 1) > 1) return
  const rows = objective.kind === 'forecast' ? objective.lookback + objective.horizon : data.seqlen + 1
  const { longest } = splits.train
  if (longest >= rows) return
  const setting = objective.kind === 'forecast' ? 'objective.lookback' : 'data.seqlen'
  const rest = objective.kind === 'forecast' ? objective.horizon : 1
  const counted = codec.kind === 'series' || tokenCodecFromJSON(codec).cut?.width === 1 ? unit : 'tokens'
  refuse(
    setting,
    `The longest training stretch of "${name}" has ${longest} ${counted}, a window takes ${rows}; ` +
      (longest > rest + 1 ? `set ${setting} to at most ${longest - rest}.` : 'import more data.'),
  )
}

/** Changes to training windows that would do nothing, or harm, are refused. Random crops and shifts in time are what random windows are already. */
function checkAugmentation({ objective, data }: RunConfig, { name, domain, codec }: Pick<DatasetFacts, 'name' | 'domain' | 'codec'>): void {
  const levels = codec.kind === 'mu-law' || codec.kind === 'linear'
  const numbers = objective.kind === 'forecast' || (ofRecords(objective) && objective.read === 'values')
  if (data.gain_db && (domain !== 'audio' || !levels || ofRecords(objective)))
    refuse(
      'data.gain_db',
      domain === 'audio'
        ? 'Loudness is taken out of sound that is labelled or read as numbers, so changing it does nothing; set data.gain_db to 0.'
        : `"${name}" is not sound, so it has no loudness; set data.gain_db to 0.`,
    )
  if (data.noise && !numbers && !(levels && !ofRecords(objective)))
    refuse('data.noise', `"${name}" is read as symbols, to which no noise can be added; set data.noise to 0.`)
  if (data.crop !== undefined && data.crop < 1 && !ofRecords(objective))
    refuse('data.crop', 'Training windows begin anywhere already; set data.crop to 1. It is for labels, which are told of whole records.')
  if (data.replace && !ofRecords(objective))
    refuse('data.replace', 'Tokens are replaced only in records whose labels are told; set data.replace to 0.')
  if (data.replace && ofRecords(objective) && objective.read === 'values')
    refuse('data.replace', `"${name}" is read as numbers, to which data.noise can be added instead; set data.replace to 0.`)
}
