import type { RunSummary } from '../../main/contract/run.ts'
import type { Readout } from '../components/ReadoutStrip.vue'
import { compact, score, thousands } from './numbers.ts'
import { duration, roughly } from './time.ts'

/** The numbers above a run's curve; those that matter most come first and stay longest when it gets narrow. */
export function runReadouts(run: RunSummary): Readout[] {
  const unit = shortUnit(run.metric.unit)
  const shown = (loss: number | null): string => score(loss === null ? null : loss * run.metric.scale)
  const speed = run.tokensPerSecond === null ? null : compact(run.tokensPerSecond)
  const time = run.secondsLeft !== null ? splitTime(roughly(run.secondsLeft)) : splitTime(duration(run.seconds))
  return [
    { label: 'Validation loss', value: shown(run.validationLoss), unit },
    { label: 'Train loss', value: shown(run.trainLoss), unit },
    { label: 'Step', value: thousands(run.step), unit: `of ${thousands(run.steps)}` },
    { label: 'Speed', value: speed?.[0] ?? '–', unit: speed ? `${speed[1]} tok/s` : undefined },
    { label: 'Step time', value: run.stepMs === null ? '–' : run.stepMs < 10 ? run.stepMs.toFixed(1) : thousands(run.stepMs), unit: 'ms' },
    { label: run.secondsLeft !== null ? 'Left' : 'Trained for', ...time },
  ]
}

/** "nats per character" → "nats/char", where there is little room. */
export const shortUnit = (unit: string): string => unit.replace(' per ', '/').replace('character', 'char')

/** "4 min" → value and unit; "under 1 min" and "1 h 04 min" stay whole. */
function splitTime(text: string): { value: string; unit?: string } {
  const match = /^(\d+) (s|min|h)$/.exec(text)
  return match ? { value: match[1], unit: match[2] } : { value: text }
}

/** "step 1,200, 1.52 nats per character" */
export const reachedWords = ({ checkpointStep, step, bestValidationLoss, metric }: RunSummary): string =>
  `step ${thousands(checkpointStep ?? step)}${bestValidationLoss === null ? '' : `, ${score(bestValidationLoss * metric.scale, 2)} ${metric.unit}`}`
