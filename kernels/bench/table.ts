// node kernels/bench/table.ts: writes docs/performance.md from kernels/bench/results/*.json. No number in that page is typed by hand.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IN_MEMORY } from './gpuCases.ts'
import { type GenerateResult, type PredictResult, runtimeSections, type SoakResult } from './tableRuntime.ts'

interface Pair {
  ours: { best: number; median: number }
  torch: { best: number; median: number }
  ratios: { best: number; median: number }
}
interface CpuResult {
  date: string
  machine: { cpu: string; cores: number; memoryGB: number; loadAverage: number[] }
  versions: { node: string; torch: string }
  backend: string
  rates: { copyGBs: number; fmaGflops: number; expGs: number }
  memoryMB: { arena: number; all: number; torch?: number | null }
  step: Pair
  matmul1024: Pair
  scan: Pair
  scanAgainstLoop: Pair
  decode: { medianUs: number }
}
interface GpuResult {
  date: string
  /** What a reader must know of this run, in a sentence. */
  note?: string
  adapter: { name: string; api: string }
  versions: { node: string }
  rates: { bytes: number; flops: number; exps: number; halfFlops?: number | null; dispatch: number }
  checks: { what: string; of: string; worst: number; allowed: number; repeats: boolean }[]
  results: {
    name: string
    ms: number
    /** Of the card's fastest clock, when the time was taken. */
    clock?: number
    flops?: number
    floor: number
    bound: string
    dispatches: [label: string, ms: number][]
    elsewhere?: { ms: number; of: string }
  }[]
  training: { name: string; ms: number; wall: number; encode: number; tokensPerSecond: number; arenaBytes: number }[]
  /** `compiled`: through torch.compile, where a compiler has something to fuse. */
  peers: { torch: string; ms: Record<string, number>; compiled?: Record<string, number> }
}

interface JavaScriptResult {
  date: string
  machine: CpuResult['machine']
  versions: { node: string }
  results: {
    name: string
    ours: { threads: number; best: number; median: number }[]
    peers: { version: string; ms: { best: number; median: number } }[]
  }[]
}

interface FamilyResult {
  date: string
  machine: CpuResult['machine']
  versions: { node: string; torch: string | null }
  backend: string
  results: {
    name: string
    ours: Pair['ours']
    memoryMB: number
    torchMemoryMB: number | null
    peers: { variant: string; torch: Pair['torch']; ratios: Pair['ratios'] }[]
  }[]
}

const folder = join(import.meta.dirname, 'results')
const read = <T>(start: string): T[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(start) && name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T)

const number = (x: number): string => (x >= 100 ? x.toFixed(0) : String(Number(x.toPrecision(3))))
const day = (date: string): string => date.slice(0, 10)
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

function cpuSection(r: CpuResult): string {
  const pair = (name: string, p: Pair): string[] => [
    name,
    `${number(p.ours.best)} / ${number(p.ours.median)}`,
    `${number(p.torch.best)} / ${number(p.torch.median)}`,
    `${number(p.ratios.best)} / ${number(p.ratios.median)}`,
  ]
  return `## ${r.backend}, beside PyTorch ${r.versions.torch} on the same cores

${r.machine.cpu}, ${r.machine.cores} cores, ${r.machine.memoryGB} GB; Node ${r.versions.node}; ${day(r.date)}; load average while it ran
${r.machine.loadAverage.map(number).join(', ')}. Measured in the run: copy ${number(r.rates.copyGBs)} GB/s, multiply-add peak of WASM SIMD ${number(r.rates.fmaGflops)} GFLOP/s,
exp ${number(r.rates.expGs)} G/s. Interleaved runs, milliseconds, best / median. PyTorch is the best variant we could write: its scan has the backward pass
written out by hand; the last line is its plain autograd loop.

${table(
  ['', 'Strand', 'PyTorch', 'PyTorch / Strand'],
  [
    pair('training step, Mamba d_model 128, 4 layers, batch 8, length 256, vocabulary 65', r.step),
    pair('matmul 1024³', r.matmul1024),
    pair('selective scan forward and gradient, batch 8, length 256, d_inner 256, d_state 16', r.scan),
    pair('the same against an autograd loop', r.scanAgainstLoop),
  ],
)}

That training step works in ${number(r.memoryMB.all)} MB (activations ${number(r.memoryMB.arena)} MB)${r.memoryMB.torch ? `; PyTorch's process grows by ${number(r.memoryMB.torch)} MB at most` : ''}. One token of generation takes ${number(r.decode.medianUs)} µs.`
}

