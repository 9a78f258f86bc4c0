import { repeatLastBaseline } from '../../datasets/batching/baselines.ts'
import { openSeriesWindows, type SeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import type { Evaluation } from '../../main/contract/run.ts'
import { emptyBatch } from '../training/engine.ts'
import { collate, restore, type Forecast } from '../training/patches.ts'
import { meanWithInterval, type WindowScore } from './bootstrap.ts'
import type { Judged, Judging } from './evaluateRun.ts'
import { ordinal, verdict } from './words.ts'

const WORST = 10
const PICTURES = 3
/** Of a larger split every second, third, … window is scored, and the sentence says so. The usual benchmarks stay below. */
const MOST_FORECASTS = 200_000

interface Scored extends WindowScore {
  record: string
  position: number
}

/** Squared error of every window of the split at every step of the horizon, on values scaled by the training split: the protocol of Zhou et al. 2021. */
export async function scoreSeries({ store, facts, experiment, engine, split, progress }: Judging): Promise<Judged> {
  const { config } = experiment
  const objective = config.objective as Forecast
  const series = openSeriesWindows(store, facts.id, split, { ...objective, fold: facts.fold })
  const size = config.data.batch
  const channels = series.channels.length
  const { horizon, lookback } = objective
  const every = Math.ceil((series.count * channels) / MOST_FORECASTS)
  const batch = emptyBatch(experiment)
  const host = {
    inputs: new Float32Array(size * lookback * channels),
    targets: new Float32Array(size * horizon * channels),
    mask: new Float32Array(size * horizon * channels),
  }
  const windows: Scored[] = []
  const steps = Array.from({ length: horizon }, () => ({ sum: 0, count: 0 }))
  let absolute = 0
  let waiting: { record: string; position: number }[] = []

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    collate(host, size, channels, objective, batch)
    engine.write(batch)
    await engine.score()
    const forecast = restore(await engine.scores(), host.inputs, size, channels, objective)
    waiting.forEach(({ record, position }, b) => {
      const window: Scored = { record, position, sum: 0, count: 0 }
      for (let i = 0; i < horizon * channels; i++) {
        const at = b * horizon * channels + i
        if (host.mask[at] === 0) continue
        const error = forecast[at] - host.targets[at]
        const step = steps[Math.floor(i / channels)]
        window.sum += error * error
        window.count++
        step.sum += error * error
        step.count++
        absolute += Math.abs(error)
      }
      windows.push(window)
    })
    waiting = []
    await progress((windows.length * every) / series.count)
  }
  for (const { record, position, inputs, targets, mask } of series.sequential(every)) {
    host.inputs.set(inputs, waiting.length * inputs.length)
    host.targets.set(targets, waiting.length * targets.length)
    host.mask.set(mask, waiting.length * mask.length)
    waiting.push({ record, position })
    if (waiting.length === size) await flush()
  }
  await flush()

  const known = windows.reduce((sum, window) => sum + window.count, 0)
  const repeat = repeatLastBaseline(series, every)
  const score = meanWithInterval(windows, 1)
  const baselines = [{ name: 'repeat the last value', value: repeat.mse }]
  const how = `${windows.length.toLocaleString('en')} windows${every > 1 ? ` (every ${ordinal(every)})` : ''}, ${lookback} rows to the next ${horizon}, values scaled by the training split`
  return {
    sentence: verdict(score, 'MSE', baselines[0], how),
    unit: 'MSE',
    score,
    also: [
      { name: 'MAE', value: absolute / known },
      { name: 'MAE of repeating the last value', value: repeat.mae },
    ],
    baselines,
    count: windows.length,
    byPosition: steps.flatMap(({ sum, count }, t) => (count > 0 ? [{ position: t + 1, value: sum / count }] : [])),
    forecasts: await pictures(series, objective, { experiment, engine }),
    worst: worstOf(windows, horizon),
  }
}

/** The worst windows that do not overlap one another. */
function worstOf(windows: readonly Scored[], horizon: number): Evaluation['worst'] {
  const worst: Scored[] = []
  for (const window of windows.filter(({ count }) => count > 0).sort((a, b) => b.sum / b.count - a.sum / a.count)) {
    if (worst.some((w) => w.record === window.record && Math.abs(w.position - window.position) < horizon)) continue
    if (worst.push(window) === WORST) break
  }
  const rows = (n: number): string => n.toLocaleString('en')
  return worst.map(({ record, position, sum, count }) => ({
    record,
    position,
    value: sum / count,
    excerpt: `rows ${rows(position + 1)} to ${rows(position + horizon)}`,
  }))
}

/** Forecasts of every channel (at most eight) at a few places of the split, in the series' own units. */
async function pictures(
  series: SeriesWindows,
  objective: Forecast,
  { experiment, engine }: Pick<Judging, 'experiment' | 'engine'>,
): Promise<Evaluation['forecasts']> {
  const { horizon, lookback } = objective
  const channels = series.channels.length
  const size = experiment.config.data.batch
  const batch = emptyBatch(experiment)
  const shown = Math.min(PICTURES, series.count)
  const result: NonNullable<Evaluation['forecasts']> = []
  for (let n = 0; n < shown; n++) {
    const window = series.at(Math.floor(((n + 0.5) * series.count) / shown))
    const host = {
      inputs: padded(window.inputs, size),
      targets: padded(window.targets, size),
      mask: padded(window.mask, size),
    }
    collate(host, size, channels, objective, batch)
    engine.write(batch)
    await engine.score()
    const forecast = restore(await engine.scores(), host.inputs, size, channels, objective)
    for (let c = 0; c < Math.min(8, channels); c++) {
      const unscaled = (value: number): number => value * series.scaler.std[c] + series.scaler.mean[c]
      const column = (values: Float32Array, rows: number): number[] =>
        Array.from({ length: rows }, (_, t) => unscaled(values[t * channels + c]))
      result.push({
        channel: series.channels[c],
        history: column(window.inputs, lookback),
        truth: column(window.targets, horizon).map((value, t) => (window.mask[t * channels + c] ? value : null)),
        forecast: column(forecast, horizon),
        repeatLast: Array.from({ length: horizon }, () => unscaled(window.inputs[(lookback - 1) * channels + c])),
      })
    }
  }
  return result
}

/** One window as the first of a batch; the rest is zero. */
function padded(values: Float32Array, size: number): Float32Array {
  const all = new Float32Array(values.length * size)
  all.set(values)
  return all
}
