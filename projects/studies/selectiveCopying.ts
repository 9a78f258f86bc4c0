import { selectiveCopying as task } from '../../datasets/synthetic/selectiveCopying.ts'
import { column, contest, labels, percent } from './contest.ts'
import type { Study } from './study.ts'
import { type Contestant, heldOut } from './trainTask.ts'

const options = task.schema.parse({ length: 32, items: 4, vocab: 10 })
const block = { d_state: 8, mlp: 'gelu', mlp_ratio: 2 }
const MAMBA = 'Mamba'
const LTI = 'the same block, time-invariant core'
const contestants: Contestant[] = [
  { label: MAMBA, layers: '2×mamba', options: { mamba: block } },
  { label: LTI, layers: '2×mamba', options: { mamba: { ...block, selective: false } } },
]
const [STEPS, GOAL] = [2000, 99]

export const selectiveCopying: Study = {
  name: 'selective-copying',
  title: 'Selective copying',
  claim:
    'Selection is what lets a state space model copy items at changing places: at length 4096 with 16 items Mamba reaches 99.8 %, the same block with an S4 core 56.4 % (Gu & Dao 2023, arXiv:2312.00752, table 1).',
  setting: `Length 32 with 4 items of a vocabulary of 10, two layers of width 32 with a small MLP, batch 64, new records every step, at most ${STEPS} steps, stopped at ${GOAL} %. So small a task is possible for both; the difference is in the number of steps.`,
  models: labels(contestants),
  run(context) {
    const validation = heldOut(512, 1, (i, random) => task.record(options, 'validation', i, random))
    return contest({
      contestants,
      context,
      d_model: 32,
      vocab: options.vocab,
      seqlen: options.length + options.items,
      batch: 64,
      steps: STEPS,
      lr: 3e-3,
      every: 50,
      record: (_step, i, random) => task.record(options, 'train', i, random),
      async measure(trained) {
        const accuracy = percent((await trained.accuracy(validation)).positions)
        return { values: { 'accuracy %': accuracy }, done: accuracy >= GOAL }
      },
    })
  },
  conclude(rows) {
    const steps = (label: string): number[] => {
      const reached = column(rows, label, 'accuracy %').map((accuracy) => accuracy >= GOAL)
      return column(rows, label, 'steps').map((n, i) => (reached[i] ? n : Infinity))
    }
    const words = (all: number[]): string => all.map((n) => (n === Infinity ? `not in ${STEPS}` : String(n))).join(', ')
    return {
      passed: Math.max(...steps(MAMBA)) < Math.min(...steps(LTI)),
      sentence: `Steps to ${GOAL} %: Mamba ${words(steps(MAMBA))}; time-invariant core ${words(steps(LTI))}.`,
    }
  },
}
