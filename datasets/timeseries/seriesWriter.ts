import { StrandError } from '../errors.ts'
import type { ImportJob } from '../importing/job.ts'
import type { Place } from '../importing/report.ts'
import { agree, count, plural } from '../importing/source.ts'
import { CELLS, type DatasetWriter, type SplitPlan } from '../store/store.ts'
import { fitScaling } from './fitScaling.ts'
import type { RecordTags, SeriesSink } from './series.ts'
import { LinearFill } from './linearFill.ts'
import { describeUneven, StepCounts } from './stepCounts.ts'

export type MissingPolicy = NonNullable<ImportJob['options']['missing']>

/** What a missing value, or several, became. */
const FATE_OF_ONE: { readonly [K in MissingPolicy]: string } = {
  mask: 'it is kept as missing',
  previous: 'it repeats the last value',
  linear: 'it lies on the line between its neighbours, and stays missing at an end',
  split: 'the record was cut there',
  stop: '',
}
const FATE_OF_MANY: { readonly [K in MissingPolicy]: string } = {
  mask: 'they are kept as missing',
  previous: 'they repeat the last value',
  linear: 'they lie on the line between their neighbours, and stay missing at the ends',
  split: 'the records were cut there',
  stop: '',
}

/**
 * The one way of series into a dataset, whatever the file's format: rows of float32, NaN where a value is missing, and their times. Applies the
 * chosen policy for missing values, names records, counts, and fits the scaling on the training rows.
 */
export class SeriesWriter implements SeriesSink {
  readonly writer: DatasetWriter
  readonly channels: readonly string[]
  /** Missing in the files, of all values. */
  missing = 0
  private readonly job: ImportJob
  private readonly policy: MissingPolicy
  private readonly missingHere: Float64Array
  private rowsHere = 0
  private readonly lastRow: Float32Array
  private readonly line: LinearFill | null
  private record: { wanted: string; place: Place; tags: RecordTags; parts: number; open: boolean; rows: number } | null = null
  private parts = 0
  private readonly timed: boolean
  private steps = new StepCounts()
  private lastTime = NaN

  constructor(job: ImportJob, channels: readonly string[], format: string, timed: boolean) {
    this.job = job
    this.channels = channels
    this.timed = timed
    this.policy = job.options.missing ?? 'mask'
    this.writer = job.write({ domain: 'timeseries', format, unit: 'rows', cell: 'f32', channels: channels.length })
    this.missingHere = new Float64Array(channels.length)
    this.lastRow = new Float32Array(channels.length).fill(NaN)
    this.line = this.policy === 'linear' ? new LinearFill(channels.length, (values, times) => this.store(values, times)) : null
  }

  begin(wanted: string, place: Place, tags: RecordTags = {}): void {
    this.record = { wanted, place, tags, parts: 0, open: false, rows: 0 }
    this.lastRow.fill(NaN)
  }

  rows(values: Float32Array, times: Float64Array | null): void {
    const width = this.channels.length
    this.rowsHere += values.length / width
    let missing = false
    for (let i = 0, c = 0; i < values.length; i++) {
      if (values[i] !== values[i]) {
        missing = true
        this.missingHere[c]++
        if (this.policy === 'stop') this.stop(Math.floor(i / width), c)
      }
      if (++c === width) c = 0
    }
    if (this.policy === 'linear') this.line!.push(values, times)
    else if (this.policy === 'split' && missing) this.split(values, times)
    else {
      if (this.policy === 'previous') this.repeat(values)
      this.store(values, times)
    }
  }

  gap(): void {
    this.line?.flush()
    this.lastRow.fill(NaN)
    if (this.policy === 'split') this.endPart()
  }

  /** Ends the record. False when it had no rows and was left out. */
  end(): boolean {
    const record = this.record!
    this.line?.flush()
    this.endPart()
    this.record = null
    if (record.parts > 1) this.parts += record.parts - 1
    if (record.parts === 0) {
      const { file } = record.place
      const what = record.rows === 0 && record.wanted === file ? file : `Record "${record.wanted}" of ${file}`
      this.job.report.add('skipped', 'series/empty', record.place, `${what} holds no rows of numbers; it was left out.`)
    }
    return record.parts > 0
  }

