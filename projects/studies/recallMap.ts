import { mqar } from '../../datasets/synthetic/mqar.ts'
import { contest, labels, mean, percent } from './contest.ts'
import { heatMap } from './heatMap.ts'
import type { Row, Study } from './study.ts'
import { type Contestant, heldOut } from './trainTask.ts'

const VOCAB = 256
const LENGTHS = [32, 64, 128]
const PAIRS = [4, 8, 16, 32]
/** A record holds each pair twice. */
const CELLS = LENGTHS.flatMap((length) => PAIRS.filter((pairs) => 4 * pairs <= length).map((pairs) => ({ length, pairs })))
const optionsOf = ({ length, pairs }: (typeof CELLS)[number]) => mqar.schema.parse({ length, pairs, vocab: VOCAB })
const D_MODEL = 64
const INNER = 2 * D_MODEL
const [STEPS, GOAL] = [6000, 99]

interface Entry extends Contestant {
  readonly family: string
  /** Numbers that a layer remembers of a sequence, its convolution's few aside; null where that grows with the sequence. */
  readonly state: number | null
}

const mamba2 = (d_state: number): Entry => ({
  family: 'Mamba-2',
  state: INNER * d_state,
  label: `Mamba-2, state ${INNER * d_state}`,
  layers: '2×mamba2',
  options: { mamba2: { d_state, headdim: 32 } },
})
const mlstm = (num_heads: number): Entry => ({
  family: 'mLSTM',
  state: INNER ** 2 / num_heads,
  label: `mLSTM, state ${INNER ** 2 / num_heads}`,
  layers: '2×mlstm',
  options: { mlstm: { num_heads } },
  norm: 'layer-no-bias',
})
const ENTRIES: readonly Entry[] = [
  ...[4, 16, 64].map(mamba2),
  ...[32, 8, 2].map(mlstm),
  {
    family: 'attention',
    state: null,
    label: 'attention',
    layers: '2×attention',
    options: { attention: { n_heads: 2, mlp: 'none' } },
  },
]
const FAMILIES = ['Mamba-2', 'mLSTM'] as const

/** The seeds that every model was trained with: others would compare models over different draws. */
const commonSeeds = (rows: readonly Row[]): number[] =>
  [...new Set(rows.map(({ seed }) => seed as number))].filter((seed) =>
    ENTRIES.every(({ label }) => rows.some((row) => row.model === label && row.seed === seed)),
  )

/** Mean of a cell over the seeds that all models have. */
function cell(rows: readonly Row[], label: string, { length, pairs }: (typeof CELLS)[number]): number {
  const seeds = commonSeeds(rows)
  const own = rows.filter(
    (row) => row.model === label && row.length === length && row.pairs === pairs && seeds.includes(row.seed as number),
  )
  return mean(own.map((row) => row['right %'] as number))
}

function seedsInWords(rows: readonly Row[]): string {
  const seeds = commonSeeds(rows)
  return seeds.length === 1 ? `One seed (${seeds[0]}), so without a spread` : `Mean over seeds ${seeds.join(', ')}`
}

export const recallMap: Study = {
  name: 'recall-map',
  title: 'Associative recall against the size of the state',
  claim:
    'How many pairs a model with a fixed state recalls follows from the size of that state; attention, whose memory grows, is not limited (Arora et al. 2024, arXiv:2312.04927, figures 2 and 3).',
  setting: `Lengths ${LENGTHS.join(', ')} with ${PAIRS.join(', ')} pairs mixed in every batch of 64, vocabulary ${VOCAB}, two layers of width ${D_MODEL}, new records every step, at most ${STEPS} steps, stopped at ${GOAL} % everywhere; each family with states of several sizes (numbers for each layer and sequence).`,
  models: labels(ENTRIES),
  run(context) {
    const tests = CELLS.map((one, k) => heldOut(256, 100 + k, (i, random) => mqar.record(optionsOf(one), 'validation', i, random)))
    return contest({
      contestants: ENTRIES,
      context,
      d_model: D_MODEL,
      vocab: VOCAB,
      seqlen: LENGTHS.at(-1)!,
      batch: 64,
      steps: STEPS,
      lr: 3e-3,
      every: 250,
      record: (_step, i, random) => mqar.record(optionsOf(CELLS[i % CELLS.length]), 'train', i, random),
      async measure(trained) {
        const values: Record<string, number> = {}
        for (const [k, { length, pairs }] of CELLS.entries())
          values[`${length} ${pairs}`] = percent((await trained.accuracy(tests[k])).positions)
        return { values: values as Row, done: Object.values(values).every((value) => value >= GOAL) }
      },
      rowsOf: ({ model, seed, steps, parameters, seconds, ...values }) =>
        CELLS.map(({ length, pairs }) => {
          const state = ENTRIES.find(({ label }) => label === model)!.state
          return { model, state, seed, length, pairs, 'right %': values[`${length} ${pairs}`], steps, parameters, seconds }
        }),
    })
  },
  conclude(rows) {
    const hardest = CELLS.at(-1)!
    const of = (label: string): number => cell(rows, label, hardest)
    const words = (list: readonly Entry[]): string => list.map(({ label }) => `${label} ${of(label).toFixed(1)} %`).join(', ')
    const grows = FAMILIES.map((family) => ENTRIES.filter((entry) => entry.family === family)).every((list) =>
      list.every(({ label }, i) => i === 0 || of(label) > of(list[i - 1].label)),
    )
    return {
      passed: grows && of('attention') >= GOAL,
      sentence: `${seedsInWords(rows)}, at length ${hardest.length} with ${hardest.pairs} pairs: ${words(ENTRIES)}.`,
    }
  },
  table: (rows) =>
    ENTRIES.map(({ label, state }) => ({
      model: label.replace(/,.*/, ''),
      state: state ?? 'grows',
      ...Object.fromEntries(CELLS.map((one) => [`${one.length}: ${one.pairs} pairs`, Math.round(10 * cell(rows, label, one)) / 10])),
    })),
  picture: (rows) =>
    heatMap({
      title: `Associative recall, % right (seeds ${commonSeeds(rows).join(', ')})`,
      across: CELLS.map(({ length, pairs }) => ({ group: `length ${length}`, label: String(pairs) })),
      acrossTitle: 'pairs',
      down: ENTRIES.map(({ label }) => label),
      value: (i, j) => cell(rows, ENTRIES[i].label, CELLS[j]),
    }),
}
