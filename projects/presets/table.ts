/**
 * npm run presets:table: writes docs/presets.md, and trained.ts beside this file for the gallery, from projects/presets/results. No number
 * in either is typed by hand.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Domain } from '../../main/contract/dataset.ts'
import type { Baseline, Interval, PresetResult } from '../../main/contract/run.ts'
import { type Measured, measured, resultFile } from './measured.ts'

interface Result {
  data: string
  split: string
  score: Interval
  unit: string
  baselines: Baseline[]
  parameters: number
  steps: number
  bestStep: number
  seconds: number
  memoryBytes: number | null
  date: string
  device: string
  machine: { cpu: string; cores: number; load: number }
}

const TITLES: Record<Domain, string> = { genomics: 'Genomics', audio: 'Audio', timeseries: 'Time series', text: 'Text' }
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const n = (value: number): string => value.toPrecision(4)

function resultOf({ name }: Measured): Result | null {
  const file = join(import.meta.dirname, 'results', resultFile(name))
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : null
}

/** What a preset is trained on, in words that say the same of rows that belong together. */
const placeOf = ({ device, machine: { cpu, cores } }: Result): string => `${device}; ${cpu}, ${cores} cores`

/** The best of the rules beside a score, and whether the score is better. */
function besideBest({ score, baselines }: Result, labelled: boolean): { best: Baseline; better: boolean } {
  const [best] = baselines.toSorted((a, b) => (labelled ? b.value - a.value : a.value - b.value))
  return { best, better: labelled ? score.value > best.value : score.value < best.value }
}

function line({ preset: { id, title, config } }: Measured, r: Result | null, places: readonly string[], labelled: boolean): string {
  const head = [`${title} (\`${id}\`)`, config.model.layers]
  if (!r) return row([...head, 'not trained yet: made for a graphics card', '', '', '', '', ''])
  const memory = r.memoryBytes === null ? '' : `${Math.round(r.memoryBytes / 2 ** 20)} MB`
  const steps = r.bestStep === r.steps ? `${r.steps}` : `${r.steps}, best at ${r.bestStep}`
  const { better } = besideBest(r, labelled)
  const score = `${n(r.score.value)} (${n(r.score.low)} to ${n(r.score.high)})`
  return row([
    ...head,
    r.parameters.toLocaleString('en'),
    better ? `**${score}**` : `${score}, not better`,
    r.baselines.map(({ name, value }) => `${name} ${n(value)}`).join(', '),
    steps,
    `${(r.seconds / 60).toFixed(1)} min ${marks[places.indexOf(placeOf(r))]}, load ${r.machine.load.toFixed(0)}`,
    memory,
  ])
}

const marks = ['(a)', '(b)', '(c)', '(d)', '(e)', '(f)']

function tableOf(list: readonly Measured[], intro: (first: Result) => string, labelled: boolean): string {
  const results = list.map(resultOf)
  const found = results.filter((r) => r !== null)
  const places = [...new Set(found.map(placeOf))]
  const head = ['Preset', 'Layers', 'Parameters', found[0] ? `${found[0].unit} (95 %)` : 'Score', 'Baselines', 'Steps', 'Time', 'Memory']
  const where = places.map((place, i) => `${marks[i]} ${place}`).join('; ')
  const dates = [...new Set(found.map(({ date }) => date.slice(0, 10)))].join(', ')
  const words = found[0] ? `${intro(found[0])} ${where}; ${dates}.\n\n` : ''
  return `${words}${[row(head), row(head.map(() => '---')), ...list.map((one, i) => line(one, results[i], places, labelled))].join('\n')}\n`
}

function section(domain: Domain): string {
  const list = measured.filter((one) => one.domain === domain && one.sample)
  return `## ${TITLES[domain]}\n\n${tableOf(list, ({ data, split }) => `On the bundled sample "${data}", ${split} records.`, false)}`
}

function labelled(recipe: string): string {
  const list = measured.filter((one) => one.recipe === recipe)
  const title = list.map(resultOf).find((r) => r !== null)?.data ?? recipe
  return `### ${title}\n\n${tableOf(list, ({ split }) => `Recipe \`${recipe}\`, ${split} records.`, true)}`
}

const intro =
  'Every preset, trained once by `npm run presets` and scored on records it had not seen; bold where it is better than every baseline beside it.\n' +
  'Time is wall time; the load average says how busy the machine was with other things (1 thread of ours adds 1). Scores do not depend on it.\n'
const recipes = [...new Set(measured.flatMap(({ recipe }) => recipe ?? []))]
const classes = `## Labelled records\n\nPublished data sets as [their recipes](../datasets/recipes/README.md) divide them (\`npm run presets -- --from FOLDER\`); of those in folds the first is the test.\n\n${recipes.map(labelled).join('\n')}`
const domains = Object.keys(TITLES) as Domain[]
writeFileSync(join(import.meta.dirname, '../../docs/presets.md'), `# Presets\n\n${intro}\n${domains.map(section).join('\n')}\n${classes}`)

/** Of each preset, by DOMAIN/ID. */
const trained: Record<string, PresetResult[]> = {}
for (const one of measured) {
  const r = resultOf(one)
  if (!r) continue
  const { data, score, unit, steps, seconds, memoryBytes, device } = r
  const { best, better } = besideBest(r, one.recipe !== undefined)
  const round = (value: number): number => Number(value.toPrecision(4))
  const result = {
    data,
    score: round(score.value),
    unit,
    baseline: { name: best.name, value: round(best.value) },
    better,
    steps,
    seconds: round(seconds),
    memoryBytes,
    device,
  }
  ;(trained[`${one.domain}/${one.preset.id}`] ??= []).push(result)
}
const lines = Object.entries(trained).map(
  ([name, results]) => `  '${name}': [\n${results.map((r) => `    ${JSON.stringify(r)},\n`).join('')}  ],`,
)
writeFileSync(
  join(import.meta.dirname, 'trained.ts'),
  [
    "import type { PresetResult } from '../../main/contract/run.ts'\n",
    '/** Made by npm run presets:table from projects/presets/results; by DOMAIN/ID. */',
    'export const trained: Readonly<Record<string, PresetResult[]>> = {',
    ...lines,
    '}\n',
  ].join('\n'),
)
