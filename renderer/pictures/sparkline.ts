import type { Point } from '../charts/decimate.ts'
import type { ColourName } from '../charts/colours.ts'
import type { Picture } from './pen.ts'

export interface Sparkline {
  points: readonly Point[]
  /** Steps of the whole run: a run that was stopped early does not fill the width. */
  steps: number
  baseline: number | null
  state: 'running' | 'failed' | 'other'
}

/** A validation curve with its dotted baseline and a dot at its end. */
export const sparklinePicture =
  ({ points, steps, baseline, state }: Sparkline): Picture =>
  (pen, { width, height }, colours) => {
    const finite = points.filter(([, y]) => Number.isFinite(y))
    if (finite.length === 0) return
    const values = finite.map(([, y]) => y)
    const low = Math.min(...values)
    // the first points of a run are far above the rest and would flatten it
    const high = Math.max(baseline ?? -Infinity, Math.min(Math.max(...values), low + 3 * Math.max(1e-9, (baseline ?? values[0]) - low)))
    const y = (value: number): number => 3 + (1 - (Math.min(value, high) - low) / (high - low || 1)) * (height - 7)
    const x = (step: number): number => 1 + (step / Math.max(1, steps)) * (width - 5)
    if (baseline !== null) {
      pen.strokeStyle = colours.baseline
      pen.lineWidth = 1
      pen.setLineDash([1, 2])
      pen.beginPath()
      pen.moveTo(0, y(baseline))
      pen.lineTo(width, y(baseline))
      pen.stroke()
      pen.setLineDash([])
    }
    const ink: ColourName = state === 'running' ? 'running' : state === 'failed' ? 'fail' : 'text'
    pen.strokeStyle = state === 'running' ? colours.running : colours['text-2']
    pen.lineWidth = 1.25
    pen.beginPath()
    finite.forEach(([step, value], i) => (i ? pen.lineTo(x(step), y(value)) : pen.moveTo(x(step), y(value))))
    pen.stroke()
    const [lastStep, lastValue] = finite[finite.length - 1]
    pen.fillStyle = colours[ink]
    pen.fillRect(x(lastStep) - 1.5, y(lastValue) - 1.5, 3.5, 3.5)
  }
