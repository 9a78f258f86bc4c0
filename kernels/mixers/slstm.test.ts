import { expect, test } from 'vitest'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { RandomStream } from '../random/philox.ts'
import { relativeError } from '../testing/opCase.ts'
import { initialParams, runForward, runSteps } from '../testing/runMixer.ts'
import type { Mixer } from './mixer.ts'
import { slstm } from './slstm.ts'

const mixer = slstm as unknown as Mixer
const context = { d_model: 12, n_layer: 3, layer: 2, seqlen: 9 }
const normal = (n: number): Float32Array => {
  const stream = new RandomStream(11)
  return Float32Array.from({ length: n }, () => stream.normal())
}

test('without a convolution all gates read the input, and forward equals step', async () => {
  const config = mixer.resolve({ num_heads: 3, d_conv: 0 }, context)
  expect(Object.keys(mixer.params(config)).some((name) => name.startsWith('conv1d'))).toBe(false)
  const [backend, params, x] = [new ReferenceBackend(), initialParams(mixer, config), normal(2 * 9 * 12)]
  const forward = await runForward(backend, mixer, config, params, x, x, { batch: 2, seqlen: 9 })
  const { out } = await runSteps(backend, mixer, config, params, x, { batch: 2, seqlen: 9 })
  expect(relativeError(out, forward.out)).toBeLessThan(1e-10)
})

test('the published module fgate drives the input gate: the forget gate does not hear it', async () => {
  const config = mixer.resolve({ num_heads: 1, d_conv: 0 }, context)
  const params = { ...initialParams(mixer, config), 'ogate.weight': new Float32Array(144), 'igate.weight': new Float32Array(144) }
  const x = normal(2 * 12)
  // An input gate pushed far up at the second step lets the cell forget the first; a forget gate pushed up would keep it.
  const strong = Float32Array.from({ length: 144 }, (_, i) => 200 * x[12 + (i % 12)])
  const run = (first: Float32Array) =>
    runForward(new ReferenceBackend(), mixer, config, { ...params, 'fgate.weight': strong }, first, x, { batch: 1, seqlen: 2 })
  const changed = x.map((value, i) => (i < 12 ? -0.1 * value : value))
  const [a, b] = [await run(x), await run(changed)]
  expect(relativeError(Array.from(b.out).slice(0, 12), Array.from(a.out).slice(0, 12))).toBeGreaterThan(0.1)
  expect(relativeError(Array.from(b.out).slice(12), Array.from(a.out).slice(12))).toBeLessThan(1e-6)
})

test('the forget bias goes from 5 down to −7 within each head, along a power that grows with the layer', () => {
  const bias = initialParams(mixer, mixer.resolve({ num_heads: 2 }, context))['slstm_cell._bias_']
  const [i, f] = [bias.subarray(0, 12), bias.subarray(12, 24)]
  expect([...i, ...bias.subarray(24)].every((x) => x === 0)).toBe(true)
  for (const head of [f.subarray(0, 6), f.subarray(6)]) {
    expect([head[0], head[5]]).toEqual([5, -7])
    expect(head[1]).toBeCloseTo(5 - 12 * 0.2 ** 1.6, 5)
  }
})

test.each([
  [{ num_heads: 5 }, 'num_heads 5 does not divide d_model 12'],
  [{ d_conv: 1 }, 'd_conv 1 looks at no past'],
])('%o is refused', (options, sentence) => expect(() => mixer.resolve(options, context)).toThrow(sentence))
