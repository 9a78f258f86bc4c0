import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Backend } from '../backends/backend.ts'
import type { Mixer } from '../mixers/mixer.ts'
import { mixers } from '../mixers/registry.ts'
import { materialise } from '../models/materialise.ts'
import { Model } from '../models/model.ts'
import { bordersType, place, type Packing, writeBorders } from '../models/packing.ts'
import { RandomStream } from '../random/philox.ts'
import { elements } from '../tensor/tensor.ts'
import { relativeError } from './opCase.ts'
import { initialParams, runForward, runSteps } from './runMixer.ts'

export interface Golden {
  dims: { batch: number; seqlen: number; d_model: number } & Record<string, number>
  params: Record<string, number[]>
  x: number[]
  cotangent: number[]
  out: number[]
  /** After the last step, by the mixer's names of its state; those that are compared. */
  state: Record<string, number[]>
  grad_x: number[]
  grads: Record<string, number[]>
}

export const random = (n: number, seed: number): Float32Array<ArrayBuffer> => {
  const stream = new RandomStream(seed, 99)
  return Float32Array.from({ length: n }, () => stream.normal())
}

export const readGolden = ({ name }: Mixer): Golden =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../golden', `${name}.json`), 'utf8')) as Golden

/** The golden's sizes, as the second of three layers. */
export function small(mixer: Mixer, seqlen: number): { d_model: number; config: Record<string, unknown> } {
  const { batch: _batch, seqlen: _seqlen, d_model, ...options } = readGolden(mixer).dims
  return { d_model, config: mixer.resolve(options, { d_model, n_layer: 3, layer: 1, seqlen }) }
}

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
          const [batch, seqlen] = [2, 64]
          const { d_model, config } = small(mixer, seqlen)
          const packing: Packing = { records: 3, gap: mixer.gap(config) }
          const borders = new Int32Array(elements(bordersType(packing, batch * seqlen)))
          const places = rows.flatMap((lengths, b) => {
            const placed = place(lengths, seqlen, packing)
            writeBorders(borders, b * seqlen, seqlen, packing, placed)
            return placed.map(({ start, length }) => ({ start: b * seqlen + start, length }))
          })
          expect(places.map(({ length }) => length)).toEqual(rows.flat())
          const params = initialParams(mixer, config)
          // what stands in the gaps does not matter, and nothing comes back to it
          const x = random(batch * seqlen * d_model, 7)
          const noise = random(x.length, 8)
          const cotangent = new Float32Array(x.length)
          type Spot = (typeof places)[number]
          const inside = (values: ArrayLike<number>, { start, length }: Spot): number[] =>
            Array.from({ length: length * d_model }, (_, i) => values[start * d_model + i])
          for (const spot of places) cotangent.set(inside(noise, spot), spot.start * d_model)
          const backend = await open()
          const together = await runForward(backend, mixer, config, params, x, cotangent, { batch, seqlen }, { packing, borders })
          const sums = Object.fromEntries(Object.entries(params).map(([name, values]) => [name, new Float64Array(values.length)]))
          const pairs: { out: [number[], number[]]; grad: [number[], number[]] } = { out: [[], []], grad: [[], []] }
          for (const length of new Set(rows.flat())) {
            const same = places.filter((spot) => spot.length === length)
            const of = (values: ArrayLike<number>): number[] => same.flatMap((spot) => inside(values, spot))
            const alone = await runForward(backend, mixer, config, params, of(x), of(cotangent), { batch: same.length, seqlen: length })
            pairs.out[0].push(...of(together.out))
            pairs.out[1].push(...Array.from(alone.out))
            pairs.grad[0].push(...of(together.gradX))
            pairs.grad[1].push(...Array.from(alone.gradX))
            for (const [name, grad] of Object.entries(alone.grads)) Array.from(grad).forEach((value, i) => (sums[name][i] += value))
          }
          expect(relativeError(...pairs.out)).toBeLessThan(limit)
          expect(relativeError(...pairs.grad)).toBeLessThan(limit)
          const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values))
          expect(norm(together.gradX) / norm(pairs.grad[0])).toBeCloseTo(1, 6)
          for (const [name, sum] of Object.entries(sums))
            expect(relativeError(together.grads[name], sum), `d${name}`).toBeLessThan(
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
          const [batch, seqlen, cut] = [2, 41, 23]
          const { d_model, config } = small(mixer, seqlen)
          const x = random(batch * seqlen * d_model, 6)
          const changed = x.map((value, i) => (Math.floor(i / d_model) % seqlen >= cut ? value + 1 : value))
          const params = initialParams(mixer, config)
          const backend = await open()
          const [a, b] = [
            await runForward(backend, mixer, config, params, x, x, { batch, seqlen }),
            await runForward(backend, mixer, config, params, changed, x, { batch, seqlen }),
          ]
          const before = (values: ArrayLike<number>): number[] =>
            Array.from(values).filter((_, i) => Math.floor(i / d_model) % seqlen < cut)
          const after = (values: ArrayLike<number>): number[] =>
            Array.from(values).filter((_, i) => Math.floor(i / d_model) % seqlen >= cut)
          if (mixer.spreadsRounding) expect(relativeError(before(b.out), before(a.out))).toBeLessThan(limit)
          else expect(before(b.out)).toEqual(before(a.out))
          expect(relativeError(after(b.out), after(a.out))).toBeGreaterThan(0.01)
        })
    })
}
