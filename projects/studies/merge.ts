/**
 * npm run study:merge -- NAME FILE …: puts the parts of a study that were run apart (--out) together in projects/studies/results/NAME.json.
 * With --add what is kept there already stays, but for the same models, cases and seeds.
 */
import { parseArgs } from 'node:util'
import { studies } from './registry.ts'
import { keep, keptResult, readResult } from './results.ts'

const { values, positionals } = parseArgs({ options: { add: { type: 'boolean', default: false } }, allowPositionals: true })
const [name, ...files] = positionals
const study = studies.find((candidate) => candidate.name === name)
if (!study || files.length === 0) {
  console.log('npm run study:merge -- NAME FILE …')
  process.exitCode = 1
} else {
  const parts = files.map(readResult)
  const other = parts.findIndex((part) => part.name !== name)
  if (other >= 0) throw new Error(`${files[other]} is a part of "${parts[other].name}", not of "${name}".`)
  const kept = values.add ? keptResult(study.name) : null
  const { rows, passed, sentence } = keep(study, kept ? [kept, ...parts] : parts)
  console.log(`${rows.length} rows. ${passed ? 'Shown' : 'NOT shown'}: ${sentence}`)
}
