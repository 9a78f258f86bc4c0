import { type Arm, armLabels, meanOf, trainArms } from './arms.ts'
import { Corpus } from './corpus.ts'
import type { Study } from './study.ts'

const MIXERS = {
  'model.mixers.attention.mlp': 'none',
} as const
const ARMS: readonly Arm[] = [
  { label: 'Mamba', preset: 'mamba-small', set: {} },
  {
    label: 'xLSTM[7:1]',
    preset: 'xlstm-small',
    set: { 'model.layers': '7×mlstm, 1×slstm', 'model.d_model': 96 },
  },
  { label: 'transformer', preset: 'transformer-small', set: {} },
  { label: 'hybrid', preset: 'hybrid-small', set: MIXERS },
]
const STEPS = 1200
const UNIT = 'nats per character'

export const shakespeare: Study = {
  name: 'shakespeare',
  title: 'Characters of Shakespeare at one compute budget',
  claim:
    'At equal compute recurrent models hold their own against a transformer on language (Gu & Dao 2023, arXiv:2312.00752, figure 4; Beck et al. 2024, arXiv:2405.04517, figure 4).',
  setting: `tinyshakespeare, the last tenth held out, windows of 256 characters, batch 8, the small presets with their learning rates; every model gets the floating point operations of ${STEPS} steps of Mamba with four layers of width 128.`,
  models: armLabels(ARMS),
  async run(context) {
    const corpus = await Corpus.sample('tinyshakespeare', context)
    try {
      return await trainArms(corpus, { arms: ARMS, context, steps: STEPS, same: 'work' })
    } finally {
      corpus.close()
    }
  },
  conclude(rows) {
    const of = (label: string): number => meanOf(rows, label, UNIT)
    return {
      passed: Math.min(of('Mamba'), of('xLSTM[7:1]')) <= of('transformer'),
      sentence: `Nats per character, mean over seeds: ${ARMS.map(({ label }) => `${label} ${of(label).toFixed(3)}`).join(', ')}.`,
    }
  },
}
