import type { DatasetPreview } from '../../main/contract/dataset.ts'
import type { SeriesTimes } from '../codec.ts'
import { readCells, TIMES, type ReadableStore, type StoredDataset } from '../store/store.ts'
import type { PreviewWindow } from './preview.ts'

const MOST_POINTS = 2000
const MOST_CHANNELS = 32
/** Numbers read at once while a long series is thinned. */
const READ_NUMBERS = 1_000_000

/**
 * Channels thinned to at most 2,000 points. Each bucket of `2 × step` rows gives two points, its lowest and highest value in the order
 * they occur, so no peak is lost; a bucket without a known value gives null.
 */
export function previewSeries(store: ReadableStore, dataset: StoredDataset, { record, start, length }: PreviewWindow): DatasetPreview {
  const names = dataset.codec.kind === 'series' ? dataset.codec.channels.slice(0, MOST_CHANNELS) : []
  const step = Math.max(1, Math.ceil(length / MOST_POINTS))
  const bucket = step === 1 ? 1 : 2 * step
  const buckets = Math.ceil(length / bucket)
  const values: (number | null)[][] = names.map(() => [])
  const atOnce = Math.max(1, Math.floor(READ_NUMBERS / (bucket * dataset.channels)))
  for (let from = 0; from < buckets; from += atOnce) {
    const first = from * bucket
    const count = Math.min(length, (from + atOnce) * bucket) - first
    const rows = new Float32Array(readCells(store, dataset, record.start + start + first, count).buffer)
    for (let b = 0; b < count; b += bucket)
      names.forEach((_, channel) => thin(rows, dataset.channels, channel, b, Math.min(count, b + bucket), step > 1, values[channel]))
  }
  return {
    kind: 'timeseries',
    record: record.name,
    start,
    length,
    channels: names,
    times: timesOf(store, dataset, record.start + start, length, bucket),
    values,
    step,
  }
}

function thin(rows: Float32Array, width: number, channel: number, from: number, to: number, pair: boolean, into: (number | null)[]): void {
  let low = -1
  let high = -1
  for (let row = from; row < to; row++) {
    const value = rows[row * width + channel]
    if (value !== value) continue
    if (low < 0 || value < rows[low * width + channel]) low = row
    if (high < 0 || value > rows[high * width + channel]) high = row
  }
  const at = (row: number): number | null => (row < 0 ? null : +rows[row * width + channel].toPrecision(7))
  if (!pair) into.push(at(low))
  else into.push(at(Math.min(low, high)), at(Math.max(low, high)))
}

/** The time of each point: with pairs, of the bucket's first and middle row. */
function timesOf(store: ReadableStore, dataset: StoredDataset, start: number, length: number, bucket: number): string[] | null {
  const { times } = dataset.layout
  if (!times) return null
  const out: string[] = []
  const one = (row: number): void => {
    const [ms] = new Float64Array(readCells(store, dataset, start + Math.min(row, length - 1), 1, TIMES).buffer)
    out.push(describeTime(ms, times))
  }
  if (bucket === 1) {
    const all = new Float64Array(readCells(store, dataset, start, length, TIMES).buffer)
    return Array.from(all, (ms) => describeTime(ms, times))
  }
  for (let row = 0; row < length; row += bucket) {
    one(row)
    one(row + bucket / 2)
  }
  return out
}

/** In the file's own clock, without a zone. */
function describeTime(ms: number, { dateOnly, elapsed, unnamed }: SeriesTimes): string {
  if (!Number.isFinite(ms)) return ''
  if (unnamed) return String(+(ms / 1000).toFixed(6))
  if (elapsed) return `${+(ms / 1000).toFixed(6)} s`
  const iso = new Date(ms).toISOString()
  return dateOnly ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 19)}`
}
