/**
 * npm run study -- NAME [--seeds 1,2,3] [--threads N]: tries a published claim and keeps what came out in projects/studies/results/NAME.json;
 * without a NAME it lists the studies. docs/studies.md is made from the results (npm run study:table).
 */
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { studies } from './registry.ts'

const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '1,2,3' }, threads: { type: 'string' } },
  allowPositionals: true,
})
const seeds = values.seeds.split(',').map(Number)
const [name] = positionals
const study = studies.find((candidate) => candidate.name === name)
if (!study || seeds.some((seed) => !Number.isInteger(seed) || seed < 0)) {
  console.log(name && !study ? `There is no study "${name}". The studies are:` : 'npm run study -- NAME [--seeds 1,2,3] [--threads N]')
  for (const { name: id, title } of studies) console.log(`  ${id.padEnd(24)} ${title}`)
  process.exitCode = 1
} else {
  const began = performance.now()
  const outcome = await study.run({ seeds, threads: values.threads ? Number(values.threads) : undefined, say: (line) => console.log(line) })
  const machine = { cpu: cpus()[0].model.trim(), cores: cpus().length, memoryGB: Math.round(totalmem() / 2 ** 30) }
  const minutes = (performance.now() - began) / 60_000
  const result = { name, date: new Date().toISOString(), machine, node: process.version, seeds, minutes, ...outcome }
  writeFileSync(join(import.meta.dirname, 'results', `${name}.json`), `${JSON.stringify(result, null, 1)}\n`)
  for (const row of outcome.rows) console.log(JSON.stringify(row))
  console.log(`${outcome.passed ? 'Shown' : 'NOT shown'}: ${outcome.sentence} (${minutes.toFixed(1)} min)`)
}
