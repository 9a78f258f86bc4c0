import { expect, test } from 'vitest'
import { testMixers } from '../../testing/mixerSuite.ts'
import { goldenVariants, sashimiErrors } from '../../testing/sashimiGolden.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'

await withWebGpu((backend) => {
  testMixers('webgpu', 1e-5, () => Promise.resolve(backend))
  test('SaShiMi agrees with the golden tensors on webgpu, output and every gradient', async () => {
    for (const unet of goldenVariants)
      for (const [key, error] of (await sashimiErrors(backend, unet)).errors) expect(error, `${key}, unet ${unet}`).toBeLessThan(1e-4)
  }, 240_000)
})
