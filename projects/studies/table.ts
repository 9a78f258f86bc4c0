/** npm run study:table: writes docs/studies.md from projects/studies/results. No number in that page is typed by hand. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { studies } from './registry.ts'
import type { Outcome, Study } from './study.ts'

interface Result extends Outcome {
  date: string
  machine: { cpu: string; cores: number; memoryGB: number }
  node: string
  seeds: number[]
  minutes: number
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const shown = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'number'
      ? value.toLocaleString('en', { maximumFractionDigits: 4 })
      : String(value as string)

function section({ name, title, claim, setting }: Study): string {
  const head = `## ${title}\n\n${claim}\n\n**Here.** ${setting} Command: \`npm run study -- ${name}\`.\n`
  const file = join(import.meta.dirname, 'results', `${name}.json`)
  if (!existsSync(file)) return `${head}\nNot run yet.\n`
  const result = JSON.parse(readFileSync(file, 'utf8')) as Result
  const columns = [...new Set(result.rows.flatMap((row) => Object.keys(row)))]
  const table = [line(columns), line(columns.map(() => '---')), ...result.rows.map((row) => line(columns.map((c) => shown(row[c]))))].join(
    '\n',
  )
  const { machine, date, node, seeds, minutes } = result
  const made = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, Node ${node}, CPU backend; ${date.slice(0, 10)}; seeds ${seeds.join(', ')}; ${minutes.toFixed(1)} minutes.`
  return `${head}\n**${result.passed ? 'Shown' : 'Not shown'}.** ${result.sentence}\n\n${table}\n\n${made}\n`
}

const page = `# Studies\n\nPublished claims about these models, tried again at sizes that two cores manage in minutes. Written by \`npm run study:table\` from\n[projects/studies/results](../projects/studies/results).\n\n${studies.map(section).join('\n')}`
writeFileSync(join(import.meta.dirname, '../../docs/studies.md'), page)
