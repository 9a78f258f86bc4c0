import { count } from '../importing/source.ts'
import { cellNumber, cellText, reportUnread, type Cell, type CellBatch, type RoledTable } from '../tables/cellTable.ts'
import { isMissing } from './numberWords.ts'
import { reportZone } from './openTable.ts'
import { seriesTimes, type OpenedSeries, type RecordTags, type SeriesFile } from './series.ts'
import { SeriesRouter, type RowRouter } from './seriesRouter.ts'
import { TableTimes, type TimedTable } from './tableTimes.ts'
import { TimeSorter } from './timeSorter.ts'
import { parseTimeText } from './timeParser.ts'

/** Numbers handed on at once. */
const BATCH_NUMBERS = 65_536

/** The series in any table of cells: Parquet, Arrow, Excel, ARFF, JSON. Same rules as for CSV, see TableParser. */
export function openCells(file: SeriesFile, roled: RoledTable): OpenedSeries {
  const { table, roles, timeOrder, stepMs } = roled
  const channels = roles.flatMap((role, c) => (role === 'value' ? [c] : []))
  const time = roled.rows === 'series' ? -1 : roles.indexOf('time')
  return {
    format: table.format,
    channels: roled.rows === 'series' ? ['value'] : channels.map((c) => table.columns[c].name),
    times: time < 0 ? null : seriesTimes(timeOrder, stepMs),
    async read(writer) {
      const { source, job } = file
      roled.why.forEach((why, c) => {
        const { name } = table.columns[c]
        if (why) job.report.add('note', 'table/left-out', { file: source.name }, `Column "${name}" of ${source.name} was left out: ${why}.`)
      })
      if (roled.zoned && time >= 0) reportZone(job.report, source.name, table.columns[time].name)
      reportUnread(job.report, source.name, table)
      const sorted = roled.order === 'time' && time >= 0
      const input: TimedTable = {
        file: source.name,
        report: job.report,
        policy: job.options.missing ?? 'mask',
        counts: 'row',
        dialect: { stepMs: roled.stepMs, columns: table.columns.map(({ name }) => name), timeColumn: time },
      }
      const plain = new SeriesRouter(writer, source.name, roled.interleaved && !sorted)
      // holes in time show once the rows are in order
      const rows = sorted
        ? new CellRows(file, roled, channels, new TimeSorter(plain, channels.length, input), {
            ...input,
            sorted,
            dialect: { ...input.dialect, stepMs: null },
          })
        : new CellRows(file, roled, channels, plain, input)
      for await (const batch of table.batches(job, rows.wanted)) rows.push(batch)
      rows.end()
    },
  }
}

/** Rows of cells on their way to a router. */
class CellRows {
  /** Columns to read: channels first, then time, id, label and group where there are any. */
  readonly wanted: number[]
  private readonly file: SeriesFile
  private readonly roled: RoledTable
  private readonly router: RowRouter
  private readonly times: TableTimes
  private readonly sorted: boolean
  private readonly width: number
  private readonly at: { [K in 'time' | 'id' | 'label' | 'group']: number }
  private readonly batch: Float32Array
  private readonly stamps: Float64Array
  private filled = 0
  private row = 0
  private record: string | null = null

  constructor(file: SeriesFile, roled: RoledTable, channels: number[], router: RowRouter, timed: TimedTable) {
    const { roles } = roled
    this.file = file
    this.roled = roled
    this.router = router
    this.width = channels.length
    this.wanted = [...channels]
    const place = (column: number): number => (column < 0 ? -1 : this.wanted.push(column) - 1)
    this.at = {
      time: place(timed.dialect.timeColumn),
      id: place(roles.indexOf('id')),
      label: place(roles.indexOf('label')),
      group: place(roles.indexOf('group')),
    }
    const capacity = Math.max(1, Math.floor(BATCH_NUMBERS / this.width))
    this.batch = new Float32Array(capacity * this.width)
    this.stamps = new Float64Array(capacity)
    this.times = new TableTimes(timed)
    this.sorted = timed.sorted === true
  }

