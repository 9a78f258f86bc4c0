import type { Split } from '../../main/contract/dataset.ts'
import { muLawId } from '../audio/muLawCodec.ts'
import type { TokenCodec } from '../codec.ts'
import { tokenCodecFromJSON } from '../codecs.ts'
import { StrandError } from '../errors.ts'
import { reverseComplement } from '../genomics/nucleotideCodec.ts'
import { getStoredDataset, listSegments, type ReadableStore, type Segment, type StoredDataset } from '../store/store.ts'
import { CellCache, HOLD_BYTES, type DecodeCells } from './cellCache.ts'
import { randomBelow, randomBit } from './counterRandom.ts'
import { NgramModel } from './ngramModel.ts'

/** Marks a target that is not scored: beyond the end of a short record. */
export const PADDING = -1

export interface TokenWindow {
  record: string
  /** First input token's place in its record, from 0. */
  position: number
  /** (seqlen) ids; 0 beyond `count`. Reused by the next window. */
  tokens: Int32Array
  /** (seqlen) the id after each token; PADDING beyond `count`. Reused by the next window. */
  targets: Int32Array
  /** Targets to score. */
  count: number
}

/**
 * One split of a dataset as token ids. Windows never cross the border of a segment (a record, or the stretch of one that the split owns).
 */
export interface TokenWindows {
  readonly codec: TokenCodec
  readonly vocab: number
  /** Tokens in the split. */
  readonly length: number
  /** Contiguous stretches, with their place in the dataset and their record. */
  readonly segments: readonly Segment[]
  /**
   * Fills `tokens` and `targets`, both (batch, seqlen), with windows that depend on (seed, step, row) alone.
   * Every window of the split is equally likely. A stretch shorter than seqlen + 1 gives one window, padded with PADDING in `targets`.
   */
  random(seed: number, step: number, batch: number, seqlen: number, tokens: Int32Array, targets: Int32Array): void
  /** Windows that do not overlap and together score every token but the first of each segment. */
  sequential(seqlen: number): Generator<TokenWindow>
  /** ids of one stretch of the split; `start` counts from the first token of the segment. */
  read(segment: Segment, start: number, count: number): Uint8Array
  /** n-gram statistics of the split, contexts of 0 … order tokens, from at most `limit` tokens (the first). */
  counts(order: number, limit?: number): NgramModel
}

export interface TokenWindowOptions {
  /** DNA: read half of the random windows from the other strand. */
  reverseComplement?: boolean
}

export function openTokenWindows(store: ReadableStore, datasetId: number, split: Split, options: TokenWindowOptions = {}): TokenWindows {
  const dataset = getStoredDataset(store, datasetId)
  const codec = tokenCodecFromJSON(dataset.codec)
  const segments = listSegments(store, datasetId, split)
  if (segments.length === 0)
    throw new StrandError('bad-input', `The ${split} split of "${dataset.name}" is empty. Import the data again with a part for it.`, {
      dataset: datasetId,
      split,
    })
  return new StoredTokenWindows(store, dataset, codec, split, segments, options)
}

class StoredTokenWindows implements TokenWindows {
  readonly codec: TokenCodec
  readonly vocab: number
  readonly length: number
  readonly segments: readonly Segment[]
  private readonly name: string
  private readonly flips: boolean
  private readonly cache: CellCache<Uint8Array> | null = null
  /** The whole split, segments one after the other, when it is small enough. */
  private readonly held: Uint8Array | null = null
  /** Where each segment starts in `held`. */
  private readonly offsets: Float64Array
  private weights: { seqlen: number; ends: Float64Array } = { seqlen: -1, ends: new Float64Array(0) }
  private row = new Uint8Array(0)

  constructor(
    store: ReadableStore,
    dataset: StoredDataset,
    codec: TokenCodec,
    split: Split,
    segments: Segment[],
    options: TokenWindowOptions,
  ) {
    this.codec = codec
    this.vocab = codec.vocab
    this.segments = segments
    this.name = `The ${split} split of "${dataset.name}"`
    this.flips = options.reverseComplement === true && codec.name === 'nucleotide'
    this.offsets = new Float64Array(segments.length)
    let length = 0
    segments.forEach((segment, i) => {
      this.offsets[i] = length
      length += segment.length
    })
    this.length = length
    const cache = new CellCache(store, dataset, decoder(dataset, codec))
    if (length > HOLD_BYTES) this.cache = cache
    else {
      // in record order, so each chunk is read once however many records share it
      this.held = new Uint8Array(length)
      segments.forEach(({ start, length }, i) => cache.read(start, length, this.held!, this.offsets[i]))
    }
  }

