import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { type Choice, KERNEL_VERSION } from '../../kernels/backends/webgpu/choices.ts'
import { tune, unmeasured, type Work, workOf } from '../../kernels/backends/webgpu/tune.ts'
import { WebGpuBackend } from '../../kernels/backends/webgpu/webgpu.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import type { Plan } from '../../kernels/graph/plan.ts'
import { isOpName } from '../../kernels/ops/names.ts'

/** Milliseconds that measuring the kernels of one plan may take. */
const LIMIT_MS = 10_000

const choiceSchema = z.object({
  op: z.custom<Choice['op']>((x) => typeof x === 'string' && isOpName(x)),
  key: z.string(),
  name: z.string(),
  ms: z.number().nullable(),
  ruleMs: z.number().nullable(),
  at: z.iso.datetime(),
  inputs: z.array(z.object({ rows: z.int().positive(), cols: z.int().positive(), dtype: z.enum(['f32', 'i32', 'f16']) })),
  attrs: z.record(z.string(), z.union([z.number(), z.boolean()])),
  unread: z.array(z.number()).readonly().optional(),
})
/** By adapter, driver and version of the kernels: what was measured under another one says nothing. */
const fileSchema = z.record(z.string(), z.array(choiceSchema))

export const MEASURING = 'measuring kernels on this GPU'

let file: string | null = null

/** Where measurements are kept. Before this is called none are read or made, and kernels go by rule. */
export function keepChoicesIn(path: string | null): void {
  file = path
}

/** A backend as far as choices concern it. */
export type Chooser = Pick<WebGpuBackend, 'adapter' | 'target'>

const keyOf = ({ adapter: { name, api, driver } }: Chooser): string =>
  `${name}, ${api}, ${driver || 'driver unknown'}, kernels ${KERNEL_VERSION}`

/** What the file holds; nothing where there is none, or it is not one of ours: it is written anew then. */
function read(): z.infer<typeof fileSchema> {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file!, 'utf8')))
  } catch {
    return {}
  }
}

/** Kernels take what was measured on this adapter before. */
export function loadChoices(backend: Chooser): void {
  if (file === null) return
  for (const choice of read()[keyOf(backend)] ?? []) backend.target.choices.set(choice)
}

/** Keeps what the backend's kernels take; answers why it could not, in a sentence, or null. The file is written whole or not at all. */
export function saveChoices(backend: Chooser): string | null {
  try {
    mkdirSync(dirname(file!), { recursive: true })
    const temporary = `${file}.${process.pid}.tmp`
    writeFileSync(temporary, `${JSON.stringify({ ...read(), [keyOf(backend)]: backend.target.choices.list() }, null, 1)}\n`)
    renameSync(temporary, file!)
    return null
  } catch (error) {
    // a run does not fail because its settings folder cannot be written
    return `What was measured could not be kept (${(error as Error).message}), so the next run measures again and may differ in its last bits.`
  }
}

export interface MeasureWatch {
  readonly signal?: AbortSignal
  tell(done: number, of: number): void
}

async function measure(backend: WebGpuBackend, work: readonly Work[], watch: MeasureWatch): Promise<string> {
  const began = performance.now()
  const chosen = await tune(backend, work, { limitMs: LIMIT_MS, ...watch })
  const problem = saveChoices(backend)
  return [sentence(chosen, (performance.now() - began) / 1000), ...(problem ? [problem] : [])].join(' ')
}

/**
 * Measures what these plans would run and nobody measured yet, and keeps it, so that every later run takes the same kernels. Answers what
 * came of it in a sentence, or null where there was nothing to measure. `plans` made before are to be made again.
 */
export async function measureKernels(backend: Backend, plans: () => readonly Plan[], watch: MeasureWatch): Promise<string | null> {
  if (file === null || !(backend instanceof WebGpuBackend)) return null
  const work = unmeasured(backend, plans())
  return work.length ? measure(backend, work, watch) : null
}

/** Measures again everything that was ever measured on this adapter. */
export async function remeasureKernels(backend: WebGpuBackend, watch: MeasureWatch): Promise<string | null> {
  if (file === null) return null
  const before = backend.target.choices.list()
  backend.target.choices.clear()
  const work = before.flatMap((choice) => workOf(backend, choice) ?? [])
  return work.length ? measure(backend, work, watch) : null
}

function sentence(chosen: readonly Choice[], seconds: number): string {
  const measured = chosen.filter(({ ms }) => ms !== null)
  const faster = measured.filter(({ ms, ruleMs }) => ms! < ruleMs!)
  const most = Math.max(1, ...faster.map(({ ms, ruleMs }) => ruleMs! / ms!))
  const left = chosen.length - measured.length
  return (
    `Measured ${measured.length} kernel ${measured.length === 1 ? 'shape' : 'shapes'} in ${seconds.toFixed(1)} s: ` +
    (faster.length ? `${faster.length} run faster than by rule, up to ${most.toFixed(2)} times.` : 'the rule was right for each.') +
    (left ? ` For ${left} more there was no time; they go by rule.` : '')
  )
}
