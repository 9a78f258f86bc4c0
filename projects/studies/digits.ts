import { openLabelledRecords } from '../../datasets/batching/labelledRecords.ts'
import { column, mean, percent } from './contest.ts'
import { type Arm, armLabels, secondsOf } from './arms.ts'
import { Corpus } from './corpus.ts'
import type { Row, Study } from './study.ts'

const SPEAKERS = ['george', 'jackson', 'lucas', 'nicolas', 'theo', 'yweweler'] as const
/** Recordings of each digit by each speaker; the set has 50. */
const TAKES = 25
const ARMS: readonly Arm[] = [
  { label: 'S4D', preset: 's4d-classify', set: {} },
  { label: 'SaShiMi', preset: 'sashimi-classify', set: {} },
  {
    label: 'LSTM',
    preset: 's4d-classify',
    set: { 'model.layers': '2×lstm', 'model.d_model': 96, 'model.mixers.lstm.mlp': 'none', 'optimizer.lr': 2e-3 },
  },
]
const STEPS = 1500
/** Half a second. */
const WINDOW = { 'objective.patch': 8, 'data.seqlen': 512 }
/** A model that is better for fewer speakers may be so by chance. */
const MOST_SPEAKERS = 5
const RIGHT = 'right %'
const take = (path: string): number => Number(/_(\d+)\.wav$/.exec(path)![1])

export const digits: Study = {
  name: 'digits',
  title: 'Spoken digits from raw samples',
  claim:
    'State space models classify speech from raw samples, where an LSTM of the same size does not get far (Gu et al. 2022, arXiv:2111.00396, table 5; Goel et al. 2022, arXiv:2202.09729).',
  setting: `The first ${TAKES} recordings of each digit by each of six speakers (FSDD, 8 kHz), one speaker left out for the test and another for early stopping, raw samples, 8 to a position, at most ${STEPS} steps of 32 records with crops and noise; an LSTM with about as many parameters, the same augmentation and a learning rate of its own. One seed: the six speakers are the repetitions. The size and dropout of S4D were chosen on one of them (nicolas).`,
  models: armLabels(ARMS),
  cases: { column: 'speaker', all: SPEAKERS },
  seeds: [1],
  recipes: ['fsdd-speakers'],
  async run(context) {
    const corpus = await Corpus.recipe('fsdd-speakers', context.from!, context, (path) => take(path) < TAKES)
    const rows: Row[] = []
    try {
      for (const speaker of context.cases) {
        const fold = SPEAKERS.indexOf(speaker as (typeof SPEAKERS)[number])
        const tested = openLabelledRecords(corpus.store, corpus.datasetId, 'test', { fold, as: 'values' }).records
        if (!tested.every(({ record }) => record.includes(speaker))) throw new Error(`Fold ${fold} does not test ${speaker}.`)
        for (const { label, preset, set } of ARMS.filter((arm) => context.models.includes(arm.label)))
          for (const seed of context.seeds) {
            const settings = { ...WINDOW, ...set, seed, 'data.fold': fold, 'training.steps': Math.min(STEPS, context.timing ?? STEPS) }
            const { run, trained, judged } = await corpus.train(preset, settings, 'test')
            const row: Row = {
              model: label,
              speaker,
              seed,
              [RIGHT]: percent(judged.score.value),
              ...Object.fromEntries(judged.baselines.slice(1).map(({ name, value }) => [`${name} %`, percent(value)])),
              steps: run.step,
              'best step': trained.step,
              parameters: run.parameters,
              seconds: secondsOf(run, context),
            }
            rows.push(row)
            context.keep([row])
          }
      }
    } finally {
      corpus.close()
    }
    return rows
  },
  conclude(rows) {
    const right = (label: string, speaker: string): number =>
      column(
        rows.filter((row) => row.speaker === speaker),
        label,
        RIGHT,
      )[0]
    const [s4d, sashimi, lstm] = armLabels(ARMS)
    const above = (label: string): number => SPEAKERS.filter((speaker) => right(label, speaker) > right(lstm, speaker)).length
    const words = ARMS.map(({ label }) => `${label} ${mean(column(rows, label, RIGHT)).toFixed(1)} %`).join(', ')
    return {
      passed: Math.min(above(s4d), above(sashimi)) >= MOST_SPEAKERS,
      sentence: `Mean over speakers never heard: ${words}. Above the LSTM for ${above(s4d)} (S4D) and ${above(sashimi)} (SaShiMi) of ${SPEAKERS.length} speakers; ${MOST_SPEAKERS} are asked for, for speakers differ more than models.`,
    }
  },
}
