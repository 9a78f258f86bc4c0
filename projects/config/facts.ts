import type { DatasetSummary, Domain, Split } from '../../main/contract/dataset.ts'
import type { Metric, RunConfig } from '../../main/contract/run.ts'
import { listTokenSegments } from '../../datasets/batching/tokenSegments.ts'
import type { CodecJson } from '../../datasets/codec.ts'
import { tokenCodecFromJSON } from '../../datasets/codecs.ts'
import { getStoredDataset, labelsById, listSegments, type ReadableStore } from '../../datasets/store/store.ts'

/** What a configuration must fit. */
export interface DatasetFacts {
  readonly id: number
  readonly name: string
  readonly domain: Domain
  readonly unit: DatasetSummary['unit']
  readonly hash: string
  readonly codec: CodecJson
  /** Number of token ids; null for a series. */
  readonly vocab: number | null
  /** Names of a series' channels; empty elsewhere. */
  readonly channels: readonly string[]
  /** A generated task: the dataset asks for answers at its positions. */
  readonly targets: boolean
  /** Bases, residues, bytes, characters or samples that a token adds, on average over the training split. 1 where a cell is a token, and for a series. */
  readonly unitsPerToken: number
  /** What a record may be called; null without labels, or where they are numbers. */
  readonly classes: readonly string[] | null
  /** Of labels that are numbers, those of the training split; null for others. */
  readonly numbers: { readonly mean: number; readonly std: number } | null
  /** Which fold tests; 0 also where there is only one split. */
  readonly fold: number
  /** 0 for one split. */
  readonly folds: number
  /** Tokens (of a series, rows) of each split, and of its longest contiguous stretch. */
  readonly splits: Readonly<Record<Split, { readonly length: number; readonly longest: number }>>
}

export function datasetFacts(store: ReadableStore, datasetId: number, fold = 0): DatasetFacts {
  const dataset = getStoredDataset(store, datasetId, fold)
  const { id, name, domain, unit, hash, codec: json, layout, labels, folds } = dataset
  const codec = json.kind === 'series' ? null : tokenCodecFromJSON(json)
  const lengths = (split: Split): { length: number; longest: number; cells: number } => {
    const all = codec
      ? listTokenSegments(store, dataset, codec, split, fold)
      : listSegments(store, datasetId, split, fold).map(({ length }) => ({ length, cells: length }))
    const sum = { length: 0, longest: 0, cells: 0 }
    for (const { length, cells } of all) {
      sum.length += length
      sum.longest = Math.max(sum.longest, length)
      sum.cells += cells
    }
    return sum
  }
  const splits = { train: lengths('train'), validation: lengths('validation'), test: lengths('test') }
  const unitsPerToken = !codec ? 1 : codec.cut ? codec.unitsOf(0) : splits.train.cells / Math.max(1, splits.train.length)
  const channels = json.kind === 'series' ? json.channels : []
  const vocab = codec?.vocab ?? null
  const classes = labels?.kind === 'class' ? labels.names : null
  const targets = layout.targets === true
  const numbers = labels?.kind === 'number' ? numbersOf(store, datasetId, fold) : null
  return { id, name, domain, unit, hash, codec: json, vocab, channels, targets, unitsPerToken, classes, numbers, fold, folds, splits }
}

function numbersOf(store: ReadableStore, datasetId: number, fold: number): NonNullable<DatasetFacts['numbers']> {
  const known = labelsById(store, datasetId)
  const labels = listSegments(store, datasetId, 'train', fold).flatMap(({ recordId }) => known.get(recordId) ?? [])
  const mean = labels.reduce((sum, label) => sum + label, 0) / Math.max(1, labels.length)
  const variance = labels.reduce((sum, label) => sum + (label - mean) ** 2, 0) / Math.max(1, labels.length)
  return { mean, std: Math.sqrt(variance) }
}

type Measured = Pick<DatasetFacts, 'domain' | 'unit' | 'codec' | 'targets' | 'unitsPerToken'>

/**
 * How the loss is shown: of the objective, or without one of the dataset's usual one. A loss in nats per token becomes one per base, byte, … so that runs compare
 * whatever their tokens: 6-mers, bytes or BPE of one text are on one scale.
 */
export function metricOf(facts: Measured, objective?: RunConfig['objective']): Metric {
  if (objective?.kind === 'classify') return { name: 'Loss', unit: 'nats per record', scale: 1, token: 'record' }
  if (objective?.kind === 'regress') return { name: 'Error', unit: objective.loss === 'mae' ? 'MAE' : 'MSE', scale: 1, token: 'record' }
  if (objective?.kind === 'forecast' && objective.loss !== undefined && objective.loss !== 'mse')
    return { ...unitMetricOf(facts), unit: objective.loss === 'mae' ? 'MAE' : 'pinball loss × 2' }
  const { scale, token, ...rest } = unitMetricOf(facts)
  // what is counted while it trains and writes are tokens, whatever a loss is told in
  return { ...rest, scale: scale / facts.unitsPerToken, token: facts.unitsPerToken === 1 ? token : 'token' }
}

/** The same for a loss that is already told per unit. */
export function unitMetricOf({ domain, unit, codec, targets }: Omit<Measured, 'unitsPerToken'>): Metric {
  if (targets) return { name: 'Loss', unit: 'nats per answer', scale: 1, token: 'token' }
  const bits = 1 / Math.LN2
  if (codec.kind === 'series') return { name: 'Error', unit: 'MSE', scale: 1, token: domain === 'audio' ? 'sample' : 'row' }
  switch (domain) {
    case 'genomics': {
      const token = codec.kind === 'protein' || codec.kind === 'amino-acid' ? 'residue' : 'base'
      return { name: 'Loss', unit: `bits per ${token}`, scale: bits, token }
    }
    case 'audio':
      return { name: 'Loss', unit: 'bits per sample', scale: bits, token: 'sample' }
    case 'timeseries':
      return { name: 'Error', unit: 'MSE', scale: 1, token: 'row' }
    case 'text': {
      const token = unit === 'bytes' ? 'byte' : 'character'
      return { name: 'Loss', unit: `nats per ${token}`, scale: 1, token }
    }
  }
}
