import { openLabelledRecords } from '../../datasets/batching/labelledRecords.ts'
import { type Arm, armLabels, secondsOf } from './arms.ts'
import { mean, percent, rounded } from './contest.ts'
import { Corpus, type Settings } from './corpus.ts'
import { interval95 } from './interval.ts'
import type { Row, Study } from './study.ts'

const SPEAKERS = ['george', 'jackson', 'lucas', 'nicolas', 'theo', 'yweweler'] as const
const STEPS = 600
const RATE = 8000
/** One sample makes one position, at the rate the words were recorded at: half a second. */
const ALL: Settings = {
  'objective.patch': 1,
  'data.seqlen': 4096,
  'data.batch': 16,
  'training.validate_every': 50,
  'training.validate_batches': 32,
  'training.patience': 6,
  'optimizer.weight_decay': 0.05,
}
const ARMS: readonly Arm[] = [
  { label: 'S4D', preset: 's4d-classify', set: { 'model.d_model': 64, 'model.dropout': 0.1 } },
  {
    label: 'SaShiMi',
    preset: 'sashimi-classify',
    set: { 'model.d_model': 14, 'model.dropout': 0, 'optimizer.lr': 8e-3 },
  },
  {
    label: 'LSTM',
    preset: 's4d-classify',
    set: {
      'model.layers': '2×lstm',
      'model.d_model': 56,
      'model.dropout': 0.1,
      'model.mixers.lstm.mlp': 'none',
      'model.mixers.lstm.forget_bias': 1,
      'optimizer.lr': 6e-3,
    },
  },
]
/** A model that is better for fewer speakers may be so by chance. */
const MOST_SPEAKERS = 5
const RIGHT = 'right %'

export const digits: Study = {
  name: 'digits',
  title: 'Spoken digits from raw samples',
  claim:
    'A state space model classifies speech from raw samples better than an LSTM of the same size (Gu et al. 2022, arXiv:2111.00396, table 5). SaShiMi (Goel et al. 2022, arXiv:2202.09729), published for generating sound, is tried beside it.',
  setting: `Recordings of the ten digits by six speakers (FSDD, all 3,000, at their own 8 kHz), one speaker left out for the test and the next for early stopping; one sample to a position, records of up to 4,096; models of about 50,000 parameters, at most ${STEPS} steps of 16 records with crops and noise. An LSTM of two layers gets the same steps, clipping and augmentation. Sizes, learning rates, dropout and the LSTM's forget bias were chosen at 4 kHz, on the speakers for early stopping, whose recordings the models of that fold are not tested on.`,
  models: armLabels(ARMS),
  cases: { column: 'speaker', all: SPEAKERS },
  recipes: ['fsdd-speakers'],
  async run(context) {
    const corpus = await Corpus.recipe('fsdd-speakers', context.from!, context, { sampleRate: RATE })
    const rows: Row[] = []
    try {
      for (const speaker of context.cases) {
        const fold = SPEAKERS.indexOf(speaker as (typeof SPEAKERS)[number])
        const tested = openLabelledRecords(corpus.store, corpus.datasetId, 'test', { fold, as: 'values' }).records
        if (!tested.every(({ record }) => record.includes(speaker))) throw new Error(`Fold ${fold} does not test ${speaker}.`)
        for (const { label, preset, set } of ARMS.filter((arm) => context.models.includes(arm.label)))
          for (const seed of context.seeds) {
            const settings = { ...ALL, ...set, seed, 'data.fold': fold, 'training.steps': Math.min(STEPS, context.timing ?? STEPS) }
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
    const [, , lstm] = armLabels(ARMS)
    const right = (label: string, speaker: string): number =>
      mean(rows.filter((row) => row.speaker === speaker && row.model === label).map((row) => row[RIGHT] as number))
    const all = (label: string): number[] => SPEAKERS.map((speaker) => right(label, speaker))
    const [s4d, sashimi] = armLabels(ARMS).map((label) => {
      const gains = SPEAKERS.map((speaker) => right(label, speaker) - right(lstm, speaker))
      const [low, high] = interval95(gains)
      const above = gains.filter((gain) => gain > 0).length
      return {
        passed: above >= MOST_SPEAKERS && low > 0,
        sentence: `${label} is above the LSTM for ${above} of ${SPEAKERS.length} speakers, by ${rounded(mean(gains))} points in the mean (95 % of speakers' means ${rounded(low)} to ${rounded(high)})`,
      }
    })
    const words = ARMS.map(({ label }) => `${label} ${mean(all(label)).toFixed(1)} %`).join(', ')
    return {
      passed: s4d.passed,
      sentence: `Mean over speakers never heard: ${words}. ${s4d.sentence}; ${sashimi.sentence}. Asked for of S4D: above for at least ${MOST_SPEAKERS} speakers, and an interval above 0.`,
    }
  },
}
