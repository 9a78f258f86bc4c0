import { afterAll, describe, expect, test } from 'vitest'
import { testBackend } from '../../testing/backendSuite.ts'
import { useSoftwareGpu } from '../../testing/softwareGpu.ts'
import type { Backend } from '../backend.ts'

useSoftwareGpu()

const { openWebGpu } = await import('./webgpu.ts')
const opened = await openWebGpu({ software: true })

if (!opened.backend) {
  console.log(`WebGPU tests are skipped: ${opened.reason}`)
  describe('webgpu', () => test.skip(`skipped: ${opened.reason}`, () => expect(opened.backend).not.toBeNull()))
} else {
  const backend: Backend = opened.backend
  afterAll(() => backend.destroy())
  testBackend('webgpu', () => Promise.resolve(backend))
}
