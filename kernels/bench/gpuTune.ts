import type { Choice } from '../backends/webgpu/choices.ts'
import { tune, unmeasured } from '../backends/webgpu/tune.ts'
import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { PREFERRED_STRAIGHT, PREFERRED_WALKS, type StraightShape, type WalkKind, type WalkShape } from '../ops/selective_scan/scanPlan.ts'
import type { BenchCase } from './gpuCases.ts'
import type { Rates } from './gpuMicro.ts'
import { benchOp, benchPlan } from './gpuOps.ts'

/** Mixed precision, float16 in memory, and milliseconds for all that a benchmark measures before so. */
const ROUNDS = [
  [false, false, 32_000],
  [true, false, 12_000],
  [false, true, 10_000],
  [true, true, 12_000],
] as const

/** Measures the variants of each kernel as a training run does, so that the benchmark times what a run would use; a line for each. */
export async function measureKernels(backend: WebGpuBackend, cases: readonly BenchCase[], say: (text: string) => void): Promise<Choice[]> {
  const chosen: Choice[] = []
  for (const [mixed, stored, limitMs] of ROUNDS) {
    backend.useMixedPrecision(mixed, stored)
    const plans = cases.filter((c) => (c.mixed ?? false) === mixed && (c.stored ?? false) === stored).map((c) => benchPlan(backend, c).plan)
    const work = unmeasured(backend, plans)
    // First where variants differ most from the rule: a benchmark's time is short, its cases are many.
    const first = work.filter(({ command }) => command.op.startsWith('selective_scan'))
    chosen.push(...(await tune(backend, [...first, ...work.filter((w) => !first.includes(w))], { limitMs, tell: () => {} })))
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

const FORWARD: StraightShape = { workgroup: 64, held: 4, turns: 8, ahead: 1, late: false, parts: 1, backward: null }
const BACKWARD = { workgroup: 128, held: 4, chunk: 8, reduced: 4, segments: 1, keep: true, turned: true }
/** The scan in one walk, forwards and (the last ones) backwards too; null: three passes over chunks each way. */
const STRAIGHT_VARIANTS: readonly (StraightShape | null)[] = [
  null,
  FORWARD,
  { ...FORWARD, workgroup: 32 },
  { ...FORWARD, turns: 4 },
  { ...FORWARD, ahead: 2 },
  { ...FORWARD, late: true },
  { ...FORWARD, held: 2, turns: 4 },
  ...[1, 2, 4].map((segments) => ({ ...FORWARD, backward: { ...BACKWARD, segments } })),
  { ...FORWARD, backward: { ...BACKWARD, reduced: 2, segments: 4 } },
  { ...FORWARD, backward: { ...BACKWARD, chunk: 16 } },
]

/** Times the scan in one walk, laid out differently, then over chunks with one pass different at a time; milliseconds. */
export async function tuneScan(backend: WebGpuBackend, c: BenchCase, rates: Rates): Promise<string> {
  const label = { F1: 'chunks', F2: 'outputs', K1: 'forwards', K3: 'backwards' }
  const found: string[] = []
  const usualPick = PREFERRED_STRAIGHT.pick
  for (const variant of STRAIGHT_VARIANTS) {
    PREFERRED_STRAIGHT.pick = () => variant
    found.push(`${JSON.stringify(variant)} ${(await benchOp(backend, c, rates)).ms.toFixed(4)}`)
  }
  PREFERRED_STRAIGHT.pick = () => null
  for (const [kind, change] of WALK_VARIANTS) {
    const usual = PREFERRED_WALKS[kind]
    PREFERRED_WALKS[kind] = (chunk) => ({ ...usual(chunk), ...change })
    const { ms, dispatches } = await benchOp(backend, c, rates)
    PREFERRED_WALKS[kind] = usual
    found.push(
      `${kind} ${JSON.stringify(change)} ${dispatches.find(([name]) => name.endsWith(label[kind]))?.[1].toFixed(4)} of ${ms.toFixed(4)}`,
    )
  }
  PREFERRED_STRAIGHT.pick = usualPick
  return `${c.name}: ${found.join(' | ')}`
}
