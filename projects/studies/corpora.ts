import type { Setting } from '../config/check.ts'
import { Corpus } from './corpus.ts'
import type { Context, Row, Study } from './study.ts'

interface Arm {
  readonly label: string
  /** What `set` is a change of; mamba-small when left out. */
  readonly preset?: string
  readonly set: Readonly<Record<string, Setting>>
}

const rounded = (value: number): number => Number(value.toPrecision(4))

/** Every arm under every seed with as many floating point operations as `steps` steps of the first take, or with as many steps. */
async function atOneBudget(
  sample: string,
  arms: readonly Arm[],
  steps: number,
  { seeds, say }: Context,
  same: 'work' | 'steps' = 'work',
): Promise<Row[]> {
  const corpus = await Corpus.of(sample)
  const rows: Row[] = []
  try {
    const budget = steps * corpus.work(arms[0].preset ?? 'mamba-small', arms[0].set)
    for (const { label, preset = 'mamba-small', set } of arms)
      for (const seed of seeds) {
        const own = same === 'steps' ? steps : Math.max(20, Math.round(budget / corpus.work(preset, set)))
        const { run, judged } = await corpus.train(
          preset,
          { ...set, seed, 'training.steps': own, 'training.sample_every': 0 },
          corpus.heldOut,
        )
        const row = {
          model: label,
          seed,
          [judged.unit]: rounded(judged.score.value),
          steps: own,
          parameters: run.parameters,
          seconds: Math.round(run.seconds),
        }
        rows.push(row)
        for (const { name, value } of judged.baselines)
          if (!rows.some((r) => r.model === name)) rows.push({ model: name, [judged.unit]: rounded(value) })
        say(JSON.stringify(row))
      }
  } finally {
    corpus.close()
  }
  return rows
}

const scores = (rows: readonly Row[], model: string, unit: string): number[] =>
  rows.filter((row) => row.model === model).map((row) => row[unit] as number)
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

const TEXT: readonly Arm[] = [
  { label: 'Mamba', set: { 'model.layers': '4×mamba' } },
  {
    label: 'xLSTM[7:1]',
    set: { 'model.layers': '7×mlstm, 1×slstm', 'model.d_model': 96, 'model.norm': 'layer-no-bias', 'optimizer.lr': 2e-3 },
  },
  { label: 'transformer', set: { 'model.layers': '4×attention', 'model.norm': 'layer', 'optimizer.lr': 2e-3 } },
  { label: 'hybrid', set: { 'model.layers': '2×mamba, 1×attention, 1×mamba', 'model.mixers.attention.mlp': 'none' } },
]
const TEXT_STEPS = 600

export const shakespeare: Study = {
  name: 'shakespeare',
  title: 'Characters of Shakespeare at one compute budget',
  claim:
    'At equal compute recurrent models hold their own against a transformer on language (Gu & Dao 2023, arXiv:2312.00752, figure 4; Beck et al. 2024, arXiv:2405.04517, figure 4).',
  setting: `tinyshakespeare, the last tenth held out, windows of 256 characters, batch 8; every model gets the floating point operations of ${TEXT_STEPS} steps of Mamba with four layers of width 128.`,
  async run(context) {
    const rows = await atOneBudget('tinyshakespeare', TEXT, TEXT_STEPS, context)
    const of = (label: string): number => mean(scores(rows, label, 'nats per character'))
    const table = TEXT.map(({ label }) => `${label} ${of(label).toFixed(3)}`).join(', ')
    return {
      rows,
      passed: Math.min(of('Mamba'), of('xLSTM[7:1]')) <= of('transformer'),
      sentence: `Nats per character, mean over seeds: ${table}.`,
    }
  },
}

const WINDOWS = { 'data.seqlen': 1024, 'data.batch': 4, 'model.norm': 'layer', 'model.mixers.s4d.d_state': 32 }
const SOUND: readonly Arm[] = [
  { label: 'SaShiMi', preset: 'sashimi-small', set: { ...WINDOWS, 'model.layers': '2×s4d', 'model.d_model': 16 } },
  { label: 'S4D stack', preset: 's4d-small', set: { ...WINDOWS, 'model.layers': '6×s4d', 'model.d_model': 64 } },
]
const SOUND_STEPS = 600

export const sound: Study = {
  name: 'sound',
  title: 'Raw sound at several rates',
  claim:
    'Layers at several rates model raw sound better than a stack at one rate of the same size (Goel et al. 2022, arXiv:2202.09729, tables 3 and 6).',
  setting: `The bundled guitar and piano recordings (CC0, 16 kHz), mu-law with 256 levels, windows of 1,024 samples, batch 4, ${SOUND_STEPS} steps each; about as many parameters in both, and the stack takes several times the work.`,
  async run(context) {
    const rows = await atOneBudget('guitar-and-piano', SOUND, SOUND_STEPS, context, 'steps')
    const of = (label: string): number => mean(scores(rows, label, 'bits per sample'))
    return {
      rows,
      passed: of('SaShiMi') < of('S4D stack'),
      sentence: `Bits per sample, mean over seeds: SaShiMi ${of('SaShiMi').toFixed(3)}, S4D stack ${of('S4D stack').toFixed(3)}.`,
    }
  },
}

const GENOME: readonly Arm[] = [
  { label: 'Mamba', set: { 'model.layers': '2×mamba' } },
  { label: 'hybrid', set: { 'model.layers': '1×mamba, 1×attention, 1×mamba', 'model.mixers.attention.mlp': 'none' } },
]
const GENOME_STEPS = 600

export const genome: Study = {
  name: 'genome',
  title: 'Bases of a genome against Markov chains',
  claim:
    'A trained model must be better on held-out bases than counting k-mers (order-k Markov chains), which is where the structure of a genome begins to count.',
  setting: `Phage lambda (48,502 bases), the last tenth held out, both strands in training, at most ${GENOME_STEPS} steps of Mamba's work with early stopping; Markov chains are fitted on the same training bases.`,
  async run(context) {
    const rows = await atOneBudget('lambda', GENOME, GENOME_STEPS, context)
    const of = (label: string): number => mean(scores(rows, label, 'bits per base'))
    const chains = rows.filter(({ seed }) => seed === undefined)
    const best = Math.min(...chains.map((row) => row['bits per base'] as number))
    return {
      rows,
      passed: of('Mamba') < best,
      sentence: `Bits per base, mean over seeds: Mamba ${of('Mamba').toFixed(3)}, hybrid ${of('hybrid').toFixed(3)}; best Markov chain ${best.toFixed(3)}.`,
    }
  },
}
