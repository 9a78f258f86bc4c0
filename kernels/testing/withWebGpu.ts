import { afterAll } from 'vitest'
import type * as Module from '../backends/webgpu/webgpu.ts'
import { useSoftwareGpu } from './softwareGpu.ts'

type WebGpu = typeof Module

/**
 * Runs `suite` on the software GPU, or on the machine's own where there is none; without either the file fails and says why. The WebGPU
 * tests are several files, because the software driver compiles on one core and vitest gives each file a process of its own. The module is
 * handed over, because it must not be imported before the driver is named.
 */
export async function withWebGpu(suite: (backend: Module.WebGpuBackend, webgpu: WebGpu) => void | Promise<void>): Promise<void> {
  useSoftwareGpu()
  const webgpu = await import('../backends/webgpu/webgpu.ts')
  const { backend, reason } = await webgpu.openWebGpu({ software: true })
  if (!backend)
    throw new Error(
      `The WebGPU kernels have nothing to be tested on: ${reason} Chromium brings a software driver (README.md, Two commands).`,
    )
  afterAll(() => backend.destroy())
  await suite(backend, webgpu)
}
