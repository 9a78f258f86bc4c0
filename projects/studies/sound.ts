import { type Arm, armLabels, meanOf, trainArms } from './arms.ts'
import { Corpus } from './corpus.ts'
import type { Context, Row, Study } from './study.ts'

const WINDOWS = { 'data.seqlen': 2048, 'data.batch': 4 }
const SASHIMI: Arm = { label: 'SaShiMi', preset: 'sashimi-small', set: { 'model.layers': '2×s4d', 'model.d_model': 32 } }
const STACK: Arm = { label: 'S4D stack', preset: 's4d-small', set: { 'model.layers': '8×s4d', 'model.d_model': 128 } }
/** As many parameters in as much work: fewer steps, for a step of the stack costs several of SaShiMi's. */
const SAME_WORK: Arm = { ...STACK, label: 'S4D stack, same work' }
const ARMS = [SASHIMI, STACK, SAME_WORK]
const STEPS = 1500
const UNIT = 'bits per sample'
const CASES = ['guitar and piano', 'piano notes'] as const

const open = (name: string, context: Context): Promise<Corpus> =>
  name === 'piano notes' ? Corpus.recipe('piano-notes', context.from!, context) : Corpus.sample('guitar-and-piano', context)

export const sound: Study = {
  name: 'sound',
  title: 'Raw sound at several rates',
  claim:
    'Layers at several rates model raw sound better than a stack at one rate with as many parameters and the same work (Goel et al. 2022, arXiv:2202.09729, tables 3 and 6).',
  setting: `Recordings of guitar and piano (CC0, bundled) and single piano notes (CC BY 3.0), 16 kHz, mu-law with 256 levels, windows of 2,048 samples, batch 4, ${STEPS} steps; as many parameters in all, and the floating point operations of SaShiMi's steps for all. The stack is also given as many steps as SaShiMi, which is several times the work.`,
  models: armLabels(ARMS),
  cases: { column: 'sound', all: CASES },
  recipes: ['piano-notes'],
  async run(context) {
    const rows: Row[] = []
    for (const name of context.cases) {
      const corpus = await open(name, context)
      const trials = { context, steps: STEPS, of: { sound: name }, set: WINDOWS }
      try {
        rows.push(...(await trainArms(corpus, { ...trials, arms: [SASHIMI, STACK], same: 'steps' })))
        rows.push(...(await trainArms(corpus, { ...trials, arms: [SASHIMI, SAME_WORK], same: 'work', trained: [SAME_WORK.label] })))
      } finally {
        corpus.close()
      }
    }
    return rows
  },
  conclude(rows) {
    const found = CASES.map((name) => {
      const [sashimi, steps, work] = ARMS.map(({ label }) => meanOf(rows, label, UNIT, { sound: name }))
      return {
        lower: { steps: sashimi < steps, work: sashimi < work },
        sentence: `${name}: SaShiMi ${sashimi.toFixed(3)}, the stack with as many steps ${steps.toFixed(3)}, with the same work ${work.toFixed(3)}`,
      }
    })
    const everywhere = (of: 'steps' | 'work'): string => (found.every(({ lower }) => lower[of]) ? 'lower' : 'not lower')
    return {
      passed: found.every(({ lower }) => lower.work),
      sentence: `Bits per sample, mean over seeds. ${found.map(({ sentence }) => sentence).join('; ')}. SaShiMi is ${everywhere('work')} with the same work, and ${everywhere('steps')} with as many steps, where the stack takes several times the work.`,
    }
  },
}
