// node kernels/bench/cpuFamilies.ts [--rounds N] [--threads N] [--only TEXT]: rows of families.ts beside PyTorch on the same cores.
// Writes kernels/bench/results/families-<machine>.json and prints the same; with --only it prints the rows whose name has TEXT, and writes nothing.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { families } from './families.ts'
import { openTorch } from './peer.ts'
import { best, median, type Sample, sample, time } from './timing.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, threads: { type: 'string' }, only: { type: 'string', default: '' } },
})
const backend = await CpuBackend.open(values.threads ? { threads: Number(values.threads) } : {})
const round = (x: number): number => Number(x.toPrecision(3))
const side = (samples: readonly Sample[]): { best: number; median: number; cpuBest: number } => {
  const walls = samples.map((s) => s.wall)
  return { best: round(best(walls)), median: round(median(walls)), cpuBest: round(best(samples.map((s) => s.cpu))) }
}

const rows = families.filter((row) => row.name.includes(values.only))
const results: object[] = []
let torch: string | null = null
for (const { name, peer, make } of rows) {
  const before = backend.allocatedBytes
  const run = await make(backend)
  const memoryMB = round((backend.allocatedBytes - before) / 1e6)
  const other = await openTorch(backend.threads, peer.script)
  torch ??= other?.facts.torch ?? null
  const variants = { '': peer.what, ...peer.also }
  const ours: Sample[] = []
  const theirs = Object.fromEntries(Object.keys(variants).map((variant) => [variant, [] as Sample[]]))
  time(3, run)
  for (const what of Object.values(variants)) await other?.run(what, 1)
  for (let r = 0; r < Number(values.rounds); r++) {
    // Interleaved, so that other load on the machine meets both; pauses let the other side's threads go to sleep.
    ours.push(...sample(5, run))
    await pause(30)
    for (const [variant, what] of Object.entries(variants)) if (other) theirs[variant].push(...(await other.run(what, 2)))
    await pause(30)
  }
  other?.close()
  const mine = side(ours)
  const peers = Object.entries(theirs)
    .filter(([, samples]) => samples.length > 0)
    .map(([variant, samples]) => {
      const its = side(samples)
      return { variant, torch: its, ratios: { best: round(its.best / mine.best), median: round(its.median / mine.median) } }
    })
  const theirMB = other?.peakMB ? round(other.peakMB) : null
  results.push({ name, ours: mine, memoryMB, peers, torchMemoryMB: theirMB })
  console.log(
    `${name}\n  Strand ${mine.best} ms best, ${mine.median} median, ${mine.cpuBest} processor; ${memoryMB} MB, PyTorch ${theirMB ?? '?'} MB`,
  )
  for (const { variant, torch: its, ratios } of peers)
    console.log(
      `  PyTorch${variant && ` (${variant})`} ${its.best} ms best, ${its.median} median, ${its.cpuBest} processor: ${ratios.best} / ${ratios.median} times`,
    )
}

if (!values.only) {
  const machine = `${backend.threads}-threads-${cpus().length}x-${cpus()[0].model.replace(/\W+/g, '-').toLowerCase()}`
  const folder = fileURLToPath(new URL('results/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const report = {
    date: new Date().toISOString(),
    machine: { cpu: cpus()[0].model, cores: cpus().length, memoryGB: Math.round(totalmem() / 2 ** 30), loadAverage: loadavg().map(round) },
    versions: { node: process.version, torch },
    backend: backend.description,
    note: 'Milliseconds; ours and PyTorch interleaved in one run: best, median and the least processor time of all threads.',
    results,
  }
  writeFileSync(`${folder}families-${machine}.json`, `${JSON.stringify(report, null, 2)}\n`)
}
backend.destroy()
