/** Class of the training vector nearest by Euclid's distance, the first of equals. `vectors` lie one after the other, `size` numbers each. */
export class Nearest {
  private readonly vectors: Float32Array
  private readonly labels: readonly number[]
  private readonly size: number

  constructor(vectors: Float32Array, size: number, labels: readonly number[]) {
    this.vectors = vectors
    this.size = size
    this.labels = labels
  }

  predict(vector: Float32Array): number {
    const { vectors, size, labels } = this
    let best = Infinity
    let label = labels[0]
    for (let r = 0; r < labels.length; r++) {
      let sum = 0
      // a sum that is already larger than the best cannot win
      for (let i = 0, at = r * size; i < size && sum < best; i++, at++) sum += (vector[i] - vectors[at]) ** 2
      if (sum < best) {
        best = sum
        label = labels[r]
      }
    }
    return label
  }
}

/** Rows (n, channels) → `rows` rows by linear interpolation, so that records of different lengths can be compared. */
export function resampled(values: Float32Array, channels: number, rows: number): Float32Array {
  const n = values.length / channels
  if (n === rows) return values
  const out = new Float32Array(rows * channels)
  for (let r = 0; r < rows; r++) {
    const place = rows === 1 ? 0 : (r * (n - 1)) / (rows - 1)
    const low = Math.floor(place)
    const high = Math.min(n - 1, low + 1)
    for (let c = 0; c < channels; c++)
      out[r * channels + c] = values[low * channels + c] * (1 - (place - low)) + values[high * channels + c] * (place - low)
  }
  return out
}
