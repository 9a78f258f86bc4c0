import type { Split } from '../../main/contract/dataset.ts'
import { idsFor, type Ids, type TokenCodec } from '../codec.ts'
import { tokenCodecFromJSON, unitCodec } from '../codecs.ts'
import { StrandError } from '../errors.ts'
import { getStoredDataset, TOKENS, type ReadableStore, type StoredDataset } from '../store/store.ts'
import { CellCache, HOLD_BYTES } from './cellCache.ts'
import { samplesOf } from '../audio/pcmSamples.ts'
import { addNoise, randomBelow, randomBit, randomShare } from './counterRandom.ts'
import { NgramModel } from './ngramModel.ts'
import { listTokenSegments, type TokenSegment } from './tokenSegments.ts'

/** Marks a target that is not scored: beyond the end of a short record. */
export const PADDING = -1

export interface TokenWindow {
  record: string
  /** First input token's first cell in its record, from 0. */
  position: number
  /** (seqlen) ids; 0 beyond `count`. Reused by the next window. */
  tokens: Int32Array
  /** (seqlen) the id after each token; PADDING beyond `count`. Reused by the next window. */
  targets: Int32Array
  /** Targets to score. */
  count: number
  /** Units (bases, bytes, …) that those targets stand for. */
  units: number
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
  readonly segments: readonly TokenSegment[]
  /**
   * Fills `tokens` and `targets`, both (batch, seqlen), with windows that depend on (seed, step, row) alone.
   * Every window of the split is equally likely. A stretch shorter than seqlen + 1 gives one window, padded with PADDING in `targets`.
   */
  random(seed: number, step: number, batch: number, seqlen: number, tokens: Int32Array, targets: Int32Array): void
  /** Windows that do not overlap and together score every token but the first of each segment. */
  sequential(seqlen: number): Generator<TokenWindow>
  /** ids of one stretch of the split; `start` counts tokens from the first of the segment. */
  read(segment: TokenSegment, start: number, count: number): Ids
  /** n-gram statistics of the split, contexts of 0 … order tokens, from at most `limit` tokens (the first). */
  counts(order: number, limit?: number): NgramModel
}

export interface TokenWindowOptions {
  /** DNA: read half of the random windows from the other strand. */
  reverseComplement?: boolean
  /** Sound: random windows are louder or softer by up to so many decibels, and have noise of this deviation (of full scale) added, before they become levels. */
  gainDb?: number
  noise?: number
  /** Read unit by unit (bases under k-mers, bytes under BPE), whatever the dataset's own tokens are: what baselines count. */
  units?: boolean
  /** Of a dataset with folds, which one tests. */
  fold?: number
}

