import { type Arm, armLabels, meanOf, trainArms } from './arms.ts'
import { Corpus } from './corpus.ts'
import type { Context, Row, Study } from './study.ts'

const WINDOWS = { 'data.seqlen': 2048, 'data.batch': 4 }
const ARMS: readonly Arm[] = [
  { label: 'SaShiMi', preset: 'sashimi-small', set: { 'model.layers': '2×s4d', 'model.d_model': 32 } },
  { label: 'S4D stack', preset: 's4d-small', set: { 'model.layers': '8×s4d', 'model.d_model': 128 } },
]
const STEPS = 1500
const UNIT = 'bits per sample'
const CASES = ['guitar and piano', 'piano notes'] as const

const open = (name: string, context: Context): Promise<Corpus> =>
  name === 'piano notes' ? Corpus.recipe('piano-notes', context.from!, context) : Corpus.sample('guitar-and-piano', context)

export const sound: Study = {
  name: 'sound',
  title: 'Raw sound at several rates',
  claim:
    'Layers at several rates model raw sound better than a stack at one rate of the same size (Goel et al. 2022, arXiv:2202.09729, tables 3 and 6).',
  setting: `Recordings of guitar and piano (CC0, bundled) and single piano notes (CC BY 3.0), 16 kHz, mu-law with 256 levels, windows of 2,048 samples, batch 4, ${STEPS} steps each; about as many parameters in both, and the stack takes several times the work.`,
  models: armLabels(ARMS),
  cases: { column: 'sound', all: CASES },
  recipes: ['piano-notes'],
  async run(context) {
    const rows: Row[] = []
    for (const name of context.cases) {
      const corpus = await open(name, context)
      try {
        rows.push(...(await trainArms(corpus, { arms: ARMS, context, steps: STEPS, same: 'steps', of: { sound: name }, set: WINDOWS })))
      } finally {
        corpus.close()
      }
    }
    return rows
  },
  conclude(rows) {
    const found = CASES.map((name) => {
      const [sashimi, stack] = ARMS.map(({ label }) => meanOf(rows, label, UNIT, { sound: name }))
      return { lower: sashimi < stack, sentence: `${name}: SaShiMi ${sashimi.toFixed(3)}, S4D stack ${stack.toFixed(3)}` }
    })
    return {
      passed: found.every(({ lower }) => lower),
      sentence: `Bits per sample, mean over seeds. ${found.map(({ sentence }) => sentence).join('; ')}.`,
    }
  },
}
