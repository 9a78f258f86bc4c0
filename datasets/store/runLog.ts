import type { MetricPoint, RunDetail, RunSample } from '../../main/contract/run.ts'
import { all, run, transaction, type ReadableStore, type WritableStore } from './connection.ts'

interface MetricRow {
  step: number
  train_loss: number
  validation_loss: number | null
  lr: number
  grad_norm: number
  tokens_per_second: number
}

/** Every point of a run, in step order. */
export function listMetrics(store: ReadableStore, runId: number): MetricPoint[] {
  return all<MetricRow>(store, 'SELECT * FROM run_metric WHERE run_id = ? ORDER BY step', runId).map((row) => ({
    step: row.step,
    trainLoss: row.train_loss,
    ...(row.validation_loss === null ? {} : { validationLoss: row.validation_loss }),
    learningRate: row.lr,
    gradNorm: row.grad_norm,
    tokensPerSecond: row.tokens_per_second,
  }))
}

/**
 * One transaction for the points of one report; also moves the run's own step and losses on.
 * A step seen before is replaced (a run resumed from an older checkpoint passes it again). Losses must be finite: a diverged run ends before it reports.
 */
export function appendMetrics(store: WritableStore, runId: number, points: MetricPoint[]): void {
  if (points.length === 0) return
  transaction(store, () => {
    for (const point of points) {
      run(
        store,
        `INSERT INTO run_metric (run_id, step, train_loss, validation_loss, lr, grad_norm, tokens_per_second) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (run_id, step) DO UPDATE SET train_loss = excluded.train_loss,
           validation_loss = coalesce(excluded.validation_loss, validation_loss), lr = excluded.lr,
           grad_norm = excluded.grad_norm, tokens_per_second = excluded.tokens_per_second`,
        runId,
        point.step,
        point.trainLoss,
        point.validationLoss ?? null,
        point.learningRate,
        point.gradNorm,
        point.tokensPerSecond,
      )
    }
    const last = points[points.length - 1]
    const validated = points.filter((point) => point.validationLoss !== undefined)
    run(
      store,
      `UPDATE run SET step = ?, train_loss = ?, tokens_per_second = ?, validation_loss = coalesce(?, validation_loss),
         best_validation_loss = (SELECT min(validation_loss) FROM run_metric
           WHERE run_id = ? AND step > coalesce(json_extract(run.config, '$.pretraining.steps'), 0)) WHERE id = ?`,
      last.step,
      last.trainLoss,
      last.tokensPerSecond,
      validated.at(-1)?.validationLoss ?? null,
      runId,
      runId,
    )
  })
}

/** Forgets what happened after a step, before a run goes on from an older checkpoint. */
export function dropMetricsAfter(store: WritableStore, runId: number, step: number): void {
  transaction(store, () => {
    run(store, 'DELETE FROM run_metric WHERE run_id = ? AND step > ?', runId, step)
    run(store, 'DELETE FROM run_sample WHERE run_id = ? AND step > ?', runId, step)
  })
}

export function appendSample(store: WritableStore, runId: number, sample: RunSample): void {
  run(
    store,
    'INSERT OR REPLACE INTO run_sample (run_id, step, text, validation_loss) VALUES (?, ?, ?, ?)',
    runId,
    sample.step,
    sample.text,
    sample.validationLoss,
  )
}

export function listSamples(store: ReadableStore, runId: number): RunSample[] {
  return all(store, 'SELECT step, text, validation_loss AS validationLoss FROM run_sample WHERE run_id = ? ORDER BY step', runId)
}

export function appendEvent(store: WritableStore, runId: number, event: RunDetail['events'][number]): void {
  run(store, 'INSERT INTO run_event (run_id, step, text) VALUES (?, ?, ?)', runId, event.step, event.text)
}

export function listEvents(store: ReadableStore, runId: number): RunDetail['events'] {
  return all(store, 'SELECT step, text FROM run_event WHERE run_id = ? ORDER BY id', runId)
}