  random(seed: number, step: number, batch: number, seqlen: number, tokens: Int32Array, targets: Int32Array): void {
    const ends = this.windowEnds(seqlen)
    const total = ends[ends.length - 1]
    for (let r = 0; r < batch; r++) {
      const window = randomBelow(seed, step, r, 0, total)
      const i = upperBound(ends, window)
      const start = window - (i === 0 ? 0 : ends[i - 1])
      const flip = this.flips && randomBit(seed, step, r, 0) === 1
      this.fill(i, start, seqlen, flip, tokens, targets, r * seqlen)
    }
  }

  *sequential(seqlen: number): Generator<TokenWindow> {
    const tokens = new Int32Array(seqlen)
    const targets = new Int32Array(seqlen)
    for (let i = 0; i < this.segments.length; i++) {
      const segment = this.segments[i]
      for (let start = 0; start + 1 < segment.length; start += seqlen) {
        const count = this.fill(i, start, seqlen, false, tokens, targets, 0)
        yield { record: segment.record, position: segment.position + start, tokens, targets, count }
      }
    }
  }

  read(segment: Segment, start: number, count: number): Uint8Array {
    const i = this.segments.indexOf(segment)
    if (i < 0 || start < 0 || start + count > segment.length)
      throw new StrandError('internal', `${this.name} was read outside its records.`)
    const ids = new Uint8Array(count)
    this.copy(i, start, count, ids)
    return ids
  }

  counts(order: number, limit = Infinity): NgramModel {
    const model = new NgramModel(order, this.vocab)
    let left = limit
    for (const segment of this.segments) {
      if (left <= 0) break
      const take = Math.min(segment.length, left)
      model.add(this.read(segment, 0, take))
      left -= take
    }
    return model
  }

  /** Running count of windows up to each segment; segments of one token give none. */
  private windowEnds(seqlen: number): Float64Array {
    if (this.weights.seqlen === seqlen) return this.weights.ends
    const ends = new Float64Array(this.segments.length)
    let total = 0
    this.segments.forEach((segment, i) => {
      total += segment.length < 2 ? 0 : Math.max(1, segment.length - seqlen)
      ends[i] = total
    })
    if (total === 0) throw new StrandError('bad-input', `${this.name} has no record of two or more tokens, so there is nothing to predict.`)
    this.weights = { seqlen, ends }
    return ends
  }

  /** One window of segment i into row `at` of the batch; answers how many targets it scores. */
  private fill(i: number, start: number, seqlen: number, flip: boolean, tokens: Int32Array, targets: Int32Array, at: number): number {
    const n = Math.min(seqlen + 1, this.segments[i].length - start)
    if (this.row.length < seqlen + 1) this.row = new Uint8Array(seqlen + 1)
    const { row } = this
    this.copy(i, start, n, row)
    if (flip) reverseComplement(row, n)
    for (let k = 0; k < n - 1; k++) {
      tokens[at + k] = row[k]
      targets[at + k] = row[k + 1]
    }
    if (n - 1 < seqlen) {
      tokens.fill(0, at + n - 1, at + seqlen)
      targets.fill(PADDING, at + n - 1, at + seqlen)
    }
    return n - 1
  }

  private copy(i: number, start: number, count: number, into: Uint8Array): void {
    if (this.held) {
      const from = this.offsets[i] + start
      into.set(this.held.subarray(from, from + count))
    } else this.cache!.read(this.segments[i].start + start, count, into)
  }
}

/** First index whose end lies beyond the value. */
function upperBound(ends: Float64Array, value: number): number {
  let low = 0
  let high = ends.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ends[middle] > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Stored bytes → ids of one byte each (every vocabulary here has at most 256). */
function decoder(dataset: StoredDataset, codec: TokenCodec): DecodeCells<Uint8Array> {
  if (dataset.cell === 'f32')
    return (bytes, into, at) => {
      const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
      for (let i = 0; i < samples.length; i++) into[at + i] = muLawId(samples[i])
    }
  if (codec.name === 'char' || codec.name === 'byte') return (bytes, into, at) => into.set(bytes, at)
  const isInt16 = dataset.cell === 'i16'
  return (bytes, into, at) => {
    const cells = isInt16 ? new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2) : bytes
    codec.encodeCells(cells, into.subarray(at, at + cells.length))
  }
}