  /** Drops the open record and what was stored of it. */
  discard(): void {
    this.line?.clear()
    if (this.record?.open) this.writer.discardRecord()
    this.lastTime = NaN
    this.record = null
  }

  /** Tells what was missing in the file just read. */
  endFile(file: string, stepMs: number | null): void {
    const steps = this.steps.summary()
    // where the file keeps a step, the rows that do not are told with their lines
    if (stepMs === null && steps && steps.differ > 0)
      this.job.report.add('note', 'series/uneven', { file }, `${describeUneven(steps)} in ${file}; the rows are kept as they are.`)
    this.steps = new StepCounts()
    this.missingHere.forEach((n, channel) => {
      if (n === 0) return
      this.missing += n
      this.job.report.add(
        'note',
        'table/missing',
        { file },
        `Column "${this.channels[channel]}" of ${file}: ${count(n)} of ${plural(this.rowsHere, 'value')} ${agree(n, 'is', 'are')} missing; ${n === 1 ? FATE_OF_ONE[this.policy] : FATE_OF_MANY[this.policy]}.`,
      )
    })
    if (this.parts > 0)
      this.job.report.add(
        'note',
        'series/parts',
        { file },
        `${plural(this.parts, 'record')} of ${file} began behind a gap: "name, part 2"${agree(this.parts, '', ' and on')}.`,
      )
    this.missingHere.fill(0)
    this.rowsHere = 0
    this.parts = 0
  }

  private store(values: Float32Array, times: Float64Array | null): void {
    if (values.length === 0) return
    const record = this.record!
    if (!record.open) {
      record.parts++
      const name = record.parts === 1 ? record.wanted : `${record.wanted}, part ${record.parts}`
      this.writer.beginRecord({ ...record.tags, name: this.job.names.take(name).name })
      record.open = true
    }
    record.rows += values.length / this.channels.length
    this.writer.append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    if (!this.timed) return
    this.writer.appendTimes(times!)
    this.steps.push(times!, this.lastTime)
    this.lastTime = times!.at(-1)!
  }

  private endPart(): void {
    const record = this.record!
    if (!record.open) return
    this.writer.endRecord()
    this.lastTime = NaN
    this.job.report.accept()
    record.open = false
  }

  private repeat(values: Float32Array): void {
    const width = this.channels.length
    for (let i = 0, c = 0; i < values.length; i++) {
      if (values[i] !== values[i]) values[i] = this.lastRow[c]
      else this.lastRow[c] = values[i]
      if (++c === width) c = 0
    }
  }

  /** Stores the stretches of whole rows, each as a record of its own. */
  private split(values: Float32Array, times: Float64Array | null): void {
    const width = this.channels.length
    const rows = values.length / width
    let from = 0
    for (let row = 0; row <= rows; row++) {
      const whole = row < rows && !values.subarray(row * width, (row + 1) * width).some((value) => value !== value)
      if (whole) continue
      this.store(values.subarray(from * width, row * width), times ? times.subarray(from, row) : null)
      if (row < rows) this.endPart()
      from = row + 1
    }
  }

  private stop(row: number, channel: number): never {
    const { place, wanted } = this.record!
    const at = this.record!.rows + row + 1
    throw new StrandError(
      'import/bad-record',
      `Row ${count(at)} of "${wanted}" in ${place.file} has no value in column "${this.channels[channel]}", and you chose to stop at missing values. Nothing was imported.`,
      { file: place.file, ...(place.line === undefined ? {} : { line: place.line }) },
    )
  }

  /** Mean and deviation of each channel over the training rows only. */
  fitScaling(plan: SplitPlan): ReturnType<typeof fitScaling> {
    this.job.phase('fitting the scaling on the training rows')
    const { writer, channels } = this
    const read = (start: number, count: number): Float32Array => new Float32Array(writer.readBack(start, count, CELLS).buffer)
    return fitScaling(writer.records, plan, [...channels], read)
  }
}
