import type { DatasetSummary, Domain, Split } from '../../main/contract/dataset.ts'
import type { Metric } from '../../main/contract/run.ts'
import type { CodecJson } from '../../datasets/codec.ts'
import { tokenCodecFromJSON } from '../../datasets/codecs.ts'
import { getStoredDataset, listSegments, type ReadableStore } from '../../datasets/store/store.ts'

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
  /** Cells of each split, and of its longest contiguous stretch. */
  readonly splits: Readonly<Record<Split, { readonly length: number; readonly longest: number }>>
}

export function datasetFacts(store: ReadableStore, datasetId: number): DatasetFacts {
  const { id, name, domain, unit, hash, codec, layout } = getStoredDataset(store, datasetId)
  const lengths = (split: Split): { length: number; longest: number } => {
    const all = listSegments(store, datasetId, split).map((segment) => segment.length)
    return { length: all.reduce((a, b) => a + b, 0), longest: all.reduce((a, b) => Math.max(a, b), 0) }
  }
  const splits = { train: lengths('train'), validation: lengths('validation'), test: lengths('test') }
  const vocab = codec.kind === 'series' ? null : tokenCodecFromJSON(codec).vocab
  const channels = codec.kind === 'series' ? codec.channels : []
  return { id, name, domain, unit, hash, codec, vocab, channels, targets: layout.targets === true, splits }
}

/** How the loss of a dataset's usual objective is shown. */
export function metricOf({ domain, unit, targets }: Pick<DatasetFacts, 'domain' | 'unit' | 'targets'>): Metric {
  if (targets) return { name: 'Loss', unit: 'nats per answer', scale: 1, token: 'token' }
  const bits = 1 / Math.LN2
  switch (domain) {
    case 'genomics':
      return { name: 'Loss', unit: 'bits per base', scale: bits, token: 'base' }
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
