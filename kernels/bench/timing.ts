import type { DeviceBuffer } from '../backends/backend.ts'
import type { CpuBackend } from '../backends/cpu/cpu.ts'
import type { Plan } from '../graph/plan.ts'

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]
export const best = (values: readonly number[]): number => Math.min(...values)

/** Milliseconds of each of n calls. */
export function time(n: number, work: () => void): number[] {
  return Array.from({ length: n }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
}

export interface Sample {
  readonly wall: number
  readonly cpu: number
}
/** Wall and processor milliseconds (of all threads, waiting ones that spin included) of each of n calls. */
export function sample(n: number, work: () => void): Sample[] {
  return Array.from({ length: n }, () => {
    const used = process.cpuUsage()
    const [wall] = time(1, work)
    const { user, system } = process.cpuUsage(used)
    return { wall, cpu: (user + system) / 1000 }
  })
}

/** A buffer for each external of a plan, filled with random numbers in [low, high) (integers for i32). */
export function externals(
  backend: CpuBackend,
  plan: Plan,
  range: (name: string) => readonly [low: number, high: number],
  integers: readonly string[] = [],
): Record<string, DeviceBuffer> {
  const buffers: Record<string, DeviceBuffer> = {}
  for (const b of plan.buffers) {
    if (b.kind !== 'external') continue
    const [low, high] = range(b.name)
    const whole = integers.includes(b.name)
    buffers[b.name] = backend.createBuffer(b.elements, whole ? 'i32' : 'f32', b.name)
    const random = Float32Array.from({ length: b.elements }, () => low + (high - low) * Math.random())
    buffers[b.name].write(whole ? Int32Array.from(random, Math.floor) : random)
  }
  return buffers
}

/** Each command of a plan alone, timed n times in turn: its own time, as the whole plan would spend it with warm caches. */
export async function timeCommands(backend: CpuBackend, plan: Plan, buffers: Record<string, DeviceBuffer>, n: number): Promise<number[][]> {
  const times: number[][] = []
  for (const command of plan.commands) {
    const program = await backend.compile({ ...plan, commands: [command] }, buffers)
    program.run()
    times.push(time(n, () => program.run()))
    program.destroy()
  }
  return times
}
