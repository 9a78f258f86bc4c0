import { afterAll, describe, expect, test } from 'vitest'
import type * as Module from '../backends/webgpu/webgpu.ts'
import { useSoftwareGpu } from './softwareGpu.ts'

type WebGpu = typeof Module

/**
 * Runs `suite` on the software GPU, or says in one skipped test why there is none. The WebGPU tests are several files, because the software
 * driver compiles on one core and vitest gives each file a process of its own. The module is handed over, because it must not be imported
 * before the driver is named.
 */
export async function withWebGpu(suite: (backend: Module.WebGpuBackend, webgpu: WebGpu) => void): Promise<void> {
  const driver = useSoftwareGpu()
  const webgpu = await import('../backends/webgpu/webgpu.ts')
  const { backend, reason } = await webgpu.openWebGpu({ software: true })
  if (backend) {
    afterAll(() => backend.destroy())
    return suite(backend, webgpu)
  }
  // with a driver the tests must run; without one there is nothing to run them on, and the run says so
  if (driver) throw new Error(`A Vulkan driver is named, and WebGPU does not open on it: ${reason}`)
  console.log(`WebGPU tests are skipped: ${reason}`)
  describe('webgpu', () => test.skip(`skipped: ${reason}`, () => expect(backend).not.toBeNull()))
}
