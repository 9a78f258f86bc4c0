/** Rows held back while a gap waits for its far end; a longer one stays missing. */
const HELD_NUMBERS = 4_000_000

/**
 * Straight lines over missing values, per channel and by row number (as pandas' `interpolate()`), in one pass: rows are held only while some
 * channel waits for its next known value. Values missing before the first or after the last known one stay missing.
 */
export class LinearFill {
  private readonly width: number
  private readonly out: (values: Float32Array, times: Float64Array | null) => void
  private held: Float32Array
  private heldTimes: Float64Array | null = null
  private rows = 0
  /** Of each channel: the last known value, and the held row its open gap begins at (−1: none). */
  private readonly known: Float32Array
  private readonly gapFrom: Int32Array
  private open = 0

  constructor(width: number, out: (values: Float32Array, times: Float64Array | null) => void) {
    this.width = width
    this.out = out
    this.held = new Float32Array(64 * width)
    this.known = new Float32Array(width).fill(NaN)
    this.gapFrom = new Int32Array(width).fill(-1)
  }

  push(values: Float32Array, times: Float64Array | null): void {
    const { width } = this
    const rows = values.length / width
    for (let row = 0; row < rows; row++) {
      this.hold(values.subarray(row * width, (row + 1) * width), times ? times[row] : NaN, times !== null)
      this.see(this.rows - 1)
      if (this.open === 0 && this.rows * width >= 65_536) this.release()
      else if (this.rows * width >= HELD_NUMBERS) this.giveUp()
    }
  }

  /** At the end of a record, or a hole in time: what waits stays missing. */
  flush(): void {
    this.giveUp()
    this.known.fill(NaN)
  }

  clear(): void {
    this.rows = 0
    this.giveUp()
    this.known.fill(NaN)
  }

  private hold(row: Float32Array, time: number, timed: boolean): void {
    const { width } = this
    if ((this.rows + 1) * width > this.held.length) {
      const larger = new Float32Array(2 * this.held.length)
      larger.set(this.held)
      this.held = larger
    }
    this.held.set(row, this.rows * width)
    if (timed) {
      const capacity = this.held.length / width
      if (!this.heldTimes || this.heldTimes.length < capacity) {
        const larger = new Float64Array(capacity)
        if (this.heldTimes) larger.set(this.heldTimes.subarray(0, this.rows))
        this.heldTimes = larger
      }
      this.heldTimes[this.rows] = time
    }
    this.rows++
  }

  private see(row: number): void {
    const { width, held, known, gapFrom } = this
    for (let c = 0; c < width; c++) {
      const value = held[row * width + c]
      if (value !== value) {
        if (gapFrom[c] < 0 && known[c] === known[c]) {
          gapFrom[c] = row
          this.open++
        }
        continue
      }
      if (gapFrom[c] >= 0) {
        const from = gapFrom[c]
        const steps = row - from + 1
        for (let r = from; r < row; r++) held[r * width + c] = known[c] + ((value - known[c]) * (r - from + 1)) / steps
        gapFrom[c] = -1
        this.open--
      }
      known[c] = value
    }
  }

  private giveUp(): void {
    this.gapFrom.fill(-1)
    this.open = 0
    this.release()
  }

  private release(): void {
    if (this.rows > 0)
      this.out(this.held.subarray(0, this.rows * this.width), this.heldTimes ? this.heldTimes.subarray(0, this.rows) : null)
    this.rows = 0
  }
}
