/**
 * npm run study -- NAME [--device cpu|webgpu] [--threads N] [--seeds 1,2,3] [--model NAME …] [--case NAME …] [--from FOLDER] [--out FILE] [--timing STEPS]:
 * tries a published claim and keeps what came out in projects/studies/results/NAME.json; without a NAME it lists the studies.
 * A run of some seeds, models or cases takes --out, and `npm run study:merge -- NAME FILE …` puts such parts together.
 * --timing takes a few steps of each training, from which the minutes of a whole run on this machine follow (study:merge --timing FILE).
 * docs/studies.md is made from the results (npm run study:table).
 */
import { parseArgs } from 'node:util'
import { deviceOf, machine, openDevice } from './device.ts'
import { studies } from './registry.ts'
import { keep, type Result, SEEDS, writeResult } from './results.ts'
import type { Context, Row, Study } from './study.ts'

const { values, positionals } = parseArgs({
  options: {
    seeds: { type: 'string' },
    model: { type: 'string', multiple: true },
    case: { type: 'string', multiple: true },
    device: { type: 'string', default: 'cpu' },
    threads: { type: 'string' },
    from: { type: 'string' },
    out: { type: 'string' },
    timing: { type: 'string' },
  },
  allowPositionals: true,
})

/** All where none are chosen. */
function among(all: readonly string[], chosen: readonly string[] = all, option: string): readonly string[] {
  const unknown = chosen.find((word) => !all.includes(word))
  if (unknown !== undefined)
    throw new Error(`${option} "${unknown}" is not in this study; there are ${all.map((one) => `"${one}"`).join(', ')}.`)
  return chosen
}

function contextOf(study: Study): Omit<Context, 'say' | 'keep'> {
  const seeds = values.seeds?.split(',').map(Number) ?? study.seeds ?? SEEDS
  if (seeds.some((seed) => !Number.isInteger(seed) || seed < 0)) throw new Error(`--seeds are whole numbers, not "${values.seeds!}".`)
  if (study.recipes && !values.from)
    throw new Error(
      `"${study.name}" needs --from, the folder of the data sets ${study.recipes.join(' and ')} (datasets/recipes/README.md).`,
    )
  return {
    seeds,
    models: among(study.models, values.model, '--model'),
    cases: among(study.cases?.all ?? [], values.case, '--case'),
    ...deviceOf(values),
    from: values.from,
    timing: values.timing === undefined ? undefined : Number(values.timing),
  }
}

async function main(study: Study): Promise<void> {
  const context = contextOf(study)
  const whole = !values.timing && !values.model && !values.case && (study.seeds ?? SEEDS).every((seed) => context.seeds.includes(seed))
  if (!whole && !values.out) throw new Error('A part of a study takes --out FILE; npm run study:merge puts parts together.')
  const backend = await openDevice(context)
  const device = backend.description
  backend.destroy()
  const began = performance.now()
  const about = { date: new Date().toISOString(), machine: machine(), device, node: process.version }
  const resultOf = (rows: readonly Row[]): Result => ({
    name: study.name,
    made: [{ ...about, minutes: (performance.now() - began) / 60_000 }],
    rows,
  })
  const so: Row[] = []
  const rows = await study.run({
    ...context,
    say: (line) => console.log(line),
    keep(found) {
      so.push(...found)
      for (const row of found) console.log(JSON.stringify(row))
      // a part that is stopped keeps what it has
      if (values.out) writeResult(resultOf(so), values.out)
    },
  })
  if (values.out) writeResult(resultOf(rows), values.out)
  else {
    const { passed, sentence } = keep(study, [resultOf(rows)])
    console.log(`${passed ? 'Shown' : 'NOT shown'}: ${sentence}`)
  }
  console.log(`${study.name}: ${((performance.now() - began) / 60_000).toFixed(1)} min on ${device}`)
}

const [name] = positionals
const study = studies.find((candidate) => candidate.name === name)
if (!study) {
  console.log(name ? `There is no study "${name}". The studies are:` : 'npm run study -- NAME [--device cpu|webgpu] [--seeds 1,2,3]')
  for (const { name: id, title, recipes } of studies) console.log(`  ${id.padEnd(20)} ${title}${recipes ? ' (needs --from)' : ''}`)
  process.exitCode = 1
} else
  try {
    await main(study)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
