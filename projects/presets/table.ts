/** npm run presets:table: writes docs/presets.md from projects/presets/results. No number in that page is typed by hand. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Domain } from '../../main/contract/dataset.ts'
import type { Baseline, Interval } from '../../main/contract/run.ts'
import { presetsOf } from './presets.ts'

interface Result {
  sample: string
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

function line(domain: Domain, id: string, title: string, layers: string): string {
  const file = join(import.meta.dirname, 'results', `${domain}-${id}.json`)
  if (!existsSync(file)) return row([`${title} (\`${id}\`)`, layers, 'not trained yet', '', '', '', '', ''])
  const r = JSON.parse(readFileSync(file, 'utf8')) as Result
  const memory = r.memoryBytes === null ? '' : `${Math.round(r.memoryBytes / 2 ** 20)} MB`
  const steps = r.bestStep === r.steps ? `${r.steps}` : `${r.steps}, best at ${r.bestStep}`
  return row([
    `${title} (\`${id}\`)`,
    layers,
    r.parameters.toLocaleString('en'),
    `**${n(r.score.value)}** (${n(r.score.low)} to ${n(r.score.high)})`,
    r.baselines.map(({ name, value }) => `${name} ${n(value)}`).join(', '),
    steps,
    `${(r.seconds / 60).toFixed(1)} min, load ${r.machine.load.toFixed(1)}`,
    memory,
  ])
}

function section(domain: Domain): string {
  const presets = presetsOf(domain)
  const first = presets.map(({ id }) => join(import.meta.dirname, 'results', `${domain}-${id}.json`)).find(existsSync)
  const r = first ? (JSON.parse(readFileSync(first, 'utf8')) as Result) : null
  const head = ['Preset', 'Layers', 'Parameters', r ? `${r.unit} (95 %)` : 'Score', 'Baselines', 'Steps', 'Time', 'Memory']
  const intro = r
    ? `On the bundled sample "${r.sample}", ${r.split} records. ${r.machine.cpu}, ${r.machine.cores} cores; ${r.device}; ${r.date.slice(0, 10)}.\n\n`
    : ''
  const rows = presets.map(({ id, title, config }) => line(domain, id, title, config.model.layers))
  return `## ${TITLES[domain]}\n\n${intro}${[row(head), row(head.map(() => '---')), ...rows].join('\n')}\n`
}

const intro =
  'Every preset, trained once by `npm run presets` on the sample of its domain that comes with Strand and scored on records it had not seen.\n' +
  'Time is wall time; the load average says how busy the machine was with other things (1 thread of ours adds 1). Scores do not depend on it.\n'
const domains = Object.keys(TITLES) as Domain[]
writeFileSync(join(import.meta.dirname, '../../docs/presets.md'), `# Presets\n\n${intro}\n${domains.map(section).join('\n')}`)
