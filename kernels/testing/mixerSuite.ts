import { describe, expect, test } from 'vitest'
import type { Backend } from '../backends/backend.ts'
import { mixers } from '../mixers/registry.ts'
import { materialise } from '../models/materialise.ts'
import { Model } from '../models/model.ts'
import { random, readGolden, small } from './goldens.ts'
import { packedAndAlone, withAnotherFuture } from './mixerProperties.ts'
import { relativeError } from './opCase.ts'
import { initialParams, runForward, runSteps } from './runMixer.ts'

/**
 * Gradients of packed records that WebGPU gives less exactly, 3.5e-5 measured: its selective scan carries a running sum backwards (scanWalk.ts), of
 * which rounding is left where a record begins, and the large steps of the gap before it multiply that (docs/limits.md).
 */
const COARSE: Readonly<Record<string, number>> = { 'mamba A_log': 1e-4 }

/**
 * What every mixer must hold on every backend: parity with golden tensors (kernels/golden), forward equals unrolled step, and a
 * changed future that changes nothing before it. `limit` is the relative L2 error allowed for the backend's precision.
 */
export function testMixers(backendName: string, limit: number, open: () => Promise<Backend>): void {
  for (const mixer of Object.values(mixers))
    describe(`${mixer.name} on ${backendName}`, () => {
      test('agrees with the golden tensors: output, final state, every gradient', async () => {
        const golden = readGolden(mixer)
        const { batch, seqlen, d_model, ...options } = golden.dims
        const config = mixer.resolve(options, { d_model, n_layer: 1, layer: 0, seqlen })
        const backend = await open()
        const run = await runForward(backend, mixer, config, golden.params, golden.x, golden.cotangent, { batch, seqlen })
        expect(relativeError(run.out, golden.out)).toBeLessThan(limit)
        expect(relativeError(run.gradX, golden.grad_x)).toBeLessThan(limit)
        for (const [name, grad] of Object.entries(golden.grads))
          expect(relativeError(run.grads[name], grad), `d${name}`).toBeLessThan(limit)
        if (!mixer.causal) return
        const unrolled = await runSteps(backend, mixer, config, golden.params, golden.x, { batch, seqlen })
        expect(relativeError(unrolled.out, golden.out)).toBeLessThan(limit)
        for (const [name, values] of Object.entries(golden.state))
          expect(relativeError(unrolled.state[name], values), `state ${name}`).toBeLessThan(limit)
      })

      test.each(mixer.causal ? [1, 2, 67] : [])('forward over %i steps equals step unrolled', async (seqlen) => {
        const [batch, { d_model, config }] = [2, small(mixer, seqlen)]
        const x = random(batch * seqlen * d_model, 5)
        const params = initialParams(mixer, config)
        const backend = await open()
        const forward = await runForward(backend, mixer, config, params, x, x, { batch, seqlen })
        const { out } = await runSteps(backend, mixer, config, params, x, { batch, seqlen })
        expect(relativeError(out, forward.out)).toBeLessThan(limit)
      })

      if (mixer.matrices)
        test('matrices between positions, times the values, are what the mixer makes of them', async () => {
          const { seqlen: _seqlen, batch: _batch, d_model, ...options } = readGolden(mixer).dims
          const seqlen = 21
          const model = new Model({
            d_model,
            seqlen,
            norm: 'rms',
            layers: [{ mixer: mixer.name, options: { ...options, mlp: 'none' } }],
            input: { kind: 'vectors', width: d_model },
            head: { at: 'every', width: 1, tied: false },
          })
          const count = mixer.matrices!(model.layers[0].config)
          const backend = await open()
          const made = await materialise(backend, model, model.initialise(3), random(seqlen * d_model, 9), 0)
          const width = made.mixed.length / (seqlen * count)
          const groups = made.values.length / (seqlen * width)
          const product = new Float64Array(made.mixed.length)
          const entry = (h: number, t: number, s: number): number => made.matrices[(h * seqlen + t) * seqlen + s]
          for (let h = 0; h < count; h++)
            for (let t = 0; t < seqlen; t++)
              for (let c = 0; c < width; c++)
                for (let s = 0; s < seqlen; s++)
                  product[(t * count + h) * width + c] +=
                    entry(h, t, s) * made.values[(s * groups + Math.floor((h * groups) / count)) * width + c]
          expect(relativeError(made.mixed, product)).toBeLessThan(Math.max(limit, 2e-7))
          const later = Array.from({ length: count }, (_, h) => entry(h, 4, 9))
          if (mixer.causal) later.forEach((weight) => expect(Math.abs(weight)).toBeLessThan(1e-6))
          else expect(Math.hypot(...later)).toBeGreaterThan(1e-4)
        })

      // each length is one more program to compile
      const fillings = [[[17, 1, 9], [30, 5, 1]], [[13, 13, 13], [13, 13]]] // prettier-ignore
      test.each(fillings.slice(backendName.includes('webgpu') ? 1 : 0))(
        'packed records %j %j have what each has alone: outputs and every gradient',
        async (...rows) => {
          const { lengths, out, grad, grads, gradX } = await packedAndAlone(await open(), mixer, rows)
          expect(lengths).toEqual(rows.flat())
          expect(relativeError(...out)).toBeLessThan(limit)
          expect(relativeError(...grad)).toBeLessThan(limit)
          const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values))
          expect(norm(gradX) / norm(grad[0])).toBeCloseTo(1, 6)
          for (const [name, pair] of Object.entries(grads))
            expect(relativeError(...pair), `d${name}`).toBeLessThan(
              backendName === 'webgpu' ? (COARSE[`${mixer.name} ${name}`] ?? limit) : limit,
            )
        },
      )

      if (!mixer.causal)
        test('the last position reaches the first', async () => {
          const [batch, seqlen] = [1, 5]
          const { d_model, config } = small(mixer, seqlen)
          const x = random(seqlen * d_model, 6)
          const changed = x.map((value, i) => (i >= (seqlen - 1) * d_model ? value + 1 : value))
          const params = initialParams(mixer, config)
          const backend = await open()
          const first = async (input: Float32Array): Promise<number[]> =>
            Array.from((await runForward(backend, mixer, config, params, input, x, { batch, seqlen })).out).slice(0, d_model)
          expect(relativeError(await first(changed), await first(x))).toBeGreaterThan(1e-3)
        })

      if (mixer.causal)
        test('the future never changes the past', async () => {
          const { before, after } = await withAnotherFuture(await open(), mixer)
          if (mixer.spreadsRounding) expect(relativeError(...before)).toBeLessThan(limit)
          else expect(before[0]).toEqual(before[1])
          expect(relativeError(...after)).toBeGreaterThan(0.01)
        })
    })
}
