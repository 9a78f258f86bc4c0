import type { Split } from '../../main/contract/dataset.ts'
import { StrandError } from '../errors.ts'
import type { TokenCodec } from '../codec.ts'
import { samplesOf } from '../audio/pcmSamples.ts'
import { getStoredDataset, labelsById, listSegments, type ReadableStore, type Segment, type StoredDataset } from '../store/store.ts'
import { scalerFromJSON } from '../timeseries/seriesScaling.ts'
import { CellCache, HOLD_BYTES, type DecodeCells } from './cellCache.ts'
import { randomBelow } from './counterRandom.ts'
import type { TokenSegment } from './tokenSegments.ts'
import { openTokenWindows } from './tokenWindows.ts'

/** A record of a split that has a label. */
export interface Labelled {
  readonly recordId: number
  readonly record: string
  /** First cell within the record, from 0. */
  readonly position: number
  /** In tokens, or in rows (samples). */
  readonly length: number
  /** Place in the dataset's class names, or the number itself. */
  readonly label: number
}

/** The labelled records of one split, with their content as a model reads it. */
export interface LabelledRecords {
  readonly records: readonly Labelled[]
  /** Empty where labels are numbers. */
  readonly classes: readonly string[]
  /** Records of the split without a label, left out. */
  readonly unlabelled: number
  /** Of the tokens; null where records are read as numbers. */
  readonly codec: TokenCodec | null
  /**
   * A stretch of a record: ids, or numbers (count, channels). A series is scaled by the training mean and deviation, a missing value repeats the
   * one before (0, the mean, where there is none); a sound's stretch has mean 0 and deviation 1, so that loudness says nothing.
   */
  read(record: Labelled, start: number, count: number): ArrayLike<number>
}

/**
 * `as` 'units': token by token where a token is one base, byte or character, whatever the dataset's own tokens are. `labels`: which kind
 * is wanted, classes when left out. Throws 'bad-input' where the dataset has labels of another kind, or the split none.
 */
export function openLabelledRecords(
  store: ReadableStore,
  datasetId: number,
  split: Split,
  { fold = 0, as, labels: wanted = 'class' }: { fold?: number; as: 'tokens' | 'units' | 'values'; labels?: 'class' | 'number' },
): LabelledRecords {
  const dataset = getStoredDataset(store, datasetId, fold)
  const { labels, name } = dataset
  if (labels?.kind !== wanted)
    throw new StrandError(
      'bad-input',
      labels
        ? `The labels of "${name}" are ${labels.kind === 'class' ? 'classes, not numbers' : 'numbers, not classes'}.`
        : `"${name}" has no labels. Import it again and say where they come from.`,
      { dataset: datasetId },
    )
  const classes = labels.kind === 'class' ? labels.names : []
  const known = labelsById(store, datasetId)
  const label = <S extends Segment | TokenSegment>(segments: readonly S[]): { own: Map<Labelled, S>; unlabelled: number } => {
    const own = new Map<Labelled, S>()
    for (const segment of segments) {
      const { recordId, record, position, length } = segment
      const found = known.get(recordId)
      if (found !== undefined) own.set({ recordId, record, position, length, label: found }, segment)
    }
    if (own.size === 0)
      throw new StrandError(
        'bad-input',
        `The ${split} split of "${name}" has no labelled record. Split it another way, or label more records.`,
        { dataset: datasetId, split },
      )
    return { own, unlabelled: segments.length - own.size }
  }
  if (as === 'values') {
    const { own, unlabelled } = label(listSegments(store, datasetId, split, fold))
    const values = valueReader(store, dataset)
    const read: LabelledRecords['read'] = (record, start, count) => values(own.get(record)!.start + start, count)
    return { records: [...own.keys()], classes, unlabelled, codec: null, read }
  }
  const windows = openTokenWindows(store, datasetId, split, { fold, units: as === 'units' })
  const { own, unlabelled } = label(windows.segments)
  const read: LabelledRecords['read'] = (record, start, count) => windows.read(own.get(record)!, start, count)
  return { records: [...own.keys()], classes, unlabelled, codec: windows.codec, read }
}

function valueReader(store: ReadableStore, dataset: StoredDataset): (start: number, count: number) => Float32Array {
  const { channels, domain } = dataset
  const cache = new CellCache<Float32Array>(store, dataset, decoder(dataset))
  const bytes = dataset.length * channels * 4
  const held = bytes > HOLD_BYTES ? null : new Float32Array(dataset.length * channels)
  if (held) cache.read(0, dataset.length, held)
  return (start, count) => {
    const values = new Float32Array(count * channels)
    if (held) values.set(held.subarray(start * channels, (start + count) * channels))
    else cache.read(start, count, values)
    if (domain === 'audio') standardise(values)
    else fillGaps(values, channels)
    return values
  }
}

function decoder(dataset: StoredDataset): DecodeCells<Float32Array> {
  const { codec, channels, domain, name } = dataset
  // loudness is taken out of each stretch, so a fitted scaling of a sound has no part in it
  if (domain === 'audio') return (bytes, into, at) => into.set(samplesOf(dataset, bytes), at)
  if (codec.kind !== 'series') throw new StrandError('bad-input', `"${name}" holds symbols, which are read as tokens and not as numbers.`)
  const { mean, std } = scalerFromJSON(codec)
  return (bytes, into, at) => {
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    for (let i = 0, c = 0; i < values.length; i++) {
      into[at + i] = (values[i] - mean[c]) / std[c]
      if (++c === channels) c = 0
    }
  }
}

function fillGaps(values: Float32Array, channels: number): void {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = i >= channels ? values[i - channels] : 0
}

function standardise(values: Float32Array): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) * scale
}

/** Where a record too long for `most` cells is read: at random while training, at its middle when it is judged. */
export function cropAt(
  length: number,
  most: number,
  random?: { seed: number; step: number; row: number },
): { start: number; count: number } {
  if (length <= most) return { start: 0, count: length }
  const start = random ? randomBelow(random.seed, random.step, random.row, 1, length - most + 1) : Math.floor((length - most) / 2)
  return { start, count: most }
}
