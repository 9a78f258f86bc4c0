import { repeatLastBaseline } from '../../datasets/batching/baselines.ts'
import { openSeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import { type Arm, armLabels, meanOf, trainArms } from './arms.ts'
import { rounded } from './contest.ts'
import { Corpus } from './corpus.ts'
import { linearForecast } from './linearForecast.ts'
import type { Context, Row, Study } from './study.ts'

const LOOKBACK = 96
const HORIZONS = [96, 192, 336, 720]
const SETS = [
  { title: 'ETTh1', recipe: 'etth1' },
  { title: 'exchange_rate', recipe: 'exchange-rate' },
] as const
const ARMS: readonly Arm[] = [
  { label: 'Mamba', preset: 'mamba-small', set: {} },
  { label: 'attention', preset: 'transformer-small', set: {} },
  { label: 'S4D', preset: 's4d-small', set: {} },
]
const COMMON = { 'objective.lookback': LOOKBACK, 'objective.patch': 8, 'training.patience': 8 } as const
const STEPS = 1000
const [LINEAR, REPEAT] = ['linear', 'repeat the last value']

/** MSE on ETTh1 of the weakest model that the claim names, at each horizon. */
const WORST_PUBLISHED = [0.414, 0.46, 0.501, 0.519]

const caseOf = (title: string, horizon: number): string => `${title}, ${horizon}`
const CASES = SETS.flatMap(({ title, recipe }) => HORIZONS.map((horizon) => ({ name: caseOf(title, horizon), title, recipe, horizon })))

async function one(corpus: Corpus, name: string, horizon: number, context: Context): Promise<Row[]> {
  const of = { forecast: name }
  const rows = await trainArms(corpus, {
    arms: ARMS,
    context,
    steps: STEPS,
    same: 'steps',
    of,
    set: { ...COMMON, 'objective.horizon': horizon },
    also: ({ judged }) => ({ MAE: rounded(judged.also[0].value) }),
  })
  const [train, validation, test] = (['train', 'validation', 'test'] as const).map((split) =>
    openSeriesWindows(corpus.store, corpus.datasetId, split, { lookback: LOOKBACK, horizon }),
  )
  const plain = { [LINEAR]: linearForecast(train, validation, test), [REPEAT]: repeatLastBaseline(test) }
  const simple = Object.entries(plain).map(([model, { mse, mae }]) => ({ model, ...of, MSE: rounded(mse), MAE: rounded(mae) }))
  context.keep(simple)
  return [...rows, ...simple]
}

export const forecasting: Study = {
  name: 'forecasting',
  title: 'Long forecasts on the standard protocol',
  claim:
    'With 96 past rows, published models reach an MSE of 0.386 to 0.414, 0.437 to 0.460, 0.481 to 0.501 and 0.500 to 0.519 on ETTh1 at the four horizons; a linear model is among them (DLinear 0.386, 0.437, 0.481, 0.519); and on exchange_rate repeating the last value is better than nearly all of them (tables of Wang et al. 2024, arXiv:2403.11144, and Xu et al. 2024, arXiv:2307.03756).',
  setting: `ETTh1 (12, 4 and 4 months) and exchange_rate (70, 10 and 20 %), values scaled by the training rows, ${LOOKBACK} past rows, horizons ${HORIZONS.join(', ')}, every window of the test rows; two layers of width 64 over patches of 8 rows, each channel by itself, at most ${STEPS} steps with early stopping. The linear model is a ridge regression on the same inputs.`,
  models: armLabels(ARMS),
  cases: { column: 'forecast', all: CASES.map(({ name }) => name) },
  recipes: SETS.map(({ recipe }) => recipe),
  async run(context) {
    const rows: Row[] = []
    for (const { title, recipe } of SETS) {
      const chosen = CASES.filter((one) => one.title === title && context.cases.includes(one.name))
      if (chosen.length === 0) continue
      const corpus = await Corpus.recipe(recipe, context.from!, context)
      try {
        for (const { name, horizon } of chosen) rows.push(...(await one(corpus, name, horizon, context)))
      } finally {
        corpus.close()
      }
    }
    return rows
  },
  conclude(rows) {
    const of = (model: string, title: string): number[] =>
      HORIZONS.map((horizon) => meanOf(rows, model, 'MSE', { forecast: caseOf(title, horizon) }))
    const words = (title: string): string =>
      [...armLabels(ARMS), LINEAR, REPEAT]
        .map(
          (model) =>
            `${model} ${of(model, title)
              .map((mse) => mse.toFixed(3))
              .join(', ')}`,
        )
        .join('; ')
    const [etth1, exchange] = SETS.map(({ title }) => title)
    const below = (a: number[], b: number[]): boolean => a.every((value, i) => value < b[i])
    return {
      passed: below(of('Mamba', etth1), of(REPEAT, etth1)) && below(of('Mamba', etth1), WORST_PUBLISHED),
      sentence: `MSE, mean over seeds. ${etth1}: ${words(etth1)}. ${exchange}: ${words(exchange)}.`,
    }
  },
  table: (rows) =>
    CASES.flatMap(({ name }) =>
      [...armLabels(ARMS), LINEAR, REPEAT].map((model) => {
        const [mse, mae] = ['MSE', 'MAE'].map((unit) => Number(meanOf(rows, model, unit, { forecast: name }).toFixed(3)))
        return { forecast: name, model, MSE: mse, MAE: mae }
      }),
    ),
}
