/** npm run study:table: writes docs/studies.md and its pictures from projects/studies/results. No number in that page is typed by hand. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { studies } from './registry.ts'
import { keptResult, type Making, type Timed } from './results.ts'
import type { Row, Study } from './study.ts'

const docs = join(import.meta.dirname, '../../docs')
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const shown = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value !== 'number'
      ? String(value as string)
      : value !== 0 && Math.abs(value) < 1e-3
        ? value.toExponential(1)
        : value.toLocaleString('en', { maximumFractionDigits: 4 })

function tableOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return [line(columns), line(columns.map(() => '---')), ...rows.map((row) => line(columns.map((c) => shown(row[c]))))].join('\n')
}

/** One sentence for each machine and device: parts made there, and how long they took one after the other. */
function madeOn(made: readonly Making[]): string {
  const key = ({ machine: { cpu, cores, memoryGB }, device, node }: Making): string =>
    `${cpu}, ${cores} cores, ${memoryGB} GB, Node ${node}; ${device}`
  return [...Map.groupBy(made, key)]
    .map(([where, parts]) => {
      const days = [...new Set(parts.map(({ date }) => date.slice(0, 10)))].join(', ')
      const minutes = parts.reduce((sum, part) => sum + part.minutes, 0).toFixed(1)
      const split = parts.length > 1 ? `; ${parts.length} parts, some beside each other` : ''
      return `${where}; ${days}; ${minutes} minutes${split}.`
    })
    .join(' ')
}

/** What it takes where there is no GPU. */
const elsewhere = ({ machine: { cpu, cores }, device, minutes }: Timed): string =>
  `On ${device} (${cpu}, ${cores} cores) the training steps of all rows would take about ${Math.ceil(minutes)} minutes, by a few steps of each model timed there.`

function section(study: Study): string {
  const { name, title, claim, setting, recipes } = study
  const from = recipes ? ' --from FOLDER' : ''
  const head = `## ${title}\n\n${claim}\n\n**Here.** ${setting} Command: \`npm run study -- ${name}${from}\`.\n`
  const result = keptResult(name)
  if (!result) return `${head}\nNot run yet.\n`
  const { rows, made, passed, sentence, timed } = result
  if (study.picture) writeFileSync(join(docs, 'images', `${name}.svg`), study.picture(rows))
  const picture = study.picture ? `![${title}](images/${name}.svg)\n\n` : ''
  const table = tableOf(study.table?.(rows) ?? rows)
  return `${head}\n**${passed ? 'Shown' : 'Not shown'}.** ${sentence}\n\n${picture}${table}\n\n${madeOn(made)}${timed ? ` ${elsewhere(timed)}` : ''}\n`
}

const page = `# Studies\n\nPublished claims about these models, tried again at small sizes: minutes on a GPU, on two cores from minutes to a few hours as each says. Written by \`npm run study:table\` from\n[projects/studies/results](../projects/studies/results).\n\n${studies.map(section).join('\n')}`
writeFileSync(join(docs, 'studies.md'), page)
