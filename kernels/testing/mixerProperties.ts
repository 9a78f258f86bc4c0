import type { Backend } from '../backends/backend.ts'
import type { Mixer } from '../mixers/mixer.ts'
import { bordersType, place, type Packing, writeBorders } from '../models/packing.ts'
import { elements } from '../tensor/tensor.ts'
import { random, small } from './goldens.ts'
import { initialParams, runForward } from './runMixer.ts'

/** What was found, and what it should be. */
type Pair = [number[], ArrayLike<number>]

/**
 * Records of the lengths given, a list for each of the two rows of a batch, packed in 64 positions, against each alone: outputs, gradients of
 * the inputs and of every parameter; and the gradient of the inputs with the gaps between. Cotangents are `scale` times standard normals.
 */
export async function packedAndAlone(
  backend: Backend,
  mixer: Mixer,
  rows: readonly (readonly number[])[],
  scale = 1,
): Promise<{ lengths: number[]; out: Pair; grad: Pair; grads: Record<string, Pair>; gradX: ArrayLike<number> }> {
  const [batch, seqlen] = [2, 64]
  const { d_model, config } = small(mixer, seqlen)
  const packing: Packing = { records: 3, gap: mixer.gap(config) }
  const borders = new Int32Array(elements(bordersType(packing, batch * seqlen)))
  const places = rows.flatMap((lengths, b) => {
    const placed = place(lengths, seqlen, packing)
    writeBorders(borders, b * seqlen, seqlen, packing, placed)
    return placed.map(({ start, length }) => ({ start: b * seqlen + start, length }))
  })
  const params = initialParams(mixer, config)
  // what stands in the gaps does not matter, and nothing comes back to it
  const x = random(batch * seqlen * d_model, 7)
  const noise = random(x.length, 8).map((value) => value * scale)
  const cotangent = new Float32Array(x.length)
  type Spot = (typeof places)[number]
  const inside = (values: ArrayLike<number>, { start, length }: Spot): number[] =>
    Array.from({ length: length * d_model }, (_, i) => values[start * d_model + i])
  for (const spot of places) cotangent.set(inside(noise, spot), spot.start * d_model)
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
  const grads = Object.fromEntries(
    Object.entries(sums).map(([name, sum]): [string, Pair] => [name, [Array.from(together.grads[name]), sum]]),
  )
  return { lengths: places.map(({ length }) => length), ...pairs, grads, gradX: together.gradX }
}

/** Outputs before and after the 23rd of 41 positions, with another future and with the first one. */
export async function withAnotherFuture(backend: Backend, mixer: Mixer): Promise<{ before: Pair; after: Pair }> {
  const [batch, seqlen, cut] = [2, 41, 23]
  const { d_model, config } = small(mixer, seqlen)
  const x = random(batch * seqlen * d_model, 6)
  const isLater = (i: number): boolean => Math.floor(i / d_model) % seqlen >= cut
  const changed = x.map((value, i) => (isLater(i) ? value + 1 : value))
  const params = initialParams(mixer, config)
  const outputs = async (input: Float32Array): Promise<number[]> =>
    Array.from((await runForward(backend, mixer, config, params, input, x, { batch, seqlen })).out)
  const [a, b] = [await outputs(changed), await outputs(x)]
  const where = (later: boolean): Pair => [a.filter((_, i) => isLater(i) === later), b.filter((_, i) => isLater(i) === later)]
  return { before: where(false), after: where(true) }
}
