import { inductionHeads as task } from '../../datasets/synthetic/inductionHeads.ts'
import { column, contest, labels, percent } from './contest.ts'
import type { Row, Study } from './study.ts'
import { type Contestant, heldOut } from './trainTask.ts'

const LENGTHS = [64, 128, 256, 512, 1024]
const optionsOf = (length: number) => task.schema.parse({ length, test_lengths: String(length), vocab: 16 })
const block = { d_state: 8 }
const MAMBA = 'Mamba'
const LTI = 'the same block, time-invariant core'
const contestants: Contestant[] = [
  { label: MAMBA, layers: '2×mamba', options: { mamba: block } },
  { label: LTI, layers: '2×mamba', options: { mamba: { ...block, selective: false } } },
]
const [STEPS, GOAL, LEAST] = [4000, 99, 3000]

export const inductionHeads: Study = {
  name: 'induction-heads',
  title: 'Induction heads',
  claim:
    'Mamba recalls what followed the trigger at lengths far beyond training: trained at 256, it is perfect to a million, while time-invariant models and attention fail past twice the length (Gu & Dao 2023, arXiv:2312.00752, table 2).',
  setting: `Trained at length ${LENGTHS[0]}, vocabulary 16, two layers of width 32, batch 32, new records every step, at most ${STEPS} steps, stopped at ${GOAL} % on the trained length from step ${LEAST} on; scored at ${LENGTHS.join(', ')}.`,
  models: labels(contestants),
  run(context) {
    const tests = LENGTHS.map((length) =>
      heldOut(length > 256 ? 128 : 256, length, (i, random) => task.record(optionsOf(length), 'validation', i, random)),
    )
    return contest({
      contestants,
      context,
      d_model: 32,
      vocab: 16,
      seqlen: LENGTHS[0],
      batch: 32,
      steps: STEPS,
      lr: 3e-3,
      every: 200,
      record: (_step, i, random) => task.record(optionsOf(LENGTHS[0]), 'train', i, random),
      async measure(trained, step) {
        const trainedLength = percent((await trained.accuracy(tests[0])).positions)
        const done = trainedLength >= GOAL && step >= LEAST
        const values: Record<string, number> = { [`at ${LENGTHS[0]} %`]: trainedLength }
        if (done || step === STEPS)
          for (const [k, length] of LENGTHS.entries())
            if (k > 0) values[`at ${length} %`] = percent((await trained.accuracy(tests[k])).positions)
        return { values: values as Row, done }
      },
    })
  },
  conclude(rows) {
    const longest = `at ${LENGTHS.at(-1)} %`
    const [mamba, lti] = [MAMBA, LTI].map((label) => column(rows, label, longest))
    return {
      passed: Math.min(...mamba) >= 95 && Math.max(...lti) < Math.min(...mamba),
      sentence: `At ${LENGTHS.at(-1)!}, ${LENGTHS.at(-1)! / LENGTHS[0]} times the trained length: Mamba ${mamba.join(', ')} %; time-invariant core ${lti.join(', ')} %.`,
    }
  },
}
