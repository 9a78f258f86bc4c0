import type { SeriesWindows } from '../../datasets/batching/seriesWindows.ts'

/** Relative to the mean of the diagonal; the one that is best on the validation windows is taken. */
const PENALTIES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]

export interface ForecastError {
  readonly mse: number
  readonly mae: number
}

/**
 * Ridge regression from a channel's past to its future, the same for all channels, both relative to the last past value: the linear model
 * that Zeng et al. 2023 (arXiv:2205.13504, §3.2, NLinear) fit by gradient descent, here solved exactly. Scored on every test window.
 */
export function linearForecast(train: SeriesWindows, validation: SeriesWindows, test: SeriesWindows): ForecastError {
  const { gram, cross } = moments(train)
  const n = gram.length / train.lookback
  const diagonal = Array.from({ length: n }, (_, i) => gram[i * n + i]).reduce((a, b) => a + b, 0) / n
  let best: { weights: Float64Array; mse: number } | null = null
  for (const penalty of PENALTIES) {
    const weights = solve(gram, cross, n, train.horizon, penalty * diagonal)
    const { mse } = score(validation, weights)
    if (!best || mse < best.mse) best = { weights, mse }
  }
  return score(test, best!.weights)
}

/** XᵀX (lookback, lookback) and XᵀY (lookback, horizon) over all windows and channels. */
function moments(windows: SeriesWindows): { gram: Float64Array; cross: Float64Array } {
  const { lookback: L, horizon: H, channels } = windows
  const C = channels.length
  const gram = new Float64Array(L * L)
  const cross = new Float64Array(L * H)
  const [x, y] = [new Float64Array(L), new Float64Array(H)]
  for (const { inputs, targets } of windows.sequential(1))
    for (let c = 0; c < C; c++) {
      relative(inputs, targets, c, C, x, y)
      for (let i = 0; i < L; i++) {
        const value = x[i]
        if (value === 0) continue
        for (let j = i; j < L; j++) gram[i * L + j] += value * x[j]
        for (let j = 0; j < H; j++) cross[i * H + j] += value * y[j]
      }
    }
  for (let i = 0; i < L; i++) for (let j = 0; j < i; j++) gram[i * L + j] = gram[j * L + i]
  return { gram, cross }
}

function relative(inputs: Float32Array, targets: Float32Array, c: number, C: number, x: Float64Array, y: Float64Array): number {
  const last = inputs[inputs.length - C + c]
  for (let t = 0; t < x.length; t++) x[t] = inputs[t * C + c] - last
  for (let t = 0; t < y.length; t++) y[t] = targets[t * C + c] - last
  return last
}

/** (gram + penalty I)⁻¹ cross by Cholesky. */
function solve(gram: Float64Array, cross: Float64Array, n: number, columns: number, penalty: number): Float64Array {
  const lower = Float64Array.from(gram)
  for (let i = 0; i < n; i++) lower[i * n + i] += penalty
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * n + j]
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k]
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j]
    }
  const weights = Float64Array.from(cross)
  const row = (i: number): Float64Array => weights.subarray(i * columns, (i + 1) * columns)
  const subtract = (from: Float64Array, other: Float64Array, times: number): void => {
    for (let j = 0; j < columns; j++) from[j] -= times * other[j]
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(row(i), row(k), lower[i * n + k])
    row(i).forEach((value, j, all) => (all[j] = value / lower[i * n + i]))
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(row(i), row(k), lower[k * n + i])
    row(i).forEach((value, j, all) => (all[j] = value / lower[i * n + i]))
  }
  return weights
}

function score(windows: SeriesWindows, weights: Float64Array): ForecastError {
  const { lookback: L, horizon: H, channels } = windows
  const C = channels.length
  const [x, y, forecast] = [new Float64Array(L), new Float64Array(H), new Float64Array(H)]
  let [squares, absolute, count] = [0, 0, 0]
  for (const { inputs, targets, mask } of windows.sequential(1))
    for (let c = 0; c < C; c++) {
      relative(inputs, targets, c, C, x, y)
      forecast.fill(0)
      for (let i = 0; i < L; i++) for (let t = 0, value = x[i]; t < H; t++) forecast[t] += value * weights[i * H + t]
      for (let t = 0; t < H; t++) {
        if (mask[t * C + c] === 0) continue
        const error = forecast[t] - y[t]
        squares += error * error
        absolute += Math.abs(error)
        count++
      }
    }
  return { mse: squares / count, mae: absolute / count }
}
