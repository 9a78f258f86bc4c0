import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import { ngramBaseline } from '../../datasets/batching/baselines.ts'
import { type Arm, armLabels, meanOf, trainArms } from './arms.ts'
import { rounded } from './contest.ts'
import { Corpus } from './corpus.ts'
import { strandDifference } from './strands.ts'
import type { Context, Row, Study } from './study.ts'

const NEXT: readonly Arm[] = [
  { label: 'Mamba', preset: 'mamba-small', set: {} },
  { label: 'hybrid', preset: 'hybrid-small', set: {} },
]
const STRANDS: readonly Arm[] = [{ label: 'both strands, hidden bases', preset: 'strands-small', set: {} }]
const ORDERS = Array.from({ length: 12 }, (_, k) => k + 1)
const chain = (order: number): string => `order-${order} Markov chain`
const GENOMES = ['lambda', 'chloroplast'] as const
const RECIPES: Readonly<Record<string, string>> = { chloroplast: 'arabidopsis-chloroplast' }
const STEPS = 1000
const UNIT = 'bits per base'
const DIFFERENCE = 'strands differ by'
/** Relative to the largest output. */
const ALIKE = 1e-5

async function one(name: string, context: Context): Promise<Row[]> {
  const corpus = name in RECIPES ? await Corpus.recipe(RECIPES[name], context.from!, context) : await Corpus.sample(name, context)
  try {
    const of = { genome: name }
    const trials = { context, steps: STEPS, of } as const
    const next = await trainArms(corpus, { ...trials, arms: NEXT, same: 'steps' })
    const strands = await trainArms(corpus, {
      ...trials,
      arms: STRANDS,
      same: 'steps',
      also: async ({ trained }) => ({ [DIFFERENCE]: rounded(await strandDifference(trained, corpus.backend)) }),
    })
    const counted = chains(corpus, of)
    context.keep(counted)
    return [...next, ...strands, ...counted]
  } finally {
    corpus.close()
  }
}

/** Interpolated Markov chains fitted on the training bases, whichever order a reader would try. */
function chains({ store, datasetId, heldOut }: Corpus, of: Row): Row[] {
  const [train, test] = (['train', heldOut] as const).map((split) => openTokenWindows(store, datasetId, split))
  return ORDERS.map((order) => ({ model: chain(order), ...of, [UNIT]: rounded(ngramBaseline(train, test, order).nats / Math.LN2) }))
}

export const genome: Study = {
  name: 'genome',
  title: 'Bases of a genome against Markov chains',
  claim:
    'A trained model must be better on held-out bases than counting k-mers (order-k Markov chains), which is where the structure of a genome begins to count; a model of both strands gives a sequence and its reverse complement the same answers (Schiff et al. 2024, arXiv:2403.03234, section 4).',
  setting: `Phage lambda (48,502 bases) and the chloroplast of Arabidopsis (154,478), the last tenth held out; the small presets, both strands in training, at most ${STEPS} steps with early stopping. Markov chains of orders 1 to ${ORDERS.at(-1)} are interpolated (Witten & Bell) and fitted on the same training bases; the best is compared, although a reader would have to choose it on validation data. Hidden bases (15 %) are told from both sides, so their bits are another measure; of that trained model the outputs for a window and for its reverse complement are compared, relative to the largest.`,
  models: armLabels([...NEXT, ...STRANDS]),
  cases: { column: 'genome', all: GENOMES },
  recipes: ['arabidopsis-chloroplast'],
  async run(context) {
    const rows: Row[] = []
    for (const name of context.cases) rows.push(...(await one(name, context)))
    return rows
  },
  conclude(rows) {
    const found = GENOMES.map((name) => {
      const here = rows.filter((row) => row.genome === name)
      const best = here.filter(({ seed }) => seed === undefined).reduce((a, b) => (Number(a[UNIT]) <= Number(b[UNIT]) ? a : b))
      const models = NEXT.map(({ label }) => meanOf(here, label, UNIT))
      const words = NEXT.map(({ label }, i) => `${label} ${models[i].toFixed(3)}`).join(', ')
      const sentence = `${name}: ${words}; best chain (${String(best.model)}) ${Number(best[UNIT]).toFixed(3)}`
      return { better: Math.min(...models) < Number(best[UNIT]), sentence }
    })
    const differences = rows.flatMap((row) => (DIFFERENCE in row ? [Number(row[DIFFERENCE])] : []))
    const worst = Math.max(...differences)
    return {
      passed: found.every(({ better }) => better) && worst <= ALIKE,
      sentence: `Bits per base, mean over seeds. ${found.map(({ sentence }) => sentence).join('. ')}. The strands of trained models differ by at most ${worst.toExponential(1)}.`,
    }
  },
  table: (rows) => rows.filter((row) => row.seed !== undefined || [1, 2, 3, 4, 5, 6, 8, 12].some((order) => row.model === chain(order))),
}
