import { expect, test } from 'vitest'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { RandomStream } from '../random/philox.ts'
import { relativeError } from '../testing/opCase.ts'
import { initialParams, runForward, runSteps } from '../testing/runMixer.ts'
import { attention, full_attention } from './attention.ts'
import type { Mixer } from './mixer.ts'

const mixer = attention as unknown as Mixer
const context = { d_model: 12, n_layer: 2, layer: 0, seqlen: 20 }
const backend = new ReferenceBackend()
const stream = new RandomStream(4)
const x = Float32Array.from({ length: 2 * 20 * 12 }, () => stream.normal())
const dims = { batch: 2, seqlen: 20 }

test.each([
  ['all before', {}],
  ['a window as long as the sequence', { window: 20 }],
  ['a window of one position', { window: 1 }],
  ['wide heads, half turned', { n_heads: 2, n_kv_heads: 1, head_dim: 10, rotary_dim: 4 }],
  ['no positions', { n_heads: 3, rotary_dim: 0, bias: true }],
])('forward equals step unrolled: %s', async (_, options) => {
  const config = mixer.resolve(options, context)
  const params = initialParams(mixer, config)
  const { out } = await runForward(backend, mixer, config, params, x, x, dims)
  const steps = await runSteps(backend, mixer, config, params, x, dims)
  expect(relativeError(steps.out, out)).toBeLessThan(1e-10)
})

test('a window as long as the sequence is no window', async () => {
  const [all, windowed] = [{}, { window: 20 }].map((options) => mixer.resolve(options, context))
  const params = initialParams(mixer, all)
  const run = (config: Record<string, unknown>) => runForward(backend, mixer, config, params, x, x, dims)
  expect(relativeError((await run(windowed)).out, (await run(all)).out)).toBeLessThan(1e-12)
})

test('scores depend on how far apart two positions are, not on where they are', async () => {
  const config = mixer.resolve({ window: 3 }, context)
  const params = initialParams(mixer, config)
  // The same five vectors at the start and, after ten others, again: with a window of 3 the last three of each see the same neighbours.
  const moved = x.slice()
  moved.copyWithin(15 * 12, 0, 5 * 12)
  const { out } = await runForward(backend, mixer, config, params, moved, x, dims)
  const rows = (from: number): number[] => Array.from(out).slice(from * 12, (from + 3) * 12)
  expect(relativeError(rows(17), rows(2))).toBeLessThan(1e-12)
})

test.each([
  [{ n_heads: 5 }, 'attention: d_model 12 cannot be cut into 5 equal heads; choose another n_heads, or give head_dim'],
  [{ n_kv_heads: 3 }, 'attention: n_heads 4 must be a multiple of n_kv_heads 3'],
  [{ rotary_dim: 6 }, 'attention: rotary_dim 6 must be even and at most the 3 columns of a head'],
])('impossible sizes are refused in a sentence: %o', (options, sentence) => {
  expect(() => mixer.resolve(options, context)).toThrow(sentence)
})

test('without a direction there are no steps and no state', () => {
  const config = full_attention.resolve({}, context)
  expect(full_attention.state(config)).toEqual({})
  expect(() => full_attention.step(undefined as never, {}, undefined as never, {}, config)).toThrow(/no single steps/)
})
