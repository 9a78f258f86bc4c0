import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Backend } from '../../kernels/backends/backend.ts'
import { KERNEL_VERSION } from '../../kernels/backends/webgpu/choices.ts'
import type { WebGpuBackend } from '../../kernels/backends/webgpu/webgpu.ts'
import { isOpName } from '../../kernels/ops/names.ts'
import { type Sample, Speeds } from '../../kernels/predict/speeds.ts'

const positive = z.number().positive()
const count = z.number().nonnegative()
const deviceSchema = z.object({
  backend: z.enum(['cpu', 'webgpu', 'reference']),
  name: z.string(),
  rates: z.object({ bytes: positive, flops: positive, exps: positive, command: count }),
  samples: z.array(
    z.object({
      op: z.custom<Sample['op']>((x) => typeof x === 'string' && isOpName(x)),
      key: z.string(),
      flops: count,
      exps: count,
      bytes: positive,
      ms: count,
    }),
  ),
  steps: z.array(z.object({ sumMs: positive, ms: positive })),
})
type StoredDevice = z.infer<typeof deviceSchema>
/** By device and version of the kernels. */
const fileSchema = z.record(z.string(), deviceSchema)

let file: string | null = null

/** Where speeds are kept. Before this is called none are read or measured, and no step is predicted. */
export function keepSpeedsIn(path: string | null): void {
  file = path
}

/** Whether there is a place to keep speeds in. */
export const keepsSpeeds = (): boolean => file !== null

/** By what it says of itself: whoever only reads predictions should not load a graphics driver. */
const mixed = (backend: Backend): boolean => (backend as Partial<WebGpuBackend>).target?.mixed === true
const keyOf = (backend: Backend): string => `${backend.description}${mixed(backend) ? ', mixed precision' : ''}, kernels ${KERNEL_VERSION}`

/** What the file holds; nothing where there is none, or it is not one of ours: it is written anew then. */
function read(): Record<string, StoredDevice> {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file!, 'utf8')))
  } catch {
    return {}
  }
}

const speedsOf = ({ rates, samples, steps }: StoredDevice): Speeds => new Speeds(rates, samples, steps)

/** What was measured of this device before; null where it never was. */
export function loadSpeeds(backend: Backend): Speeds | null {
  const stored = file === null ? undefined : read()[keyOf(backend)]
  return stored ? speedsOf(stored) : null
}

/** Every device that was measured here. */
export function knownDevices(): { backend: StoredDevice['backend']; name: string; speeds: Speeds }[] {
  if (file === null) return []
  return Object.entries(read())
    .filter(([key]) => key.endsWith(`kernels ${KERNEL_VERSION}`))
    .map(([, stored]) => ({ backend: stored.backend, name: stored.name, speeds: speedsOf(stored) }))
}

/** The file is written whole or not at all. */
export function saveSpeeds(backend: Backend, { rates, samples, steps }: Speeds): void {
  if (file === null) return
  mkdirSync(dirname(file), { recursive: true })
  const device = { backend: backend.name, name: backend.description, rates, samples, steps }
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify({ ...read(), [keyOf(backend)]: device })}\n`)
  renameSync(temporary, file)
}
