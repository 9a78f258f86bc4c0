import type { RunSummary } from '../../../main/contract/run.ts'
import { isLive } from '../../format/runStates.ts'
import { duration, timeLeft } from '../../format/time.ts'

/** In the metric's unit. */
export const best = (run: RunSummary): number | null => (run.bestValidationLoss === null ? null : run.bestValidationLoss * run.metric.scale)
/** Above or below the baseline, as a share of it. */
export const against = (run: RunSummary): number | null => {
  const value = best(run)
  return value === null || !run.baseline || run.baseline.value === 0 ? null : value / run.baseline.value - 1
}
/** How long it took, or will take. */
export const when = (run: RunSummary): string => {
  if (run.state === 'running') return run.secondsLeft === null ? 'running' : timeLeft(run.secondsLeft)
  return isLive(run.state) ? 'waiting' : duration(run.seconds)
}
