import { modularArithmetic } from '../../datasets/synthetic/modularArithmetic.ts'
import { parity } from '../../datasets/synthetic/parity.ts'
import type { TokenRecord } from '../../datasets/synthetic/task.ts'
import type { RandomStream } from '../../kernels/random/philox.ts'
import { column, contest, labels, percent } from './contest.ts'
import type { Row, Study } from './study.ts'
import { type Contestant, heldOut } from './trainTask.ts'

const SLSTM = 'sLSTM'
const LENGTHS = [40, 80, 160, 256]
const TRAINED = LENGTHS[0]
const SHORTEST = 6

interface Tracking {
  readonly name: string
  readonly title: string
  readonly vocab: number
  /** % right of a guess. */
  readonly chance: number
  readonly d_model: number
  readonly steps: number
  /** Steps within which the longest record grows to the trained length: without it success hangs on the seed. */
  readonly curriculum: number
  readonly every: number
  /** The sLSTM first. */
  readonly contestants: readonly Contestant[]
  /** Of the sLSTM, for the page. */
  readonly blocks: string
  make(length: { min: number; max: number }, index: number, random: RandomStream): TokenRecord
}

function stateTracking(task: Tracking): Study {
  const { name, title, vocab, chance, d_model, steps, curriculum, every, contestants, blocks, make } = task
  const longest = (step: number): number => Math.min(TRAINED, Math.round(SHORTEST + ((TRAINED - SHORTEST) * step) / curriculum))
  return {
    name,
    title,
    claim:
      'Only recurrences with memory mixing track a state over any length: sLSTM solves parity and modular arithmetic beyond the trained lengths; Mamba, mLSTM and attention do not (Beck et al. 2024, arXiv:2405.04517, section 4.1 and appendix D).',
    setting: `Trained on lengths 3 to ${TRAINED} with a curriculum (longest length grows over the first ${curriculum} steps, the same for all), width ${d_model}, ${blocks}, batch 64, at most ${steps} steps, stopped when all scored lengths are at 99.5 %; scored at the last position of lengths ${LENGTHS.join(', ')}.`,
    models: labels(contestants),
    run(context) {
      const tests = LENGTHS.map((length) => heldOut(256, length, (i, random) => make({ min: length, max: length }, i, random)))
      return contest({
        contestants,
        context,
        d_model,
        vocab,
        seqlen: TRAINED,
        batch: 64,
        steps,
        lr: 3e-3,
        every,
        record: (step, i, random) => make({ min: 3, max: Math.max(3, longest(step)) }, i, random),
        async measure(trained) {
          const values: Record<string, number> = {}
          for (const [k, length] of LENGTHS.entries()) values[`at ${length} %`] = percent((await trained.accuracy(tests[k])).last)
          return { values: values as Row, done: Object.values(values).every((value) => value >= 99.5) }
        },
      })
    },
    conclude(rows) {
      const worst = (model: string): number => Math.min(...LENGTHS.flatMap((length) => column(rows, model, `at ${length} %`)))
      const farthest = `at ${LENGTHS.at(-1)} %`
      const best = Math.max(...contestants.slice(1).flatMap(({ label }) => column(rows, label, farthest)))
      return {
        passed: worst(SLSTM) >= 99 && best < chance + 15,
        sentence: `sLSTM answers at least ${worst(SLSTM)} % at every length and seed; the best of the others at ${LENGTHS.at(-1)} is ${best} % (chance ${chance} %).`,
      }
    },
  }
}

const parityOf = (min: number, max: number) => parity.schema.parse({ min_length: min, max_length: max, test_lengths: String(max) })
const OTHERS: readonly Contestant[] = [
  { label: 'Mamba', layers: '2×mamba', options: { mamba: { d_state: 8, mlp: 'gelu', mlp_ratio: 2 } } },
  { label: 'attention', layers: '2×attention', options: { attention: { n_heads: 4 } } },
]

export const parityStudy = stateTracking({
  name: 'parity',
  title: 'Parity',
  vocab: 2,
  chance: 50,
  d_model: 32,
  steps: 1500,
  curriculum: 300,
  every: 100,
  blocks: 'two blocks (sLSTM without its convolution)',
  contestants: [
    { label: SLSTM, layers: '2×slstm', options: { slstm: { num_heads: 4, d_conv: 0 } }, norm: 'layer-no-bias', lr: 4e-3 },
    ...OTHERS,
  ],
  make: ({ min, max }, index, random) => parity.record(parityOf(min, max), 'train', index, random),
})

/** Sums and differences modulo 5, the value asked for after each number and at the equals sign: two symbols for each number. */
const sumsOf = (min: number, max: number) =>
  modularArithmetic.schema.parse({
    min_operands: Math.max(2, Math.ceil(min / 2)),
    max_operands: Math.max(2, Math.floor(max / 2)),
    test_operands: String(max / 2),
    labels: 'each',
    multiply: false,
  })

export const modularStudy = stateTracking({
  name: 'modular-arithmetic',
  title: 'Modular arithmetic',
  vocab: 9,
  chance: 20,
  d_model: 64,
  steps: 3000,
  curriculum: 1500,
  every: 250,
  blocks: 'two blocks (of sLSTM the cell of one alone, in which every unit feeds back on every other: no convolution, no MLP)',
  contestants: [
    { label: SLSTM, layers: '1×slstm', options: { slstm: { num_heads: 1, d_conv: 0, mlp: 'none' } }, norm: 'layer-no-bias' },
    ...OTHERS,
  ],
  make: ({ min, max }, index, random) => modularArithmetic.record(sumsOf(min, max - (max % 2)), 'train', index, random),
})
