/**
 * npm run presets -- [DOMAIN/ID …]: trains each preset once on the bundled sample of its domain, scores it on records it has
 * not seen and keeps what came out in projects/presets/results. docs/presets.md is made from these (npm run presets:table).
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledSamples } from '../../datasets/samples/samples.ts'
import type { Domain } from '../../main/contract/dataset.ts'
import { Corpus } from '../studies/corpus.ts'
import { deviceOf, machine } from '../studies/device.ts'
import { presetsOf } from './presets.ts'

const DOMAINS: readonly Domain[] = ['genomics', 'audio', 'timeseries', 'text']
const { values, positionals } = parseArgs({
  options: { device: { type: 'string' }, threads: { type: 'string' }, out: { type: 'string' } },
  allowPositionals: true,
})
const choice = deviceOf(values)
const all = DOMAINS.flatMap((domain) => presetsOf(domain).map(({ id }) => ({ domain, id })))
const chosen = positionals.length === 0 ? all : all.filter(({ domain, id }) => positionals.includes(`${domain}/${id}`))
if (chosen.length === 0) throw new Error(`Name presets as DOMAIN/ID: ${all.map(({ domain, id }) => `${domain}/${id}`).join(', ')}.`)

const results = values.out ?? join(import.meta.dirname, 'results')
mkdirSync(results, { recursive: true })
for (const { domain, id } of chosen) {
  const { sample } = bundledSamples().find((one) => one.sample.domain === domain)!
  console.log(`${domain}/${id} on ${sample.name}`)
  const corpus = await Corpus.sample(sample.id, choice)
  try {
    const split = corpus.heldOut
    const { run, trained, judged, device } = await corpus.train(id, {}, split)
    const { score, unit, baselines } = judged
    const { parameters, step: steps, seconds, stepMs, tokensPerSecond, memoryBytes } = run
    const measured = { parameters, steps, bestStep: trained.step, seconds, stepMs, tokensPerSecond, memoryBytes }
    const about = { device, date: new Date().toISOString(), machine: { ...machine(), load: loadavg()[1] }, node: process.version }
    const result = { domain, id, sample: sample.name, split, score, unit, baselines, ...measured, ...about }
    writeFileSync(join(results, `${domain}-${id}.json`), `${JSON.stringify(result, null, 1)}\n`)
    console.log(
      `  ${score.value.toPrecision(4)} ${unit} (${baselines[0].name} ${baselines[0].value.toPrecision(4)}), ${Math.round(seconds)} s`,
    )
  } finally {
    corpus.close()
  }
}
