import type { SeriesTimes } from '../codec.ts'
import type { Detected } from '../importing/detect.ts'
import type { ImportJob } from '../importing/job.ts'
import type { Source } from '../importing/source.ts'
import type { Place } from '../importing/report.ts'
import type { RecordStart } from '../store/store.ts'
import type { TimeOrder } from './timeParser.ts'

/** What belongs to a record beside its rows. */
export type RecordTags = Omit<RecordStart, 'name' | 'header'>

/** Where a reader puts its records: the dataset's writer, or a preview. */
export interface SeriesSink {
  begin(wanted: string, place: Place, tags?: RecordTags): void
  /** Whole rows of all channels, NaN where a value is missing; `times` one for each where there are times. Values may be changed in place. */
  rows(values: Float32Array, times: Float64Array | null): void
  /** A hole in time too wide, or too crooked, to be filled with rows. */
  gap(): void
  /** False when the record had no rows and was left out. */
  end(): boolean
  /** Drops the open record. */
  discard(): void
}

/** One file of series on its way in. */
export interface SeriesFile {
  source: Source
  detected: Detected
  job: ImportJob
}

/** What a format knows of a file before its values are read. */
export interface OpenedSeries {
  /** For people: "UEA .ts", "EDF+, 256 Hz". */
  format: string
  channels: string[]
  /** null: rows without times. */
  times: SeriesTimes | null
  /** In the file's order, for `declareClasses`. */
  classes?: string[]
  /** Reads the whole file into the sink: begin, rows, end for each record. */
  read(writer: SeriesSink): Promise<void>
}

export const DAY_MS = 86_400_000

export const seriesTimes = (order: TimeOrder | null, stepMs: number | null): SeriesTimes =>
  order === 'steps' ? { stepMs, dateOnly: false, elapsed: true } : { stepMs, dateOnly: order === 'year' || (stepMs ?? 0) >= DAY_MS }

/** "1 h", "15 min" */
export function describeStep(ms: number): string {
  for (const [unit, size] of [
    ['d', DAY_MS],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const)
    if (ms >= size) return `${+(ms / size).toFixed(3)} ${unit}`
  return `${+ms.toFixed(3)} ms`
}
