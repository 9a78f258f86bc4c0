/**
 * npm run study:merge -- NAME FILE …: puts the parts of a study that were run apart (--out) together in projects/studies/results/NAME.json.
 * With --add what is kept there already stays, but for the same models, cases and seeds. --timing FILE: a run with --timing, from which the
 * minutes of all kept rows follow for the machine where it was made.
 */
import { parseArgs } from 'node:util'
import { studies } from './registry.ts'
import { keep, keptResult, merge, readResult, timedOf } from './results.ts'

const { values, positionals } = parseArgs({
  options: { add: { type: 'boolean', default: false }, timing: { type: 'string' } },
  allowPositionals: true,
})
const [name, ...files] = positionals
const study = studies.find((candidate) => candidate.name === name)
if (!study || (files.length === 0 && !values.timing)) {
  console.log('npm run study:merge -- NAME FILE …')
  process.exitCode = 1
} else {
  const parts = files.map(readResult)
  const other = parts.findIndex((part) => part.name !== name)
  if (other >= 0) throw new Error(`${files[other]} is a part of "${parts[other].name}", not of "${name}".`)
  const kept = values.add || files.length === 0 ? keptResult(study.name) : null
  const all = kept ? [kept, ...parts] : parts
  const timed = values.timing ? timedOf(study, merge(study, all), readResult(values.timing)) : undefined
  const { rows, passed, sentence } = keep(study, all, timed)
  console.log(`${rows.length} rows. ${passed ? 'Shown' : 'NOT shown'}: ${sentence}`)
}
