import { type Arm, armLabels, meanOf, trainArms } from './arms.ts'
import { Corpus } from './corpus.ts'
import { interval95 } from './interval.ts'
import type { Context, Row, Study } from './study.ts'

const WINDOWS = { 'data.seqlen': 2048, 'data.batch': 4, 'training.validate_batches': 16, 'training.validate_every': 250 }
/** Until the validation loss has stopped falling: no new best in so many validations. */
const CONVERGED = { 'training.patience': 8 }
const SASHIMI: Arm = {
  label: 'SaShiMi',
  preset: 'sashimi-small',
  set: { 'model.layers': '2×s4d', 'model.d_model': 32, 'optimizer.lr': 8e-3, ...CONVERGED },
}
const STACK: Arm = {
  label: 'S4D stack',
  preset: 's4d-small',
  set: { 'model.layers': '8×s4d', 'model.d_model': 128, 'optimizer.lr': 4e-3, ...CONVERGED },
}
/** As many parameters in as much work: fewer steps, for a step of the stack costs several of SaShiMi's. */
const SAME_WORK: Arm = { ...STACK, label: 'S4D stack, same work' }
const ARMS = [SASHIMI, STACK, SAME_WORK]
/** At most; a step of the stack is six of SaShiMi's. */
const STEPS = { sashimi: 9000, stack: 4000 }
const UNIT = 'bits per sample'
const CASES = ['guitar and piano', 'piano notes'] as const

const open = (name: string, context: Context): Promise<Corpus> =>
  name === 'piano notes' ? Corpus.recipe('piano-notes', context.from!, context) : Corpus.sample('guitar-and-piano', context)

export const sound: Study = {
  name: 'sound',
  title: 'Raw sound at several rates',
  claim:
    'Layers at several rates model raw sound better than a stack at one rate of the same size (Goel et al. 2022, arXiv:2202.09729, tables 3 and 6).',
  setting: `Recordings of guitar and piano (CC0, bundled) and single piano notes (CC BY 3.0), 16 kHz, mu-law with 256 levels, windows of 2,048 samples, batch 4, as many parameters in all. Each is trained until its validation loss has stopped falling: SaShiMi at most ${STEPS.sashimi.toLocaleString('en')} steps, the stack ${STEPS.stack.toLocaleString('en')}, of which each takes six times the work; and the stack once more with SaShiMi's floating point operations. Learning rates (8e-3 and 4e-3, of 2e-3 to 1.6e-2) and the form of the stack (8 layers of 128, before 4 of 176) were chosen on the validation records of the piano notes.`,
  models: armLabels(ARMS),
  cases: { column: 'sound', all: CASES },
  recipes: ['piano-notes'],
  async run(context) {
    const rows: Row[] = []
    for (const name of context.cases) {
      const corpus = await open(name, context)
      const trials = { context, of: { sound: name }, set: WINDOWS }
      try {
        rows.push(...(await trainArms(corpus, { ...trials, arms: [SASHIMI], same: 'steps', steps: STEPS.sashimi })))
        rows.push(...(await trainArms(corpus, { ...trials, arms: [STACK], same: 'steps', steps: STEPS.stack })))
        const work = { arms: [SASHIMI, SAME_WORK], same: 'work', steps: STEPS.sashimi, trained: [SAME_WORK.label] } as const
        rows.push(...(await trainArms(corpus, { ...trials, ...work })))
      } finally {
        corpus.close()
      }
    }
    return rows
  },
  conclude(rows) {
    const found = CASES.map((name) => {
      const [sashimi, stack, work] = ARMS.map(({ label }) => meanOf(rows, label, UNIT, { sound: name }))
      return {
        lower: { stack: sashimi < stack, work: sashimi < work },
        sentence: `${name}: SaShiMi ${sashimi.toFixed(3)}, the stack ${stack.toFixed(3)}, with the same work ${work.toFixed(3)}`,
      }
    })
    const everywhere = (of: 'stack' | 'work'): string => (found.every(({ lower }) => lower[of]) ? 'lower' : 'not lower')
    const [low, high] = interval95(gains(rows, STACK.label))
    const [lowWork, highWork] = interval95(gains(rows, SAME_WORK.label))
    const within = (from: number, to: number): string => `${from.toFixed(3)} to ${to.toFixed(3)}`
    return {
      passed: found.every(({ lower }) => lower.stack && lower.work) && low > 0 && lowWork > 0,
      sentence: `Bits per sample, mean over seeds. ${found.map(({ sentence }) => sentence).join('; ')}. SaShiMi is ${everywhere('stack')} than the stack trained to its end (95 % of what it gains: ${within(low, high)}), and ${everywhere('work')} than the stack with the same work (${within(lowWork, highWork)}). Asked for: lower on both sounds, and both intervals above 0.`,
    }
  },
}

/** How many bits SaShiMi is below a stack, of each sound and seed. */
const gains = (rows: readonly Row[], stack: string): number[] =>
  rows
    .filter(({ model }) => model === SASHIMI.label)
    .map(({ sound: name, seed, [UNIT]: bits }) => meanOf(rows, stack, UNIT, { sound: name, seed }) - (bits as number))
