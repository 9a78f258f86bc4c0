/**
 * npm run presets -- [DOMAIN/ID …]: trains each preset once on the bundled sample of its domain, scores it on records it has
 * not seen and keeps what came out in projects/presets/results. docs/presets.md is made from these (npm run presets:table).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { importFiles } from '../../datasets/importing/importFiles.ts'
import { bundledSamples } from '../../datasets/samples/samples.ts'
import * as store from '../../datasets/store/store.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import type { Domain } from '../../main/contract/dataset.ts'
import type { TrainingNews } from '../api.ts'
import { judge } from '../evaluation/evaluateRun.ts'
import { loadRun } from '../runs/loadRun.ts'
import { newRun } from '../runs/newRun.ts'
import { TrainingControl } from '../training/control.ts'
import { trainRun } from '../training/trainRun.ts'
import { presetsOf } from './presets.ts'

const DOMAINS: readonly Domain[] = ['genomics', 'audio', 'timeseries', 'text']
const { positionals } = parseArgs({ allowPositionals: true })
const all = DOMAINS.flatMap((domain) => presetsOf(domain).map(({ id }) => ({ domain, id })))
const chosen = positionals.length === 0 ? all : all.filter(({ domain, id }) => positionals.includes(`${domain}/${id}`))
if (chosen.length === 0) throw new Error(`Name presets as DOMAIN/ID: ${all.map(({ domain, id }) => `${domain}/${id}`).join(', ')}.`)

const folder = mkdtempSync(join(tmpdir(), 'strand-presets-'))
const project = store.openProject(folder)
const imported = new Map<Domain, number>()
try {
  for (const { domain, id } of chosen) {
    const bundled = bundledSamples().find(({ sample }) => sample.domain === domain)!
    if (!imported.has(domain))
      imported.set(domain, (await importFiles(project, { paths: bundled.paths, options: bundled.options })).datasetId)
    const runId = store.createRun(project, newRun(project, { datasetId: imported.get(domain)!, preset: id, device: 'cpu' }))
    console.log(`${domain}/${id} on ${bundled.sample.name}`)
    const end = await trainRun(project, { runId, device: 'cpu', resume: false }, new TrainingControl(), (news) => keep(runId, news))
    store.updateRun(project, runId, end)
    const run = store.getRunDetail(project, runId)
    const trained = loadRun(project, runId)
    const backend = await CpuBackend.open()
    const split = trained.facts.splits.test.length > 1 ? 'test' : 'validation'
    const quiet = { signal: new AbortController().signal, progress: () => {} }
    const judged = await judge(project, backend, trained, split, quiet)
    backend.destroy()
    const { score, unit, baselines } = judged
    const result = {
      domain,
      id,
      sample: bundled.sample.name,
      split,
      score,
      unit,
      baselines,
      parameters: run.parameters,
      steps: run.step,
      bestStep: trained.step,
      seconds: run.seconds,
      stepMs: run.stepMs,
      tokensPerSecond: run.tokensPerSecond,
      memoryBytes: run.memoryBytes,
      device: backend.description,
      date: new Date().toISOString(),
      machine: { cpu: cpus()[0].model.trim(), cores: cpus().length, memoryGB: Math.round(totalmem() / 2 ** 30), load: loadavg()[1] },
      node: process.version,
    }
    writeFileSync(join(import.meta.dirname, 'results', `${domain}-${id}.json`), `${JSON.stringify(result, null, 1)}\n`)
    console.log(
      `  ${score.value.toPrecision(4)} ${unit} (${baselines[0].name} ${baselines[0].value.toPrecision(4)}), ${Math.round(run.seconds)} s`,
    )
  }
} finally {
  project.close()
  rmSync(folder, { recursive: true, force: true })
}

/** What the data worker writes while a run trains. */
function keep(runId: number, { points = [], checkpoints = [], removed = [], change = {} }: TrainingNews): void {
  store.appendMetrics(project, runId, points)
  for (const checkpoint of checkpoints) store.insertCheckpoint(project, runId, checkpoint)
  for (const path of removed) store.removeCheckpoint(project, runId, path)
  store.updateRun(project, runId, change)
}
