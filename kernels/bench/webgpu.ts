import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { openWebGpu } from '../backends/webgpu/webgpu.ts'
import { useSoftwareGpu } from '../testing/softwareGpu.ts'
import { GPU_CASES, IN_MEMORY, TINY_CASES } from './gpuCases.ts'
import { type Check, checkAll } from './gpuCheck.ts'
import { Clock } from './gpuClock.ts'
import { copyDispatch, measureRates } from './gpuMicro.ts'
import { benchAdamW, benchOp, type OpResult } from './gpuOps.ts'
import { benchTraining, TINY_TRAINING, TRAINING_SHAPES, type TrainingResult } from './gpuTraining.ts'
import { measureKernels, tuneScan } from './gpuTune.ts'
import { checkHalves, checkMixed } from './mixedCheck.ts'
import { compareMixed, type MixedRun } from './mixedTraining.ts'

/**
 * Benchmark of the WebGPU backend: correctness of every op against float64 first, then the adapter's own rates, then each hot op and
 * whole training steps against those rates and, with --peers, against PyTorch on the same card (kernels/bench/peers/torch_cuda.py).
 *   node kernels/bench/webgpu.ts [--out FILE] [--peers FILE] [--skip-check | --checked FILE] [--tune] [--only TEXT]
 * --checked takes over the checks that another run of the same sources kept with --out, made meanwhile on a card of the same kind.
 * Rows that --only leaves out stay in --out as they were measured before: training steps want a host that does nothing else.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    peers: { type: 'string' },
    'skip-check': { type: 'boolean', default: false },
    checked: { type: 'string' },
    tune: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})

interface Kept {
  checks: Check[]
  results: (OpResult & { clock: number })[]
  training: (TrainingResult & { clock: number })[]
  choices: unknown[]
  mixed: MixedRun[]
  peers: unknown
}

useSoftwareGpu()
const { backend, reason } = await openWebGpu({ software: true })
if (!backend) {
  console.log(reason)
  process.exit(1)
}
const tiny = backend.target.software
const { adapter } = backend
const seconds = (): string => `${(performance.now() / 1e3).toFixed(0)} s`
console.log(`${backend.description}, subgroup ${backend.target.subgroup}, ${backend.adapter.features.join(' ')}`)

let failed = 0
const say = ({ what, worst, of, allowed, repeats }: Check): void => {
  const good = worst <= allowed && repeats
  if (!good) failed++
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${what}: ${worst.toExponential(1)} (${of}), allowed ${allowed.toExponential(0)}${repeats ? '' : ', not the same bits twice'}`,
  )
}
const checks: Check[] = []
if (!values['skip-check'] && !values.checked)
  for (const check of [(on: typeof backend, tell: typeof say) => checkAll(on, !tiny, tell), checkMixed, checkHalves])
    checks.push(...(await check(backend, say)))
if (checks.length) console.log(`${checks.length - failed} of ${checks.length} checks passed, ${seconds()}`)

const rates = await measureRates(backend, tiny ? 1 << 20 : 1 << 26)
console.log(
  `copy ${(rates.bytes / 1e9).toFixed(0)} GB/s, FMA ${(rates.flops / 1e12).toFixed(2)} TFLOP/s, exp2 ${(rates.exps / 1e12).toFixed(3)} T/s, ` +
    `dispatch ${rates.dispatch.toFixed(2)} us on the device and ${rates.encode.toFixed(2)} us to encode, 4-byte readback ${rates.readback.toFixed(3)} ms`,
)

const peers = new Map<string, number>(values.peers ? Object.entries(JSON.parse(readFileSync(values.peers, 'utf8')).ms) : [])
const cases = (tiny ? TINY_CASES : GPU_CASES).filter(
  (c) => c.name.includes(values.only) && (!c.mixed || backend.target.matrixUnits) && (!c.stored || backend.storesHalves),
)
const choices = await measureKernels(backend, cases, (text) => console.log(text))
if (values.tune)
  for (const c of cases) {
    if (c.op === 'selective_scan' && c.gradients) console.log('tune', await tuneScan(backend, c, rates), seconds())
  }

const clock = await Clock.open(backend)
const flushed = tiny ? 1 << 16 : 1 << 25
const flush = await backend.compileDispatches(
  [copyDispatch(flushed)],
  [backend.createBuffer(flushed, 'f32', 'flush'), backend.createBuffer(flushed, 'f32', 'flush 2')],
)
const results: (OpResult & { clock: number })[] = []
const training: (TrainingResult & { clock: number })[] = []
const mixed: MixedRun[] = []
const before = values.out && existsSync(values.out) ? (JSON.parse(readFileSync(values.out, 'utf8')) as Kept) : null
/** What was measured now in place of what was before, in the order of the list of all. */
function renewed<T extends { readonly name: string }>(
  list: readonly { readonly name: string }[],
  kept: readonly T[],
  now: readonly T[],
): T[] {
  const byName = new Map([...kept, ...now].map((row) => [row.name, row]))
  const order = new Map(list.map(({ name }, i) => [name, i]))
  return [...byName.values()].sort((a, b) => (order.get(a.name) ?? Infinity) - (order.get(b.name) ?? Infinity))
}
/** Writes what there is so far: a run that is cut off keeps what it measured. */
function keep(): void {
  if (!values.out) return
  writeFileSync(
    values.out,
    `${JSON.stringify(
      {
        adapter,
        machine: { cpu: cpus()[0].model, threads: cpus().length, platform: process.platform },
        versions: { node: process.versions.node },
        date: new Date().toISOString(),
        rates,
        checks:
          values.checked && existsSync(values.checked)
            ? (JSON.parse(readFileSync(values.checked, 'utf8')).checks as Check[])
            : values['skip-check']
              ? (before?.checks ?? [])
              : checks,
        results: renewed(GPU_CASES, before?.results ?? [], results),
        choices: choices.length || !before ? choices : before.choices,
        training: renewed(TRAINING_SHAPES, before?.training ?? [], training),
        mixed: mixed.length || !before ? mixed : before.mixed,
        peers: values.peers ? JSON.parse(readFileSync(values.peers, 'utf8')) : (before?.peers ?? null),
      },
      null,
      1,
    )}\n`,
  )
}

