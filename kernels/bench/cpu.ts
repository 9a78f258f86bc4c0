// node kernels/bench/cpu.ts [--rounds N] [--threads N]: what the CPU backend reaches on this machine, beside PyTorch on the same cores.
// Writes kernels/bench/results/cpu-<machine>.json and prints the same.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { GraphBuilder } from '../graph/graph.ts'
import { type Command, plan } from '../graph/plan.ts'
import { Model } from '../models/model.ts'
import { stepPlan, trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { ops } from '../ops/registry.ts'
import { f32 } from '../tensor/tensor.ts'
import { fmaRate } from './fmaRate.ts'
import { openTorch } from './peer.ts'
import { best, externals, median, type Sample, sample, time, timeCommands } from './timing.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' }, threads: { type: 'string' } } })
const rounds = Number(values.rounds)
const backend = await CpuBackend.open(values.threads ? { threads: Number(values.threads) } : {})
const { threads } = backend
const round = (x: number, digits = 3): number => Number(x.toPrecision(digits))
const print = (label: string, text: string): void => console.log(`${label.padEnd(44)} ${text}`)

// 1. What this machine can do at most, measured now.
const copyElements = 16 << 20
const copyRate = await rateOf('copy', copyElements, (t) => (8 * copyElements) / t / 1e6)
const expElements = 1 << 16
const expRate = await rateOf('neg_exp', expElements, (t) => expElements / t / 1e6)
const fmaPeak = threads * (await fmaRate())
print(`copy of ${copyElements >> 18} MB`, `${round(copyRate)} GB/s`)
print('multiply-add peak of WASM SIMD', `${round(fmaPeak)} GFLOP/s (one thread, times ${threads})`)
print('exp', `${round(expRate)} G/s`)

async function rateOf(op: 'copy' | 'neg_exp', elements: number, rate: (ms: number) => number): Promise<number> {
  const g = new GraphBuilder()
  g.store(g.one(op, [g.external('x', f32(1, elements))]), 'y')
  const made = plan(g.graph, backend.sizes)
  const buffers = externals(backend, made, () => [-4, 4])
  const [times] = await timeCommands(backend, made, buffers, 30)
  Object.values(buffers).forEach((b) => b.destroy())
  return rate(best(times))
}

// 2. The training step: Mamba d_model 128, 4 layers, d_state 16, batch 8, length 256, vocabulary 65, AdamW with clipping.
const dims = { batch: 8, seqlen: 256 }
const model = new Model({
  d_model: 128,
  seqlen: dims.seqlen,
  norm: 'rms',
  layers: Array.from({ length: 4 }, () => ({ mixer: 'mamba', options: {} })),
  input: { kind: 'tokens', vocab: 65 },
  head: { at: 'every', width: 65, tied: false },
})
const training = trainingPlan(model, crossEntropy, dims, { beta1: 0.9, beta2: 0.95, eps: 1e-8 }, backend.sizes)
const buffers = externals(backend, training, (name) => (name === 'input' || name === 'targets' ? [0, 65] : [0, 0]), ['input', 'targets'])
buffers.params.write(model.initialise(1))
buffers.hyper.write(Float32Array.of(1e-3, 0.1, 1, 1, 1, 0, 0, 0))
const step = await backend.compile(training, buffers)
const stepMB = round(backend.allocatedBytes / 1e6)
const square = matmulPlan(1024)
const squareBuffers = externals(backend, square, () => [-1, 1])
const matmul = await backend.compile(square, squareBuffers)
const scans = { ...training, commands: training.commands.filter((c) => c.op.startsWith('selective_scan')) }
const oneScan = await backend.compile(
  // of one layer, as the peer runs it: gradients come in the reverse order
  { ...scans, commands: [scans.commands.find((c) => c.op === 'selective_scan')!, scans.commands.at(-1)!] },
  buffers,
)
time(3, () => step.run())

function matmulPlan(n: number): ReturnType<typeof plan> {
  const g = new GraphBuilder()
  g.store(g.one('matmul', [g.external('a', f32(n, n)), g.external('b', f32(n, n))]), 'y')
  return plan(g.graph, backend.sizes)
}

const peer = await openTorch(threads)
if (!peer) print('PyTorch', 'no python3 with torch found (STRAND_TORCH_PYTHON names one): no comparison')
const ours = { step: [] as Sample[], matmul: [] as Sample[], scan: [] as Sample[] }
const theirs = { step: [] as Sample[], matmul: [] as Sample[], scan_custom: [] as Sample[], scan_loop: [] as Sample[] }
await peer?.run('step', 2)
await peer?.run('scan_loop', 1)
for (let r = 0; r < rounds; r++) {
  // Interleaved, so that other load on the machine meets both; pauses let the other side's threads go to sleep.
  ours.step.push(...sample(6, () => step.run()))
  ours.matmul.push(...sample(4, () => matmul.run()))
  ours.scan.push(...sample(4, () => oneScan.run()))
  if (!peer) continue
  await pause(30)
  theirs.step.push(...(await peer.run('step', 2)))
  theirs.matmul.push(...(await peer.run('matmul', 4)))
  theirs.scan_custom.push(...(await peer.run('scan_custom', 2)))
  theirs.scan_loop.push(...(await peer.run('scan_loop', 1)))
  await pause(30)
}
peer?.close()

