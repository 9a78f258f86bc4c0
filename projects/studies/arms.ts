import type { Corpus, CorpusRun, Settings } from './corpus.ts'
import { mean, rounded } from './contest.ts'
import type { Context, Row } from './study.ts'

/** A model of a study on a dataset: a preset of its domain with changes. */
export interface Arm {
  readonly label: string
  readonly preset: string
  readonly set: Settings
}

export const armLabels = (arms: readonly Arm[]): string[] => arms.map(({ label }) => label)

export interface ArmTrials {
  readonly arms: readonly Arm[]
  readonly context: Context
  /** Steps of the first arm; the others get as many, or as many as make the same floating point operations. */
  readonly steps: number
  readonly same: 'work' | 'steps'
  /** What says which case a row belongs to. */
  readonly of?: Row
  /** Of every arm. */
  readonly set?: Settings
  /** Labels of the arms that are trained; all when left out. */
  readonly trained?: readonly string[]
  /** More that is measured of a trained model. */
  also?(done: CorpusRun): Promise<Row> | Row
}

/** Every arm that was asked for under every seed: one row each with the score on the held-out records, parameters, steps and seconds. */
export async function trainArms(corpus: Corpus, trials: ArmTrials): Promise<Row[]> {
  const { arms, context, steps, same, of = {}, set: common = {}, trained: some = armLabels(arms), also } = trials
  const rows: Row[] = []
  const budget = steps * corpus.work(arms[0].preset, { ...common, ...arms[0].set })
  for (const { label, preset, set } of arms.filter((arm) => some.includes(arm.label) && context.models.includes(arm.label)))
    for (const seed of context.seeds) {
      const all = { ...common, ...set }
      const planned = same === 'steps' ? steps : Math.max(20, Math.round(budget / corpus.work(preset, all)))
      const own = Math.min(planned, context.timing ?? planned)
      const settings = { 'training.sample_every': 0, ...all, seed, 'training.steps': own }
      const done = await corpus.train(preset, settings, corpus.heldOut)
      const { run, judged, trained } = done
      const row: Row = {
        model: label,
        ...of,
        seed,
        [judged.unit]: rounded(judged.score.value),
        ...(await also?.(done)),
        steps: run.step,
        'best step': trained.step,
        parameters: run.parameters,
        seconds: secondsOf(run, context),
      }
      rows.push(row)
      context.keep([row])
    }
  return rows
}

/** Of a whole run; of one that only times its steps, what those took. */
export const secondsOf = ({ seconds, step, stepMs }: CorpusRun['run'], { timing }: Context): number =>
  rounded(timing ? (step * stepMs!) / 1000 : seconds)

/** The mean over seeds of a column of one model; of the rows that `where` lets through. */
export function meanOf(rows: readonly Row[], model: string, unit: string, where: Row = {}): number {
  const values = rows.filter((row) => row.model === model && Object.entries(where).every(([key, value]) => row[key] === value))
  return mean(values.map((row) => row[unit] as number))
}