const measured: (() => Promise<OpResult>)[] = cases.map((c) => () => benchOp(backend, c, rates, flush))
if ('AdamW'.includes(values.only)) measured.push(() => benchAdamW(backend, tiny ? 4096 : 50e6, rates))
for (const measure of measured) {
  const r = await clock.full(measure)
  results.push(r)
  keep()
  const peer = peers.get(r.name.replace(IN_MEMORY, ''))
  console.log(
    [
      r.name.padEnd(44),
      `${r.ms.toFixed(4)} ms`,
      `floor ${r.floor.toFixed(4)} (${r.bound}) ${((100 * r.floor) / r.ms).toFixed(0)} %`,
      r.name.startsWith('matmul') ? `${(r.flops / r.ms / 1e9).toFixed(1)} TFLOP/s` : `${(r.bytes / r.ms / 1e6).toFixed(0)} GB/s`,
      peer ? `torch ${peer.toFixed(4)} = ${(peer / r.ms).toFixed(2)}x` : '',
      r.elsewhere ? `${r.elsewhere.of} ${r.elsewhere.ms} (another run) = ${(r.elsewhere.ms / r.ms).toFixed(2)}x` : '',
      r.clock < 0.9 ? `at ${(100 * r.clock).toFixed(0)} % of its clock` : '',
      r.dispatches.map(([label, ms]) => `${label} ${ms.toFixed(4)}`).join(', '),
    ].join('  '),
  )
}

for (const shape of tiny ? TINY_TRAINING : TRAINING_SHAPES) {
  if (!shape.name.includes(values.only) || (shape.mixed && !backend.target.matrixUnits)) continue
  const t = await clock.full(() => benchTraining(backend, shape, tiny ? 3 : 200))
  training.push(t)
  keep()
  const peer = peers.get(t.name)
  console.log(
    `${t.name}: ${t.ms.toFixed(3)} ms on the device, ${t.wall.toFixed(3)} ms wall, ${t.encode.toFixed(3)} ms to encode (${((100 * t.encode) / t.wall).toFixed(0)} %), ` +
      `${Math.round(t.tokensPerSecond)} tokens/s, ${t.dispatches} dispatches, arena ${(t.arenaBytes / 2 ** 20).toFixed(0)} MiB, loss ${t.firstLoss.toFixed(3)} to ${t.lastLoss.toFixed(3)}` +
      (peer ? `, torch ${peer.toFixed(2)} ms = ${(peer / t.wall).toFixed(1)}x` : ''),
  )
  console.log(
    `  ${t.profile
      .slice(0, 24)
      .map(([label, ms, n]) => `${label} ${ms.toFixed(3)} (${n})`)
      .join(', ')}`,
  )
}
if (backend.target.matrixUnits && 'float16'.includes(values.only))
  await compareMixed(backend, { mixer: 'mamba', layers: 6, d_model: 256, batch: 16, seqlen: 1024, steps: 120 }, (run) => {
    mixed.push(run)
    keep()
    console.log(
      `Mamba ${run.precision}: ${run.ms.toFixed(3)} ms, ${(run.arenaBytes / 1e6).toFixed(0)} MB, losses ${run.losses.map((x) => x.toFixed(4)).join(' ')}`,
    )
  })
console.log(seconds())
keep()
backend.destroy()
process.exit(failed ? 1 : 0)
