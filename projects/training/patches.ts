import type { RunConfig } from '../../main/contract/run.ts'
import type { Batch } from './batch.ts'

export type Forecast = Extract<RunConfig['objective'], { kind: 'forecast' }>

export interface Windows {
  /** (batch, lookback, channels) */
  readonly inputs: Float32Array
  /** (batch, horizon, channels), and 1 where known. */
  readonly targets: Float32Array
  readonly mask: Float32Array
}

/**
 * Windows of a series → what the model reads. Each channel of a window is taken relative to its last past value (as NLinear does:
 * Zeng et al. 2023, arXiv:2205.13504, §3.2), so the model predicts change; `restore` adds it back. `patch` rows make one position:
 * independent channels give sequences of their own, (batch · channels, lookback / patch, patch); joint ones share a position, channels innermost.
 */
export function collate({ inputs, targets, mask }: Windows, batch: number, channels: number, objective: Forecast, out: Batch): void {
  const { lookback, horizon, channelIndependent } = objective
  const [x, y, weights] = [out.input, out.targets.targets, out.targets.weights]
  for (let b = 0; b < batch; b++)
    for (let c = 0; c < channels; c++) {
      const last = inputs[(b * lookback + lookback - 1) * channels + c]
      for (let t = 0; t < lookback; t++) {
        const to = channelIndependent ? (b * channels + c) * lookback + t : (b * lookback + t) * channels + c
        x[to] = inputs[(b * lookback + t) * channels + c] - last
      }
      for (let t = 0; t < horizon; t++) {
        const from = (b * horizon + t) * channels + c
        const to = channelIndependent ? (b * channels + c) * horizon + t : from
        y[to] = targets[from] - last
        weights[to] = mask[from]
      }
    }
}

/** The model's output for `batch` windows → forecasts (batch, horizon, channels) on the windows' own scale. */
export function restore(
  output: ArrayLike<number>,
  inputs: Float32Array,
  batch: number,
  channels: number,
  objective: Forecast,
): Float32Array {
  const { lookback, horizon, channelIndependent } = objective
  const forecast = new Float32Array(batch * horizon * channels)
  for (let b = 0; b < batch; b++)
    for (let c = 0; c < channels; c++) {
      const last = inputs[(b * lookback + lookback - 1) * channels + c]
      for (let t = 0; t < horizon; t++) {
        const to = (b * horizon + t) * channels + c
        forecast[to] = last + output[channelIndependent ? (b * channels + c) * horizon + t : to]
      }
    }
  return forecast
}
