import type { Backend } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { openWebGpu } from '../backends/webgpu/webgpu.ts'
import { useSoftwareGpu } from '../testing/softwareGpu.ts'

/** What --backend names: `cpu` with as many threads as suit the machine, or `webgpu`, a software driver too. */
export async function openBackend(name: string): Promise<Backend> {
  if (name === 'cpu') return CpuBackend.open()
  useSoftwareGpu()
  const { backend, reason } = await openWebGpu({ software: true })
  if (!backend) throw new Error(reason)
  return backend
}
