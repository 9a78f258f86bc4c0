import { openSeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import { throwIfCancelled } from '../../datasets/errors.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import type { GenerateRequest } from '../../main/contract/generation.ts'
import type { GenerateRun } from '../api.ts'
import type { TrainedRun } from '../runs/loadRun.ts'
import { emptyBatch, Engine } from '../training/engine.ts'
import { collate, restore, type Forecast } from '../training/patches.ts'

/**
 * Continues the test split: the last window whose future is known, forecast at once for the horizon the model was trained on, then rolled
 * on over its own forecasts for more. Told in the series' own units, with the truth where it is known.
 */
export async function forecast(
  store: ReadableStore,
  backend: Backend,
  { experiment, params, facts }: TrainedRun,
  { length }: GenerateRequest,
  watch: Parameters<GenerateRun>[2],
): Promise<{ tokens: number }> {
  const objective = experiment.config.objective as Forecast
  const { lookback, horizon } = objective
  const windows = openSeriesWindows(store, facts.id, 'test', { ...objective, fold: facts.fold })
  const { inputs, targets, mask } = windows.at(windows.count - 1)
  const channels = windows.channels.length
  const size = experiment.config.data.batch
  const engine = await Engine.create(backend, experiment, 'evaluate')
  try {
    engine.load({ params })
    const batch = emptyBatch(experiment)
    const host = {
      inputs: new Float32Array(size * lookback * channels),
      targets: new Float32Array(size * horizon * channels),
      mask: new Float32Array(size * horizon * channels),
    }
    let past = Array.from(inputs)
    const rows: number[] = []
    const began = performance.now()
    while (rows.length < length * channels) {
      throwIfCancelled(watch.signal, 'The forecast')
      host.inputs.set(past)
      collate(host, size, channels, objective, batch)
      engine.write(batch)
      await engine.score()
      const next = restore(await engine.scores(), host.inputs, size, channels, objective).subarray(0, horizon * channels)
      rows.push(...next)
      past = [...past, ...next].slice(-lookback * channels)
    }
    const column = (values: ArrayLike<number>, c: number, count: number): number[] =>
      Array.from({ length: count }, (_, t) => values[t * channels + c] * windows.scaler.std[c] + windows.scaler.mean[c])
    const each = windows.channels.map((_, c) => c)
    const known = Math.min(length, horizon)
    watch.chunk({
      start: 0,
      series: {
        channels: [...windows.channels],
        history: each.map((c) => column(inputs, c, lookback)),
        forecast: each.map((c) => column(rows, c, length)),
        truth: each.map((c) => column(targets, c, known).map((value, t) => (mask[t * channels + c] ? value : null))),
      },
      done: true,
      tokensPerSecond: (1000 * length) / Math.max(performance.now() - began, 1e-3),
    })
    return { tokens: length }
  } finally {
    engine.destroy()
  }
}