const tokens = dims.batch * dims.seqlen
const walls = (samples: readonly Sample[]): number[] => samples.map((s) => s.wall)
const cpuTimes = (samples: readonly Sample[]): number[] => samples.map((s) => s.cpu)
const compare = (label: string, a: Sample[], b: Sample[], extra: (ms: number) => string): object => {
  const side = (t: Sample[]): object | null =>
    t.length ? { best: round(best(walls(t))), median: round(median(walls(t))), cpuBest: round(best(cpuTimes(t))) } : null
  const line = (t: Sample[]): string =>
    `${round(best(walls(t)))} ms best, ${round(median(walls(t)))} median, ${round(best(cpuTimes(t)))} cpu (${extra(best(walls(t)))})`
  print(label, line(a))
  if (!b.length) return { ours: side(a), torch: null }
  const ratio = (of: (t: Sample[]) => number): number => round(of(b) / of(a))
  const ratios = { best: ratio((t) => best(walls(t))), median: ratio((t) => median(walls(t))), cpu: ratio((t) => best(cpuTimes(t))) }
  print('  PyTorch', line(b))
  print('  PyTorch / ours', `${ratios.best} best, ${ratios.median} median, ${ratios.cpu} cpu`)
  return { ours: side(a), torch: side(b), ratios }
}
const perSecond = (ms: number): string => `${Math.round((tokens / ms) * 1000)} tokens/s`
const gflops = (ms: number): string => `${round((2 * 1024 ** 3) / ms / 1e6)} GFLOP/s`
const results = {
  step: compare('training step', ours.step, theirs.step, perSecond),
  matmul1024: compare('matmul 1024x1024x1024', ours.matmul, theirs.matmul, gflops),
  scan: compare(
    'selective scan forward + backward',
    ours.scan,
    theirs.scan_custom,
    (t) => `${round((tokens * 256 * 16) / t / 1e6)} G states/s`,
  ),
  scanAgainstLoop: compare(
    '  the same against the autograd loop',
    ours.scan,
    theirs.scan_loop,
    (t) => `${round((tokens * 256 * 16) / t / 1e6)} G states/s`,
  ),
}

// 3. Every command of that step alone, against the floor that 1. gives.
const commandTimes = await timeCommands(backend, training, buffers, 12)
const rows = new Map<string, { count: number; ms: number; flops: number; bytes: number; floor: number }>()
training.commands.forEach((command, i) => {
  const { flops, exps = 0 } = ops[command.op].cost(command.inputs, command.attrs)
  const bytes = [...command.inputs, ...command.outputs].reduce((sum, o) => sum + 4 * o.rows * o.cols, 0)
  const row = rows.get(labelOf(command)) ?? { count: 0, ms: 0, flops, bytes, floor: 0 }
  row.count++
  row.ms += best(commandTimes[i])
  row.floor += Math.max(bytes / copyRate, flops / fmaPeak, exps / expRate) / 1e6
  rows.set(labelOf(command), row)
})
function labelOf({ op, attrs, inputs, outputs }: Command): string {
  if (op !== 'matmul') return op
  const K = attrs.transA ? inputs[0].rows : inputs[0].cols
  return `matmul ${attrs.transA ? 'T' : 'N'}${attrs.transB ? 'T' : 'N'} ${outputs[0].rows}x${outputs[0].cols}x${K}`
}
const commands = [...rows]
  .map(([name, { count, ms, flops, bytes, floor }]) => ({
    name,
    count,
    ms: round(ms),
    gflops: round((count * flops) / ms / 1e6),
    gbytes: round((count * bytes) / ms / 1e6),
    percentOfFloor: Math.round((100 * floor) / ms),
  }))
  .sort((a, b) => b.ms - a.ms)
for (const c of commands)
  print(`${c.count} x ${c.name}`, `${c.ms} ms, ${c.gflops} GFLOP/s, ${c.gbytes} GB/s, floor is ${c.percentOfFloor} % of the time`)

// 4. Generation: one token at a time from the recurrent state.
const decoding = stepPlan(model, 1, backend.sizes)
const decodeBuffers = externals(backend, decoding, (name) => (name === 'input' ? [0, 65] : [0, 0]), ['input'])
decodeBuffers.params.write(model.initialise(1))
const decode = await backend.compile(decoding, decodeBuffers)
time(200, () => decode.run())
const decodeTimes = time(2000, () => decode.run())
print('one token of generation', `${round(median(decodeTimes) * 1000)} us (${Math.round(1000 / median(decodeTimes))} tokens/s)`)

const machine = `${threads}-threads-${cpus().length}x-${cpus()[0].model.replace(/\W+/g, '-').toLowerCase()}`
const report = {
  date: new Date().toISOString(),
  machine: {
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    loadAverage: loadavg().map((x) => round(x)),
  },
  versions: { node: process.version, v8: process.versions.v8, torch: peer?.facts.torch ?? null },
  backend: backend.description,
  note: 'Milliseconds; ours and PyTorch interleaved in one run. Other work may share the machine (see loadAverage): best, median and the least processor time of all threads are given.',
  rates: { copyGBs: round(copyRate), fmaGflops: round(fmaPeak), expGs: round(expRate) },
  parameters: { ours: model.parameterCount, torch: peer?.facts.parameters ?? null },
  memoryMB: { arena: round((4 * training.arenaElements) / 1e6), all: stepMB, torch: peer?.peakMB ? round(peer.peakMB) : null },
  ...results,
  decode: { medianUs: round(median(decodeTimes) * 1000) },
  commands,
}
const folder = fileURLToPath(new URL('results/', import.meta.url))
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}cpu-${machine}.json`, `${JSON.stringify(report, null, 2)}\n`)
backend.destroy()
