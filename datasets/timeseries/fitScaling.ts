import type { RecordList, SplitPlan } from '../store/store.ts'
import { ScalerFit, scalerToJSON } from './seriesScaling.ts'

/** Rows read at once. */
const FIT_BYTES = 4 * 1_048_576

/** Mean and deviation of each channel over the training rows only. `read` gives (count, channels) numbers from row `start` of the dataset. */
export function fitScaling(
  records: Pick<RecordList, 'forEach'>,
  plan: SplitPlan,
  channels: string[],
  read: (start: number, count: number) => Float32Array,
): ReturnType<typeof scalerToJSON> {
  const fit = new ScalerFit(channels.length)
  const step = Math.max(1, Math.floor(FIT_BYTES / (4 * channels.length)))
  const pass = (use: (rows: Float32Array) => void): void => {
    records.forEach((record, i) => {
      const part = plan.records[i]
      const cuts = typeof part === 'string' ? [{ split: part, start: 0, stop: record.length }] : part
      for (const { split, start, stop } of cuts)
        for (let at = start; split === 'train' && at < stop; at += step) use(read(record.start + at, Math.min(step, stop - at)))
    })
  }
  pass((rows) => fit.addToMean(rows))
  fit.endMean()
  pass((rows) => fit.addToDeviation(rows))
  return scalerToJSON({ channels, mean: fit.mean!, std: fit.deviation() })
}
