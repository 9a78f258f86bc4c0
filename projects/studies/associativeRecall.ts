import { mqar } from '../../datasets/synthetic/mqar.ts'
import { column, contest, labels, percent } from './contest.ts'
import type { Context, Row, Study } from './study.ts'
import { type Contestant, heldOut } from './trainTask.ts'

const VOCAB = 256
const LENGTH = 64
const PAIRS = [4, 8, 16]
const optionsOf = (pairs: number) => mqar.schema.parse({ length: LENGTH, pairs, vocab: VOCAB })
const mamba = { d_state: 8 }
const [ATTENTION, HYBRID, PURE] = ['attention', 'Mamba with one attention layer', 'Mamba']
const [STEPS, GOAL] = [3000, 99]

const common = {
  d_model: 64,
  vocab: VOCAB,
  seqlen: LENGTH,
  batch: 64,
  steps: STEPS,
  lr: 2e-3,
  every: 250,
}
const setting = (what: string): string =>
  `Length ${LENGTH}, vocabulary ${VOCAB}, width 64, two layers, batch 64, new records every step with 2 to ${PAIRS.at(-1)} pairs, at most ${STEPS} steps, stopped at ${GOAL} % everywhere; ${what}.`

const tests = () => PAIRS.map((pairs) => heldOut(256, pairs, (i, random) => mqar.record(optionsOf(pairs), 'validation', i, random)))

async function run(contestants: readonly Contestant[], context: Context): Promise<Row[]> {
  const held = tests()
  return contest({
    ...common,
    contestants,
    context,
    record: (_step, i, random) => mqar.record(optionsOf(PAIRS[i % PAIRS.length]), 'train', i, random),
    async measure(trained) {
      const values: Record<string, number> = {}
      for (const [k, pairs] of PAIRS.entries()) values[`${pairs} pairs %`] = percent((await trained.accuracy(held[k])).positions)
      return { values: values as Row, done: Object.values(values).every((value) => value >= GOAL) }
    },
  })
}

const trio: readonly Contestant[] = [
  { label: HYBRID, layers: '1×mamba, 1×attention', options: { mamba, attention: { n_heads: 2 } } },
  { label: PURE, layers: '2×mamba', options: { mamba } },
  { label: ATTENTION, layers: '2×attention', options: { attention: { n_heads: 2, mlp: 'none' } } },
]

export const hybridRecall: Study = {
  name: 'hybrid-recall',
  title: 'One attention layer in a state space model',
  claim:
    'A state space model with two attention layers closes the gap to attention on recall (H3, Fu et al. 2023, arXiv:2212.14052, sections 3 and 4); multi-query associative recall is where the gap shows (Arora et al. 2024, arXiv:2312.04927).',
  setting: setting('one of the two Mamba layers against none'),
  models: labels(trio),
  run: (context) => run(trio, context),
  conclude(rows) {
    const hardest = `${PAIRS.at(-1)} pairs %`
    const [hybrid, pure] = [HYBRID, PURE].map((label) => column(rows, label, hardest))
    return {
      passed: Math.min(...hybrid) >= GOAL && Math.max(...pure) < 80,
      sentence: `At ${PAIRS.at(-1)} pairs: hybrid ${hybrid.join(', ')} %, Mamba alone ${pure.join(', ')} %, attention ${column(rows, ATTENTION, hardest).join(', ')} %.`,
    }
  },
}
