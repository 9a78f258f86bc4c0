import { DAY_MS, describeStep } from './series.ts'

/** Different steps told apart; beyond it (times with jitter of a microsecond) near ones count as one, twice as coarse each time it fills up. */
const MOST_STEPS = 16_384
const SAME = 0.01
/** Shortest and longest month, quarter and year, in days: calendars are even though their steps are not. */
const CALENDAR = [
  [28, 31],
  [90, 92],
  [365, 366],
] as const

/** How even the steps in time of some series are, in bounded memory. */
export class StepCounts {
  private readonly counts = new Map<number, number>()
  private grain = 0
  private last = NaN
  private run = 0
  private total = 0

  /** The times of rows that follow one another, forwards or back, in milliseconds; `before`: that of the row before them, NaN where a record begins. */
  push(times: Float64Array, before: number): void {
    let from = before
    for (const time of times) {
      const step = Math.abs(time - from)
      from = time
      if (step !== step) continue
      // nearly all steps are that of the row before
      if (step === this.last) this.run++
      else {
        this.settle()
        this.last = step
        this.run = 1
      }
    }
  }

  /** null for fewer than two steps. `differ`: so many are more than 1 % off the median step; months, quarters and years count as even. */
  summary(): { medianMs: number; differ: number; steps: number } | null {
    this.settle()
    if (this.total < 2) return null
    const sorted = [...this.counts].sort((a, b) => a[0] - b[0])
    let seen = 0
    const medianMs = sorted.find(([, n]) => (seen += n) > (this.total - 1) / 2)![0]
    const span = CALENDAR.find(([low, high]) => medianMs >= low * DAY_MS && medianMs <= high * DAY_MS)
    const even = (step: number): boolean =>
      span ? step >= span[0] * DAY_MS && step <= span[1] * DAY_MS : Math.abs(step - medianMs) <= SAME * medianMs
    const differ = sorted.reduce((n, [step, times]) => n + (even(step) ? 0 : times), 0)
    return { medianMs, differ, steps: this.total }
  }

  private settle(): void {
    if (this.run === 0) return
    this.total += this.run
    this.count(this.last, this.run)
    this.run = 0
    while (this.counts.size > MOST_STEPS) this.coarsen()
  }

  private count(step: number, times: number): void {
    const key = this.grain === 0 ? step : Math.round(step / this.grain) * this.grain
    this.counts.set(key, (this.counts.get(key) ?? 0) + times)
  }

  private coarsen(): void {
    const all = [...this.counts]
    const [low, high] = all.reduce(([a, b], [step]) => [Math.min(a, step), Math.max(b, step)], [Infinity, -Infinity])
    this.grain = this.grain === 0 ? (high - low) / MOST_STEPS : 2 * this.grain
    this.counts.clear()
    for (const [step, times] of all) this.count(step, times)
  }
}

/** "12 of 99 steps in time differ from the median step of 1 h" */
export const describeUneven = ({ medianMs, differ, steps }: { medianMs: number; differ: number; steps: number }): string =>
  `${differ.toLocaleString('en-US')} of ${steps.toLocaleString('en-US')} steps in time ${differ === 1 ? 'differs' : 'differ'} from the median step of ${describeStep(medianMs)}`
