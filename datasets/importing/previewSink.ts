import type { SeriesSink } from '../timeseries/series.ts'

/** Rows looked at of files that are read here and there. */
const MOST_ROWS = 200_000
const SHOWN_VALUES = 24

/** Thrown to end a look that has seen enough. */
export class Enough extends Error {}

/** The first records of a file of series, for a preview. */
export class PreviewSink implements SeriesSink {
  readonly records: { name: string; rows: number; excerpt: string }[] = []
  /** Records seen, shown or not. */
  count = 0
  private readonly channels: number
  private readonly shown: number
  private open: { name: string; rows: number; excerpt: string } | null = null
  private rowsSeen = 0

  constructor(channels: number, shown: number) {
    this.channels = channels
    this.shown = shown
  }

  begin(name: string): void {
    this.open = { name, rows: 0, excerpt: '' }
    this.count++
    if (this.records.length < this.shown) this.records.push(this.open)
  }

  rows(values: Float32Array): void {
    const open = this.open!
    for (let i = 0; i < values.length && open.rows === 0 && i < SHOWN_VALUES * this.channels; i += this.channels)
      open.excerpt += `${i > 0 ? ', ' : ''}${Number.isNaN(values[i]) ? '–' : +values[i].toPrecision(5)}`
    open.rows += values.length / this.channels
    this.rowsSeen += values.length / this.channels
    if (this.rowsSeen > MOST_ROWS) throw new Enough()
  }

  gap(): void {}

  end(): boolean {
    const open = this.open!
    this.open = null
    return open.rows > 0
  }

  discard(): void {
    this.count--
    if (this.records.at(-1) === this.open) this.records.pop()
    this.open = null
  }
}
