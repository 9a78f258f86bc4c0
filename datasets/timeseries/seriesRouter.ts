import { StrandError } from '../errors.ts'
import type { Place } from '../importing/report.ts'
import { count } from '../importing/source.ts'
import type { RecordTags, SeriesSink } from './series.ts'

/** Numbers held while rows of several series come in turns, or are put in order. */
export const HELD_NUMBERS = 48_000_000

interface Held {
  values: Float32Array[]
  times: Float64Array[]
  /** Behind this many pieces lies a hole in time. */
  gaps: Set<number>
  tags: RecordTags
  place: Place
}

/** Where the rows of a table go: whose come next, rows of all channels, a hole in time, the end of the table. */
export interface RowRouter {
  to(id: string, tags: RecordTags, line: number): void
  rows(values: Float32Array, times: Float64Array | null): void
  gap(): void
  end(): void
}

/**
 * Rows of a table that holds one series or several, on their way to the writer: `to` says whose rows come next. Series that follow one another are
 * streamed; where their rows come in turns ("interleaved"), they are held until the file's end.
 */
export class SeriesRouter implements RowRouter {
  private readonly writer: SeriesSink
  private readonly file: string
  private readonly held: Map<string, Held> | null
  private readonly done = new Set<string>()
  private current: string | null = null
  private numbers = 0

  constructor(writer: SeriesSink, file: string, interleaved: boolean) {
    this.writer = writer
    this.file = file
    this.held = interleaved ? new Map() : null
  }

  to(id: string, tags: RecordTags, line: number): void {
    const place = { file: this.file, line }
    if (this.held) {
      this.current = id
      if (!this.held.has(id)) this.held.set(id, { values: [], times: [], gaps: new Set(), tags, place })
      return
    }
    if (this.current !== null) this.endCurrent()
    if (this.done.has(id))
      throw new StrandError(
        'import/bad-record',
        `Line ${count(line)} of ${this.file} goes back to "${id}", whose rows had ended. Nothing was imported; sort the rows by record and time, or leave the column of records out.`,
        { file: this.file, line },
      )
    this.current = id
    this.writer.begin(id, place, tags)
  }

  rows(values: Float32Array, times: Float64Array | null): void {
    if (!this.held) {
      this.writer.rows(values, times)
      return
    }
    const held = this.held.get(this.current!)!
    held.values.push(values.slice())
    if (times) held.times.push(times.slice())
    this.numbers += values.length + 8
    if (this.numbers > HELD_NUMBERS)
      throw new StrandError(
        'import/too-large',
        `The rows of different records come in turns in ${this.file}, and there are too many to hold them all. Sort the rows by record, then import the file again.`,
        { file: this.file },
      )
  }

  gap(): void {
    if (!this.held) this.writer.gap()
    else {
      const held = this.held.get(this.current!)!
      held.gaps.add(held.values.length)
    }
  }

  end(): void {
    if (!this.held) {
      if (this.current !== null) this.endCurrent()
      this.current = null
      return
    }
    for (const [id, { values, times, gaps, tags, place }] of this.held) {
      this.writer.begin(id, place, tags)
      values.forEach((piece, i) => {
        if (gaps.has(i)) this.writer.gap()
        this.writer.rows(piece, times[i] ?? null)
      })
      this.writer.end()
      this.held.delete(id)
    }
  }

  private endCurrent(): void {
    this.writer.end()
    this.done.add(this.current!)
  }
}
