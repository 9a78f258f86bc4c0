import type { Split } from '../../main/contract/dataset.ts'
import { samplesOf } from '../audio/pcmSamples.ts'
import { StrandError } from '../errors.ts'
import { getStoredDataset, iterateRecords, listSegments, type ReadableStore } from '../store/store.ts'
import { scalerFromJSON, type SeriesScaler } from '../timeseries/seriesScaling.ts'
import { CellCache, HOLD_BYTES } from './cellCache.ts'
import { randomBelow } from './counterRandom.ts'

export interface SeriesWindow {
  record: string
  /** Row of the first target in its record, from 0. */
  position: number
  /** (lookback, C) scaled. Reused by the next window, as the others. */
  inputs: Float32Array
  /** (horizon, C) scaled; 0 where missing. */
  targets: Float32Array
  /** (horizon, C) 1 where the target is known, 0 where it is missing. */
  mask: Float32Array
}

/**
 * One split of a series as pairs of past and future. A window belongs to a split when its whole target does; its past may reach
 * into the split before, as in the protocol of the ETT papers (Zhou et al. 2021), which gives 2,785 test windows for ETTh1 at horizon 96.
 * Values are scaled by the training mean and deviation. A missing input repeats the last known value in the window (0, the mean, before the first).
 */
export interface SeriesWindows {
  readonly channels: readonly string[]
  readonly scaler: SeriesScaler
  readonly lookback: number
  readonly horizon: number
  /** Windows of the split, all offsets. */
  readonly count: number
  /** Fills inputs (batch, lookback, C), targets and mask (batch, horizon, C); they depend on (seed, step, row) alone. */
  random(seed: number, step: number, batch: number, inputs: Float32Array, targets: Float32Array, mask: Float32Array): void
  /** Every `stride`-th window, in order. */
  sequential(stride: number): Generator<SeriesWindow>
  /** Window number `index` of `count`. */
  at(index: number): SeriesWindow
}

export function openSeriesWindows(
  store: ReadableStore,
  datasetId: number,
  split: Split,
  spec: { lookback: number; horizon: number; fold?: number },
): SeriesWindows {
  const { lookback, horizon } = spec
  const dataset = getStoredDataset(store, datasetId, spec.fold)
  if (dataset.codec.kind !== 'series')
    throw new StrandError(
      'bad-input',
      `"${dataset.name}" is ${dataset.domain}, not a series of numbers. Choose a preset for ${dataset.domain}.`,
      { dataset: datasetId },
    )
  const scaler = scalerFromJSON(dataset.codec)
  const C = dataset.channels
  const firstRow = new Map(iterateRecords(store, datasetId).map((record) => [record.id, record.start]))
  const stretches: { record: string; recordStart: number; first: number; windows: number }[] = []
  let count = 0
  for (const segment of listSegments(store, datasetId, split, spec.fold)) {
    const recordStart = firstRow.get(segment.recordId)!
    const first = Math.max(segment.start, recordStart + lookback)
    const windows = segment.start + segment.length - horizon - first + 1
    if (windows <= 0) continue
    count += windows
    stretches.push({ record: segment.record, recordStart, first, windows })
  }
  if (count === 0)
    throw new StrandError(
      'bad-input',
      `The ${split} split of "${dataset.name}" is too short for ${lookback} rows of past and ${horizon} of future. Choose a shorter horizon or lookback, or a larger part for it.`,
      { dataset: datasetId, split, lookback, horizon },
    )
  const scale = (bytes: Uint8Array, into: Float32Array, at: number): void => {
    const values =
      dataset.domain === 'audio' ? samplesOf(dataset, bytes) : new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    for (let i = 0, c = 0; i < values.length; i++) {
      into[at + i] = (values[i] - scaler.mean[c]) / scaler.std[c]
      if (++c === C) c = 0
    }
  }
  const cache = new CellCache<Float32Array>(store, dataset, scale)
  const held = dataset.length * C * 4 > HOLD_BYTES ? null : new Float32Array(dataset.length * C)
  if (held) cache.read(0, dataset.length, held)
  const rows = new Float32Array((lookback + horizon) * C)

  const fill = (
    index: number,
    inputs: Float32Array,
    targets: Float32Array,
    mask: Float32Array,
    b: number,
  ): { record: string; position: number } => {
    let s = 0
    let offset = index
    while (offset >= stretches[s].windows) offset -= stretches[s++].windows
    const target = stretches[s].first + offset
    if (held) rows.set(held.subarray((target - lookback) * C, (target + horizon) * C))
    else cache.read(target - lookback, lookback + horizon, rows)
    const inputAt = b * lookback * C
    for (let i = 0; i < lookback * C; i++) {
      const value = rows[i]
      inputs[inputAt + i] = value === value ? value : i >= C ? inputs[inputAt + i - C] : 0
    }
    const targetAt = b * horizon * C
    for (let i = 0; i < horizon * C; i++) {
      const value = rows[lookback * C + i]
      const known = value === value
      targets[targetAt + i] = known ? value : 0
      mask[targetAt + i] = known ? 1 : 0
    }
    return { record: stretches[s].record, position: target - stretches[s].recordStart }
  }
  const buffers = (): Omit<SeriesWindow, 'record' | 'position'> => ({
    inputs: new Float32Array(lookback * C),
    targets: new Float32Array(horizon * C),
    mask: new Float32Array(horizon * C),
  })

  return {
    channels: scaler.channels,
    scaler,
    lookback,
    horizon,
    count,
    random(seed, step, batch, inputs, targets, mask) {
      for (let b = 0; b < batch; b++) fill(randomBelow(seed, step, b, 0, count), inputs, targets, mask, b)
    },
    *sequential(stride) {
      const window = buffers()
      for (let index = 0; index < count; index += stride) yield { ...fill(index, window.inputs, window.targets, window.mask, 0), ...window }
    },
    at(index) {
      const window = buffers()
      return { ...fill(index, window.inputs, window.targets, window.mask, 0), ...window }
    },
  }
}