export function openTokenWindows(store: ReadableStore, datasetId: number, split: Split, options: TokenWindowOptions = {}): TokenWindows {
  const dataset = getStoredDataset(store, datasetId, options.fold)
  const codec = options.units ? unitCodec(dataset.codec) : tokenCodecFromJSON(dataset.codec)
  const segments = listTokenSegments(store, dataset, codec, split, options.fold)
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
  readonly segments: readonly TokenSegment[]
  private readonly name: string
  private readonly flips: boolean
  private readonly options: TokenWindowOptions
  /** Sound that is changed before it becomes levels; null where it is read as it is. */
  private readonly samples: CellCache<Float32Array> | null
  private sound = new Float32Array(0)
  private readonly reader: TokenReader
  /** The whole split, segments one after the other, when it is small enough. */
  private readonly held: Ids | null = null
  /** Where each segment starts in `held`. */
  private readonly offsets: Float64Array
  private weights: { seqlen: number; ends: Float64Array } = { seqlen: -1, ends: new Float64Array(0) }
  private row: Ids = new Uint8Array(0)

  constructor(
    store: ReadableStore,
    dataset: StoredDataset,
    codec: TokenCodec,
    split: Split,
    segments: TokenSegment[],
    options: TokenWindowOptions,
  ) {
    this.codec = codec
    this.vocab = codec.vocab
    this.segments = segments
    this.name = `The ${split} split of "${dataset.name}"`
    this.options = options
    const changes = (options.gainDb ?? 0) > 0 || (options.noise ?? 0) > 0
    this.samples =
      changes && codec.toInt16
        ? new CellCache<Float32Array>(store, dataset, (bytes, into, at) => into.set(samplesOf(dataset, bytes), at))
        : null
    this.flips = options.reverseComplement === true && codec.reverseComplement !== undefined
    this.offsets = new Float64Array(segments.length)
    let length = 0
    segments.forEach((segment, i) => {
      this.offsets[i] = length
      length += segment.length
    })
    this.length = length
    this.reader = tokenReader(store, dataset, codec)
    if (length * idsFor(codec.vocab, 1).BYTES_PER_ELEMENT > HOLD_BYTES) return
    // in record order, so each chunk is read once however many records share it
    const held = idsFor(codec.vocab, length)
    segments.forEach(({ start, length }, i) => this.reader(start, length, held, this.offsets[i]))
    this.held = held
  }

  random(seed: number, step: number, batch: number, seqlen: number, tokens: Int32Array, targets: Int32Array): void {
    const ends = this.windowEnds(seqlen)
    const total = ends[ends.length - 1]
    for (let r = 0; r < batch; r++) {
      const window = randomBelow(seed, step, r, 0, total)
      const i = upperBound(ends, window)
      const start = window - (i === 0 ? 0 : ends[i - 1])
      const flip = this.flips && randomBit(seed, step, r, 0) === 1
      const change = this.samples && { seed, step, row: r }
      this.fill(i, start, seqlen, flip, tokens, targets, r * seqlen, change)
    }
  }

  *sequential(seqlen: number): Generator<TokenWindow> {
    const tokens = new Int32Array(seqlen)
    const targets = new Int32Array(seqlen)
    for (let i = 0; i < this.segments.length; i++) {
      const segment = this.segments[i]
      let position = segment.position
      for (let start = 0; start + 1 < segment.length; start += seqlen) {
        const count = this.fill(i, start, seqlen, false, tokens, targets, 0)
        let units = 0
        for (let t = 0; t < count; t++) units += this.codec.unitsOf(targets[t])
        yield { record: segment.record, position, tokens, targets, count, units }
        for (let t = 0; t < count; t++) position += this.codec.cut?.stride ?? this.codec.unitsOf(tokens[t])
      }
    }
  }

  read(segment: TokenSegment, start: number, count: number): Ids {
    const i = this.segments.indexOf(segment)
    if (i < 0 || start < 0 || start + count > segment.length)
      throw new StrandError('internal', `${this.name} was read outside its records.`)
    const ids = idsFor(this.vocab, count)
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
  private fill(
    i: number,
    start: number,
    seqlen: number,
    flip: boolean,
    tokens: Int32Array,
    targets: Int32Array,
    at: number,
    change: { seed: number; step: number; row: number } | null = null,
  ): number {
    const n = Math.min(seqlen + 1, this.segments[i].length - start)
    if (this.row.length < seqlen + 1) this.row = idsFor(this.vocab, seqlen + 1)
    const { row } = this
    if (change) this.copyChanged(i, start, n, row, change)
    else this.copy(i, start, n, row)
    if (flip) this.codec.reverseComplement!(row, n)
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

  /** Sound, louder or softer and with noise, as levels. */
  private copyChanged(
    i: number,
    start: number,
    n: number,
    row: Ids,
    { seed, step, row: r }: { seed: number; step: number; row: number },
  ): void {
    const { gainDb = 0, noise = 0 } = this.options
    if (this.sound.length < n) this.sound = new Float32Array(n)
    const sound = this.sound.subarray(0, n)
    this.samples!.read(this.segments[i].start + start, n, sound)
    const gain = 10 ** (((2 * randomShare(seed, step, r, 0) - 1) * gainDb) / 20)
    for (let k = 0; k < n; k++) sound[k] *= gain
    if (noise > 0) addNoise(sound, n, noise, seed, step, r)
    this.codec.encodeCells(sound, row)
  }

  private copy(i: number, start: number, count: number, into: Ids): void {
    if (this.held) {
      const from = this.offsets[i] + start
      into.set(this.held.subarray(from, from + count))
    } else this.reader(this.segments[i].start + start * (this.codec.cut?.stride ?? 1), count, into, 0)
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

/** `count` tokens of which the first lies at `start` (a cell, or an entry of the stored tokens), into `into` from index `at`. */
type TokenReader = (start: number, count: number, into: Ids, at: number) => void

function tokenReader(store: ReadableStore, dataset: StoredDataset, codec: TokenCodec): TokenReader {
  if (codec.cut === null) {
    const cache = new CellCache<Ids>(store, dataset, (bytes, into, at) => into.set(uint16(bytes), at), TOKENS)
    return (start, count, into, at) => cache.read(start, count, into, at)
  }
  const { width, stride } = codec.cut
  if (width === 1) {
    const cache = new CellCache<Ids>(store, dataset, (bytes, into, at) => {
      const cells = typed(dataset, bytes)
      codec.encodeCells(cells, into.subarray(at, at + cells.length))
    })
    return (start, count, into, at) => cache.read(start, count, into, at)
  }
  const cache = new CellCache<Uint8Array>(store, dataset, (bytes, into, at) => into.set(bytes, at))
  let cells = new Uint8Array(0)
  return (start, count, into, at) => {
    // long stretches in parts, so that their cells need no room of their own
    for (let done = 0; done < count; done += READ_TOKENS) {
      const part = Math.min(READ_TOKENS, count - done)
      const needed = (part - 1) * stride + width
      if (cells.length < needed) cells = new Uint8Array(needed)
      cache.read(start + done * stride, needed, cells)
      codec.encodeCells(cells.subarray(0, needed), into.subarray(at + done, at + done + part))
    }
  }
}

const READ_TOKENS = 65_536

const uint16 = (bytes: Uint8Array): Uint16Array => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)

function typed({ cell }: StoredDataset, bytes: Uint8Array): Uint8Array | Int16Array | Float32Array {
  if (cell === 'f32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return cell === 'i16' ? new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2) : bytes
}