  push(batch: CellBatch): void {
    const { width, at } = this
    for (let r = 0; r < batch.rows; r++) {
      this.row++
      const tag = (column: number): string | null => (column < 0 ? null : cellText(batch.columns[column][r], 'text').trim() || null)
      const tags: RecordTags = { label: tag(at.label), group: tag(at.group) }
      if (this.roled.rows === 'series') {
        this.series(batch, r, tag(at.id), tags)
        continue
      }
      const record = tag(at.id) ?? this.file.source.stem
      if (record !== this.record) {
        this.flush()
        this.router.to(record, tags, batch.line(r) ?? this.row)
        this.times.of(record)
        this.record = record
      }
      const time = at.time < 0 ? NaN : this.timeOf(batch.columns[at.time][r])
      if (at.time >= 0 && !this.bridge(time)) continue
      for (let c = 0; c < width; c++) this.batch[this.filled * width + c] = this.number(batch.columns[c][r], c)
      this.store(time)
    }
  }

  end(): void {
    this.flush()
    this.router.end()
    if (!this.sorted) this.times.summarise()
  }

  /** Rows or a gap for a hole in time; false when the row must not be stored. */
  private bridge(time: number): boolean {
    const step = this.times.next(time, this.row)
    if (step === 'bad') return false
    if (step === 'hole') {
      this.flush()
      this.router.gap()
    } else
      for (let i = 1; i <= step; i++) {
        this.batch.fill(NaN, this.filled * this.width, (this.filled + 1) * this.width)
        this.store(time - (step + 1 - i) * this.roled.stepMs!)
      }
    return true
  }

  private series(batch: CellBatch, r: number, id: string | null, tags: RecordTags): void {
    const values = Float32Array.from({ length: this.width }, (_, c) => this.number(batch.columns[c][r], c))
    let length = values.length
    while (length > 0 && values[length - 1] !== values[length - 1]) length--
    this.router.to(id ?? `${this.file.source.stem} ${this.row}`, tags, batch.line(r) ?? this.row)
    this.router.rows(values.subarray(0, length), null)
  }

  private number(cell: Cell, channel: number): number {
    const value = cellNumber(cell)
    if (typeof cell === 'string' && value !== value && !isMissing(cell)) this.word(cell, channel)
    if (value === Infinity || value === -Infinity) {
      const { source, job } = this.file
      const what = `Row ${count(this.row)} of ${source.name}, column "${this.nameOf(channel)}": an infinite value is kept as missing.`
      job.report.add('repaired', 'table/infinite', { file: source.name }, what)
      return NaN
    }
    return value
  }

  private nameOf(channel: number): string {
    return this.roled.table.columns[this.wanted[channel]].name
  }

  private word(cell: string, channel: number): void {
    const { source, job } = this.file
    const what = `Row ${count(this.row)} of ${source.name}, column "${this.nameOf(channel)}": "${cell.slice(0, 40)}" is not a number.`
    const kept = 'The value is kept as missing.'
    job.report.bad('table/not-a-number', { file: source.name }, job.report.onProblem === 'skip' ? `${what} ${kept}` : what, kept)
  }

  private timeOf(cell: Cell): number {
    if (typeof cell === 'string') return parseTimeText(cell, this.roled.timeOrder ?? 'ymd')
    const kind = this.roled.table.columns[this.wanted[this.at.time]].kind
    const value = cell === null || cell === undefined ? NaN : Number(cell)
    return kind === 'time' ? value : parseTimeText(String(cell), this.roled.timeOrder ?? 'steps')
  }

  private store(time: number): void {
    this.stamps[this.filled] = time
    if (++this.filled * this.width === this.batch.length) this.flush()
  }

  private flush(): void {
    if (this.filled === 0) return
    this.router.rows(this.batch.subarray(0, this.filled * this.width), this.at.time < 0 ? null : this.stamps.subarray(0, this.filled))
    this.filled = 0
  }
}
