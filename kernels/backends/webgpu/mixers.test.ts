import { expect, test } from 'vitest'
import { testMixers } from '../../testing/mixerSuite.ts'
import { sashimiErrors } from '../../testing/sashimiGolden.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'

await withWebGpu((backend) => {
  testMixers('webgpu', 1e-5, () => Promise.resolve(backend))
  test('SaShiMi agrees with the golden tensors on webgpu, output and every gradient', async () => {
    for (const [key, error] of (await sashimiErrors(backend, true)).errors) expect(error, key).toBeLessThan(1e-4)
  })
})
