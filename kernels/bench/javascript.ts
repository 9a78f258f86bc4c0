// node kernels/bench/javascript.ts [--rounds N]: ops that libraries in JavaScript can run too, beside jax-js and TF.js on their WASM backends.
// They are installed for this alone, into a folder of the system's for temporary files. Writes kernels/bench/results/javascript-<machine>.json.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { GraphBuilder } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { f32, i32 } from '../tensor/tensor.ts'
import { families, opWithGradient } from './families.ts'
import { Peer } from './peer.ts'
import { best, externals, median, time } from './timing.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const install = join(tmpdir(), 'strand-bench-peers')
cpSync(fileURLToPath(new URL('peers/', import.meta.url)), install, { recursive: true })
console.log(`Installing the peers into ${install}.`)
execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: install, stdio: ['ignore', 'ignore', 'inherit'] })

interface Facts {
  readonly version: string
  readonly threads: number
  readonly does: readonly string[]
}
const peers = await Promise.all(
  ['jax.mjs', 'tfjs.mjs'].map(async (script) => {
    const peer = await Peer.start<Facts>(process.execPath, [join(install, script)])
    if (!peer) throw new Error(`${script} does not start in ${install}`)
    return peer
  }),
)
const backends = await Promise.all([1, Math.min(2, cpus().length)].map((threads) => CpuBackend.open({ threads })))

type Make = (backend: CpuBackend) => Promise<() => void>
const matmul: Make = async (backend) => {
  const g = new GraphBuilder()
  g.store(g.one('matmul', [g.external('a', f32(1024, 1024)), g.external('b', f32(1024, 1024))]), 'y')
  const made = plan(g.graph, backend.sizes)
  const program = await backend.compile(
    made,
    externals(backend, made, () => [-1, 1]),
  )
  return () => program.run()
}
const logits = (name: string): readonly [number, number] => (name === 'in.1' ? [0, 256] : [-1, 1])
const row = (what: string): [what: string, name: string, make: Make] => {
  const { name, make } = families.find(({ peer }) => peer.what === what)!
  return [what, name, make]
}
const rows = [
  ['matmul', 'matmul 1024³', matmul] as const,
  [
    'cross_entropy',
    'softmax cross-entropy and gradient, 2048 rows of 256',
    opWithGradient('cross_entropy', [f32(2048, 256), i32(2048, 1)], {}, logits, ['in.1']),
  ] as const,
  ...['layer_norm', 'gelu', 'attention'].map(row),
]

const round = (x: number): number => Number(x.toPrecision(3))
const side = (ms: readonly number[]): { best: number; median: number } => ({ best: round(best(ms)), median: round(median(ms)) })
const results: { name: string; ours: object[]; peers: { version: string; ms: object }[] }[] = []
for (const [what, name, make] of rows) {
  const runs = await Promise.all(backends.map(make))
  const ours: number[][] = runs.map(() => [])
  const theirs: number[][] = peers.map(() => [])
  runs.forEach((run) => time(5, run))
  for (const peer of peers) await peer.run(what, 3)
  for (let r = 0; r < Number(values.rounds); r++) {
    // interleaved, so that other load on the machine meets all; pauses let threads go to sleep
    for (const [i, run] of runs.entries()) {
      ours[i].push(...time(5, run))
      await pause(20)
    }
    for (const [i, peer] of peers.entries()) theirs[i].push(...(await peer.run(what, 3)).map(({ wall }) => wall))
  }
  results.push({
    name,
    ours: ours.map((ms, i) => ({ threads: backends[i].threads, ...side(ms) })),
    peers: peers.map(({ facts: { version } }, i) => ({ version, ms: side(theirs[i]) })),
  })
  console.log(JSON.stringify(results.at(-1)))
}
peers.forEach((peer) => peer.close())
backends.forEach((backend) => backend.destroy())

const machine = `${cpus().length}x-${cpus()[0].model.replace(/\W+/g, '-').toLowerCase()}`
const folder = fileURLToPath(new URL('results/', import.meta.url))
mkdirSync(folder, { recursive: true })
const report = {
  date: new Date().toISOString(),
  machine: { cpu: cpus()[0].model, cores: cpus().length, memoryGB: Math.round(totalmem() / 2 ** 30), loadAverage: loadavg().map(round) },
  versions: { node: process.version },
  note: 'Milliseconds, interleaved in one run: best and median.',
  results,
}
writeFileSync(join(folder, `javascript-${machine}.json`), `${JSON.stringify(report, null, 2)}\n`)
