import { openDevice } from './device.ts'
import type { Context, Row } from './study.ts'
import { type Contestant, trainTask, type Trained, type Trial } from './trainTask.ts'

export interface Contest extends Omit<Trial, 'contestant' | 'seed' | 'check'> {
  readonly contestants: readonly Contestant[]
  readonly context: Context
  /** What is measured every `every` steps; `done` ends this training. The last measurement is kept. */
  measure(trained: Trained, step: number): Promise<{ values: Row; done: boolean }>
  /** The rows that one training makes; one when left out. */
  rowsOf?(row: Row): Row[]
}

/** Every contestant that was asked for under every seed with the same budget; one row each: model, seed, steps taken, the last measurement, parameters, seconds. */
export async function contest({ contestants, context, measure, rowsOf = (row) => [row], ...trial }: Contest): Promise<Row[]> {
  const { seeds, models, say } = context
  const backend = await openDevice(context)
  const rows: Row[] = []
  try {
    for (const contestant of contestants.filter(({ label }) => models.includes(label)))
      for (const seed of seeds) {
        let last: Row = {}
        const end = await trainTask(backend, {
          ...trial,
          steps: Math.min(trial.steps, context.timing ?? trial.steps),
          contestant,
          seed,
          async check(trained, step) {
            if (context.timing) return false
            const { values, done } = await measure(trained, step)
            last = values
            say(`${contestant.label}, seed ${seed}, step ${step}: ${JSON.stringify(values)}`)
            return done
          },
        })
        const { steps, parameters, seconds } = end
        const own = rowsOf({ model: contestant.label, seed, steps, ...last, parameters, seconds: rounded(seconds) })
        rows.push(...own)
        context.keep(own)
      }
  } finally {
    backend.destroy()
  }
  return rows
}

export const labels = (contestants: readonly Contestant[]): string[] => contestants.map(({ label }) => label)

export const rounded = (value: number): number => Number(value.toPrecision(4))

export const percent = (share: number): number => Math.round(1000 * share) / 10

/** The values of a column in the rows of one model. */
export const column = (rows: readonly Row[], model: string, name: string): number[] =>
  rows.filter((row) => row.model === model).map((row) => row[name] as number)

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
