import type { Choice } from '../backends/webgpu/choices.ts'
import { tune, unmeasured } from '../backends/webgpu/tune.ts'
import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { PREFERRED_WALKS, type WalkKind, type WalkShape } from '../ops/selective_scan/scanPlan.ts'
import type { BenchCase } from './gpuCases.ts'
import type { Rates } from './gpuMicro.ts'
import { benchOp, benchPlan } from './gpuOps.ts'

/** Milliseconds for everything that a benchmark measures before. */
const LIMIT_MS = 100_000

/** Measures the variants of each kernel as a training run does, so that the benchmark times what a run would use; a line for each. */
export async function measureKernels(backend: WebGpuBackend, cases: readonly BenchCase[], say: (text: string) => void): Promise<Choice[]> {
  const chosen: Choice[] = []
  for (const mixed of [false, true]) {
    backend.useMixedPrecision(mixed)
    const plans = cases.filter((c) => (c.mixed ?? false) === mixed).map((c) => benchPlan(backend, c).plan)
    chosen.push(...(await tune(backend, unmeasured(backend, plans), { limitMs: LIMIT_MS / 2, tell: () => {} })))
  }
  backend.useMixedPrecision(false)
  for (const { op, key, name, ms, ruleMs } of chosen)
    say(`measured ${op} ${key}: ${name}${ms === null ? ', no time' : ` ${ms.toFixed(4)} ms, by rule ${ruleMs!.toFixed(4)}`}`)
  return chosen
}

const WALK_VARIANTS: readonly [WalkKind, Partial<WalkShape>][] = [
  ['K1', {}],
  ['K1', { RT: 16 }],
  ['K1', { RT: 4 }],
  ['K1', { workgroup: 64 }],
  ['K1', { workgroup: 256 }],
  ['K3', { c: 1 }],
  ['K3', { c: 4 }],
  ['K3', { tiled: true }],
  ['K3', { c: 4, tiled: true }],
  ['K3', { RT: 16, tiled: true }],
  ['K3', { workgroup: 64 }],
]

/** Times the scan with one walk laid out differently at a time; milliseconds of that walk and of the whole. */
export async function tuneScan(backend: WebGpuBackend, c: BenchCase, rates: Rates): Promise<string> {
  const label = { F1: 'chunks', F2: 'outputs', K1: 'forwards', K3: 'backwards' }
  const found: string[] = []
  for (const [kind, change] of WALK_VARIANTS) {
    const usual = PREFERRED_WALKS[kind]
    PREFERRED_WALKS[kind] = (chunk) => ({ ...usual(chunk), ...change })
    const { ms, dispatches } = await benchOp(backend, c, rates)
    PREFERRED_WALKS[kind] = usual
    found.push(
      `${kind} ${JSON.stringify(change)} ${dispatches.find(([name]) => name.endsWith(label[kind]))?.[1].toFixed(4)} of ${ms.toFixed(4)}`,
    )
  }
  return `${c.name}: ${found.join(' | ')}`
}
