/**
 * npm run presets -- [--from FOLDER] [--device cpu|webgpu] [--threads N] [--out FOLDER] [DOMAIN/ID …]: trains each preset once, on the bundled
 * sample of its domain, or (those for labelled records) on published data sets from a folder that holds them (datasets/recipes/README.md);
 * scores it on records it has not seen and keeps what came out in projects/presets/results. docs/presets.md is made from these
 * (npm run presets:table). Each preset has a file of its own, so that several can be trained beside each other.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Corpus } from '../studies/corpus.ts'
import { deviceOf, machine } from '../studies/device.ts'
import { type Measured, measured, resultFile } from './measured.ts'

const { values, positionals } = parseArgs({
  options: { from: { type: 'string' }, device: { type: 'string' }, threads: { type: 'string' }, out: { type: 'string' } },
  allowPositionals: true,
})
const choice = deviceOf(values)
const unknown = positionals.find((word) => !measured.some(({ name }) => name === word))
if (unknown !== undefined) throw new Error(`There is no "${unknown}". Name presets as ${measured.map(({ name }) => name).join(', ')}.`)
const chosen = measured.filter(({ name, recipe }) => (positionals.length > 0 ? positionals.includes(name) : !recipe || values.from))
const results = values.out ?? join(import.meta.dirname, 'results')
mkdirSync(results, { recursive: true })
for (const one of chosen) await train(one)
if (positionals.length === 0 && !values.from) console.log('Those for labelled records need --from, the folder of the published data sets.')

async function train({ name, domain, preset, sample, recipe }: Measured): Promise<void> {
  if (recipe && !values.from) throw new Error(`"${name}" needs --from, the folder of the published data sets (datasets/recipes/README.md).`)
  console.log(name)
  const corpus = sample ? await Corpus.sample(sample, choice) : await Corpus.recipe(recipe!, values.from!, choice)
  try {
    const split = corpus.heldOut
    const { run, trained, judged } = await corpus.train(preset.id, {}, split)
    const { score, unit, baselines } = judged
    const { parameters, step: steps, seconds, stepMs, tokensPerSecond, memoryBytes } = run
    const figures = { parameters, steps, bestStep: trained.step, seconds, stepMs, tokensPerSecond, memoryBytes }
    const about = {
      device: corpus.backend.description,
      date: new Date().toISOString(),
      machine: { ...machine(), load: loadavg()[1] },
      node: process.version,
    }
    const result = { domain, id: preset.id, data: run.datasetName, split, score, unit, baselines, ...figures, ...about }
    writeFileSync(join(results, resultFile(name)), `${JSON.stringify(result, null, 1)}\n`)
    const beside = baselines.map((baseline) => `${baseline.name} ${baseline.value.toPrecision(4)}`).join(', ')
    console.log(`  ${score.value.toPrecision(4)} ${unit} (${beside}), ${Math.round(seconds)} s`)
  } finally {
    corpus.close()
  }
}