/** Other model families; the first peer of a row is the fastest variant we could write. */
function familySection(r: FamilyResult): string {
  const lines = r.results.flatMap(({ name, ours, memoryMB, torchMemoryMB, peers }) =>
    peers.map(({ variant, torch, ratios }, i) => [
      i ? `the same against ${variant}` : name,
      `${number(ours.best)} / ${number(ours.median)}`,
      `${number(torch.best)} / ${number(torch.median)}`,
      `${number(ratios.best)} / ${number(ratios.median)}`,
      i || torchMemoryMB === null ? '' : `${number(memoryMB)} / ${number(torchMemoryMB)}`,
    ]),
  )
  return `## Other families: ${r.backend}, beside PyTorch ${r.versions.torch} on the same cores

${r.machine.cpu}, ${r.machine.cores} cores; Node ${r.versions.node}; ${day(r.date)}; load average while it ran ${r.machine.loadAverage.map(number).join(', ')}.
Interleaved runs, milliseconds, best / median. Memory is what Strand's buffers take and by how much PyTorch's process grows at most.

${table(['', 'Strand', 'PyTorch', 'PyTorch / Strand', 'MB, Strand / PyTorch'], lines)}`
}

/** Beside libraries in JavaScript, which have one thread. */
function javascriptSection(r: JavaScriptResult): string {
  const [{ ours, peers }] = r.results
  const lines = r.results.map((it) => [
    it.name,
    ...it.ours.map(({ best, median }) => `${number(best)} / ${number(median)}`),
    ...it.peers.map(({ ms }) => `${number(ms.best)} / ${number(ms.median)} (${number(ms.median / it.ours[0].median)}×)`),
  ])
  return `## Beside libraries in JavaScript, on the same cores

${r.machine.cpu}, ${r.machine.cores} cores; Node ${r.versions.node}; ${day(r.date)}; load average while it ran ${r.machine.loadAverage.map(number).join(', ')}. From \`node kernels/bench/javascript.ts\`,
which installs them for itself. Interleaved runs, milliseconds, best / median, and how many times as long as Strand with one thread, which is what they have in Node.

${table(['', ...ours.map(({ threads }) => `Strand, ${threads} ${threads === 1 ? 'thread' : 'threads'}`), ...peers.map(({ version }) => version)], lines)}`
}

/** Each side with the thread count that suits it: more threads are not always faster for PyTorch. */
function fairest(results: readonly CpuResult[]): string[] {
  if (results.length < 2) return []
  const fastest = (side: 'ours' | 'torch', kind: 'best' | 'median'): number => Math.min(...results.map((r) => r.step[side][kind]))
  const [best, median] = (['best', 'median'] as const).map((kind) => ({ ours: fastest('ours', kind), torch: fastest('torch', kind) }))
  return [
    `## The training step with each side's fastest thread count

Strand ${number(best.ours)} ms best, ${number(median.ours)} median; PyTorch ${number(best.torch)} best, ${number(median.torch)} median: **${number(best.torch / best.ours)} times faster by the best, ${number(median.torch / median.ours)} by the median**. This is the
number to quote; taken from the two runs below, whose own ratios compare equal thread counts.`,
  ]
}

const HALVES = ` Rows named float16 are products in mixed precision: Strand's
time holds the rounding of both float32 inputs, PyTorch's inputs and results are float16 from the start.`

const LYING = ` In rows named float16 in memory Strand's are so too.`

const STORED = ` In rows with float16 activations
these lie in memory as float16, states and arithmetic are float32; the time is that of the op's dispatches added up.`

function compiled({ peers }: GpuResult, name: string, ms: number): string {
  const its = peers.compiled?.[name]
  return its === undefined ? '' : `, compiled ${number(its)} (${number(its / ms)}×)`
}

