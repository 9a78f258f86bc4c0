import { z } from 'zod'
import { counts, type SeriesTask } from './task.ts'

const schema = z.strictObject({
  tau: z.number().min(1).max(1000).default(17).describe('Delay τ; chaotic from about 17 on'),
  beta: z.number().min(0).max(10).default(0.2).describe('Strength of the feedback β'),
  gamma: z.number().min(0).max(10).default(0.1).describe('Decay γ'),
  n: z.number().min(1).max(50).default(10).describe('Exponent of the feedback n'),
  noise: z.number().min(0).max(10).default(0).describe('Standard deviation of noise added to each row'),
  ...counts(8000, 1000, 1000, 'Rows'),
})

/** Integration step; rows are one unit of time apart. */
const STEPS_PER_ROW = 10
/** Rows left out at the start, until the start value is forgotten. */
const WARM_UP = 1000
const ROWS_A_PIECE = 4096

/** dx/dt = β x(t − τ) / (1 + x(t − τ)^n) − γ x(t), by Runge-Kutta of fourth order with steps of 0.1; the delayed value is interpolated. */
export const mackeyGlass: SeriesTask<z.infer<typeof schema>> = {
  kind: 'series',
  id: 'mackey-glass',
  title: 'Mackey-Glass',
  description: 'A chaotic series from one delay equation. Forecast 15 rows ahead to compare with published numbers.',
  citation: 'Mackey & Glass 1977, Science 197:287; β 0.2, γ 0.1, n 10, τ 17 as in Voelker et al. 2019 (LMU)',
  domain: 'timeseries',
  schema,
  channels: () => ['x'],
  *rows({ tau, beta, gamma, n, noise }, count, random) {
    const h = 1 / STEPS_PER_ROW
    // the last τ of history, one value a step, as a ring
    const delay = Math.max(2, Math.round(tau * STEPS_PER_ROW))
    const past = new Float64Array(delay).fill(1.1 + 0.2 * (random.uniform() - 0.5))
    let x = past[0]
    let at = 0
    const slope = (value: number, delayed: number): number => (beta * delayed) / (1 + delayed ** n) - gamma * value
    const row = (): number => {
      for (let i = 0; i < STEPS_PER_ROW; i++) {
        const early = past[at]
        const late = past[(at + 1) % delay]
        const middle = (early + late) / 2
        const k1 = slope(x, early)
        const k2 = slope(x + (h / 2) * k1, middle)
        const k3 = slope(x + (h / 2) * k2, middle)
        const k4 = slope(x + h * k3, late)
        past[at] = x
        at = (at + 1) % delay
        x += (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4)
      }
      return x
    }
    for (let i = 0; i < WARM_UP; i++) row()
    for (let done = 0; done < count;) {
      const piece = new Float32Array(Math.min(ROWS_A_PIECE, count - done))
      for (let i = 0; i < piece.length; i++) piece[i] = row() + (noise > 0 ? noise * random.normal() : 0)
      done += piece.length
      yield piece
    }
  },
}
