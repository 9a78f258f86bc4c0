import { afterAll, describe, expect, test } from 'vitest'
import { liftOf } from '../../graph/halves.ts'
import { mixers } from '../../mixers/registry.ts'
import { halvesAsFloats } from '../../testing/halvesAsFloats.ts'
import { random, readGolden, small } from '../../testing/goldens.ts'
import { withAnotherFuture } from '../../testing/mixerProperties.ts'
import { relativeError } from '../../testing/opCase.ts'
import { initialParams, runForward, runSteps } from '../../testing/runMixer.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'

/** Relative L2 error of one op; forward and step are held to it whole. */
const OP = 3e-3
/** Of a mixer's gradients against float32's: up to ten ops one after the other, each of which rounds what it hands on. */
const CHAIN = 1e-2

await withWebGpu(async (_, { openWebGpu }) => {
  const { backend } = await openWebGpu({
    software: true,
    target: { halves: true },
    rewrite: halvesAsFloats,
    halfStorage: { from: 16, bytes: 4 },
  })
  afterAll(() => backend!.destroy())

  describe('activations in float16', () => {
    const all = Object.values(mixers)
    test.each(all.filter(({ causal }) => causal))('$name: forward over 67 steps equals step unrolled', async (mixer) => {
      const [batch, seqlen] = [2, 67]
      const { d_model, config } = small(mixer, seqlen)
      const x = random(batch * seqlen * d_model, 5)
      const params = initialParams(mixer, config)
      const forward = await runForward(backend!, mixer, config, params, x, x, { batch, seqlen })
      const { out } = await runSteps(backend!, mixer, config, params, x, { batch, seqlen })
      expect(relativeError(out, forward.out)).toBeLessThan(OP)
    })

    test.each(all.filter(({ causal }) => causal))('$name: the future never changes the past', async (mixer) => {
      const { before, after } = await withAnotherFuture(backend!, mixer)
      if (mixer.spreadsRounding) expect(relativeError(...before)).toBeLessThan(OP)
      else expect(before[0]).toEqual(before[1])
      expect(relativeError(...after)).toBeGreaterThan(0.01)
    })

    // the cotangent is that of a mean over rows, as a loss is: larger ones end beyond float16
    test.each(all)('$name: output and every gradient are about those of the golden tensors', async (mixer) => {
      const golden = readGolden(mixer)
      const { batch, seqlen, d_model, ...options } = golden.dims
      const config = mixer.resolve(options, { d_model, n_layer: 1, layer: 0, seqlen })
      const scale = 2 ** liftOf(batch * seqlen)
      const cotangent = golden.cotangent.map((value) => value / scale)
      const run = await runForward(backend!, mixer, config, golden.params, golden.x, cotangent, { batch, seqlen })
      const scaled = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, (value) => value * scale)
      expect(relativeError(run.out, golden.out)).toBeLessThan(CHAIN)
      expect(relativeError(run.out, golden.out)).toBeGreaterThan(1e-5)
      expect(relativeError(scaled(run.gradX), golden.grad_x)).toBeLessThan(CHAIN)
      for (const [name, grad] of Object.entries(golden.grads))
        expect(relativeError(scaled(run.grads[name]), grad), `d${name}`).toBeLessThan(CHAIN)
    })
  })
})