function gpuSection(r: GpuResult): string {
  const rows = r.results.map(({ name, ms, clock = 1, flops, floor, bound, dispatches, elsewhere }) => {
    const peer = r.peers.ms[name.replace(IN_MEMORY, '')]
    const other =
      peer !== undefined
        ? `${number(peer)} (${number(peer / ms)}×)${compiled(r, name, ms)}`
        : elsewhere
          ? `${number(elsewhere.ms)} (${number(elsewhere.ms / ms)}×), ${elsewhere.of}, another run`
          : ''
    const alone = dispatches.find(([label]) => label === 'matmul.units')?.[1]
    const own =
      alone === undefined || flops === undefined
        ? number(ms)
        : `${number(ms)} (the product alone ${number(alone)}, ${number(flops / alone / 1e9)} TFLOP/s)`
    return [
      name,
      clock < 0.9 ? `${own}, the card at ${(100 * clock).toFixed(0)} % of its clock` : own,
      `${((100 * floor) / ms).toFixed(0)} % (${bound})`,
      other,
    ]
  })
  const steps = r.training.map(({ name, ms, encode, tokensPerSecond, arenaBytes }) => {
    const peer = r.peers.ms[name]
    return [
      name,
      number(ms),
      number(tokensPerSecond),
      `${((100 * encode) / ms).toFixed(0)} %`,
      `${number(arenaBytes / 1e6)} MB`,
      peer === undefined ? '' : `${number(peer)} (${number(peer / ms)}×)${compiled(r, name, ms)}`,
    ]
  })
  const passed = r.checks.filter((c) => c.worst <= c.allowed)
  const worst = Math.max(...passed.filter((c) => c.allowed > 0).map((c) => c.worst / c.allowed))
  const outside = r.checks.filter((c) => c.worst > c.allowed)
  const failed = outside.map((c) => `${c.what} (${c.of} ${c.worst.toExponential(1)}, allowed ${c.allowed.toExponential(0)})`).join('; ')
  return `## WebGPU on ${r.adapter.name} (${r.adapter.api}), beside PyTorch ${r.peers.torch} on the same card

Node ${r.versions.node}; ${day(r.date)}. Measured in the run: copy ${number(r.rates.bytes / 1e9)} GB/s, f32 multiply-add ${number(r.rates.flops / 1e12)} TFLOP/s, exp ${number(r.rates.exps / 1e12)} T/s${r.rates.halfFlops ? `, matrix units on float16 ${number(r.rates.halfFlops / 1e12)} TFLOP/s` : ''}.
Before timing, ${r.checks.length} checks of every op against float64 ran on the card: ${passed.length} within tolerance (the worst at ${(100 * worst).toFixed(0)} % of what is allowed),
${r.checks.filter((c) => c.repeats).length} with the same bits in two runs.${failed ? ` **Outside it: ${failed}.**` : ''}
${r.note ? `${r.note} ` : ''}Times are GPU times in milliseconds; the floor is bytes, FLOPs or exponentials over the measured rates.
PyTorch runs in f32 without TF32; where it has no kernel, a figure from elsewhere is marked.${r.results.some(({ name }) => name.endsWith('float16')) ? HALVES : ''}${r.results.some(({ name }) => name.endsWith(IN_MEMORY)) ? LYING : ''}${r.results.some(({ name }) => name.endsWith('float16 activations')) ? STORED : ''}

${table(['op', 'Strand ms', 'of the floor', 'PyTorch ms (PyTorch / Strand)'], rows)}

${table(['training step', 'ms', 'tokens/s', 'CPU time to encode', 'activations', 'PyTorch, ms (Mamba with an eager scan)'], steps)}`
}

const runtime = runtimeSections(
  { predict: read<PredictResult>('predict-'), generate: read<GenerateResult>('generate-'), soak: read<SoakResult>('soak-') },
  { number, day, table },
)
const page = `# Performance

Made by \`npm run bench:table\` from \`kernels/bench/results/\`. The CPU numbers come from \`npm run bench\`, the GPU numbers from
\`npm run bench:gpu\` with \`kernels/bench/peers/torch_cuda.py\` in the same call. A ratio above 1 means that Strand is faster. Both sides ran in one process or one call on the same machine.

${[...fairest(read<CpuResult>('cpu-')), ...read<CpuResult>('cpu-').map(cpuSection), ...read<FamilyResult>('families-').map(familySection), ...read<JavaScriptResult>('javascript-').map(javascriptSection), ...read<GpuResult>('webgpu-').map(gpuSection), ...runtime].join('\n\n')}
`
writeFileSync(join(import.meta.dirname, '../../docs/performance.md'), page)
