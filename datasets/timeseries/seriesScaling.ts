import type { CodecJson } from '../codec.ts'

/** z-score per channel: scaled = (value − mean) / std. Fitted on the training split only, so nothing of the future leaks into it. */
export interface SeriesScaler {
  channels: string[]
  mean: Float64Array
  std: Float64Array
}

/**
 * Feeds rows in any number of pieces, twice: first for the mean, then for the deviation (one pass over squares cancels badly
 * when a channel sits far from zero). Missing values are left out. Population deviation, as in scikit-learn's StandardScaler.
 */
export class ScalerFit {
  private readonly channels: number
  private readonly sum: Float64Array
  private readonly squares: Float64Array
  private readonly count: Float64Array
  mean: Float64Array | null = null

  constructor(channels: number) {
    this.channels = channels
    this.sum = new Float64Array(channels)
    this.squares = new Float64Array(channels)
    this.count = new Float64Array(channels)
  }

  addToMean(rows: Float32Array): void {
    for (let i = 0, c = 0; i < rows.length; i++) {
      const value = rows[i]
      if (value === value) {
        this.sum[c] += value
        this.count[c]++
      }
      if (++c === this.channels) c = 0
    }
  }

  endMean(): void {
    this.mean = this.sum.map((sum, c) => (this.count[c] > 0 ? sum / this.count[c] : 0))
  }

  addToDeviation(rows: Float32Array): void {
    const mean = this.mean!
    for (let i = 0, c = 0; i < rows.length; i++) {
      const off = rows[i] - mean[c]
      if (off === off) this.squares[c] += off * off
      if (++c === this.channels) c = 0
    }
  }

  /** A channel that never changes (or is all missing) gets deviation 1, so that it scales to zero and not to infinity. */
  deviation(): Float64Array {
    return this.squares.map((squares, c) => {
      const std = this.count[c] > 0 ? Math.sqrt(squares / this.count[c]) : 0
      return std > 1e-12 * Math.max(1, Math.abs(this.mean![c])) ? std : 1
    })
  }
}

export function scalerToJSON({ channels, mean, std }: SeriesScaler): Extract<CodecJson, { kind: 'series' }> {
  return { kind: 'series', channels, mean: [...mean], std: [...std] }
}

export function scalerFromJSON(json: Extract<CodecJson, { kind: 'series' }>): SeriesScaler {
  return { channels: json.channels, mean: Float64Array.from(json.mean), std: Float64Array.from(json.std) }
}
