import { StrandError } from '../errors.ts'
import { plural } from '../importing/source.ts'
import type { RecordTags } from './series.ts'
import { HELD_NUMBERS, type RowRouter } from './seriesRouter.ts'
import { TableTimes, type TimedTable } from './tableTimes.ts'

const BATCH_NUMBERS = 65_536

interface Held {
  values: Float32Array[]
  times: Float64Array[]
  tags: RecordTags
  line: number
}

/** Rows of a table on their way to a router, put in order of time within each record; rows of one time keep the file's order. Held until the file's end. */
export class TimeSorter implements RowRouter {
  private readonly router: RowRouter
  private readonly input: TimedTable
  private readonly width: number
  private readonly held = new Map<string, Held>()
  private current: Held | null = null
  private numbers = 0
  private moved = 0
  private turned = 0

  constructor(router: RowRouter, width: number, input: TimedTable) {
    this.router = router
    this.width = width
    this.input = { ...input, counts: 'row', sorted: true }
  }

  to(id: string, tags: RecordTags, line: number): void {
    this.current = this.held.get(id) ?? { values: [], times: [], tags, line }
    this.held.set(id, this.current)
  }

  rows(values: Float32Array, times: Float64Array | null): void {
    this.current!.values.push(values.slice())
    this.current!.times.push(times!.slice())
    this.numbers += values.length + 2 * times!.length
    if (this.numbers > HELD_NUMBERS) {
      const { file } = this.input
      throw new StrandError(
        'import/too-large',
        `${file} has too many rows to put them in order of time while it is read. Sort the file by time, then import it in the file's order.`,
        { file },
      )
    }
  }

  /** The reader was told no step, so it finds no holes: they are looked for in order of time. */
  gap(): void {}

  end(): void {
    const times = new TableTimes(this.input)
    for (const [id, { values, times: stamps, tags, line }] of this.held) {
      this.router.to(id, tags, line)
      times.of(id)
      this.hand(joined(values), joined(stamps), times)
      this.held.delete(id)
    }
    this.router.end()
    times.summarise()
    const { file, report } = this.input
    const ran = this.turned > 0 && this.turned === this.moved
    const what = ran
      ? `The rows of ${file} ran from the newest to the oldest`
      : `${plural(this.moved, 'row')} of ${file} stood out of order in time`
    if (this.moved > 0) report.add('repaired', 'table/sorted', { file }, `${what}; the rows were put in order of time.`)
  }

  private hand(values: Float32Array, stamps: Float64Array, times: TableTimes): void {
    const { width, input } = this
    const order = this.orderOf(stamps)
    const capacity = Math.max(1, Math.floor(BATCH_NUMBERS / width))
    const batch = new Float32Array(capacity * width)
    const at = new Float64Array(capacity)
    let filled = 0
    const flush = (): void => {
      if (filled > 0) this.router.rows(batch.subarray(0, filled * width), at.subarray(0, filled))
      filled = 0
    }
    const store = (time: number, row: Float32Array | null): void => {
      if (row) batch.set(row, filled * width)
      else batch.fill(NaN, filled * width, (filled + 1) * width)
      at[filled] = time
      if (++filled === capacity) flush()
    }
    order.forEach((from, place) => {
      const time = stamps[from]
      const step = times.next(time, place + 1)
      if (step === 'hole') {
        flush()
        this.router.gap()
      } else if (step !== 'bad') for (let i = step; i >= 1; i--) store(time - i * input.dialect.stepMs!, null)
      store(time, values.subarray(from * width, (from + 1) * width))
    })
    flush()
  }

  /** Places of the rows in order of time. */
  private orderOf(stamps: Float64Array): Uint32Array {
    const order = Uint32Array.from(stamps, (_, i) => i)
    const falls = stamps.reduce((n, time, i) => n + (i > 0 && time < stamps[i - 1] ? 1 : 0), 0)
    if (falls === 0) return order
    // newest first is by far the most frequent, and needs no comparing
    const newestFirst = falls === stamps.length - 1
    if (newestFirst) order.reverse()
    else order.sort((a, b) => stamps[a] - stamps[b] || a - b)
    this.moved += falls
    if (newestFirst) this.turned += falls
    return order
  }
}

function joined<T extends Float32Array | Float64Array>(pieces: readonly T[]): T {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const whole = new (pieces[0].constructor as new (length: number) => T)(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
