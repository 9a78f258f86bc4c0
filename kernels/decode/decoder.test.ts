import { afterAll, describe, expect, test } from 'vitest'
import type { Backend } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { Model } from '../models/model.ts'
import { forwardPlan } from '../models/plans.ts'
import { type Choosing, Decoder } from './decoder.ts'

const cpu = await CpuBackend.open({ threads: 2 })
afterAll(() => cpu.destroy())
const VOCAB = 13

const model = (layers: string[], sashimi?: { pool: number[]; expand: number; ff: number; unet: boolean }): Model =>
  new Model({
    d_model: 16,
    seqlen: 64,
    norm: 'rms',
    layers: layers.map((mixer) => ({ mixer, options: {} })),
    input: { kind: 'tokens', vocab: VOCAB + 2 },
    head: { at: 'every', width: VOCAB + 2, tied: false },
    ...(sashimi ? { sashimi } : {}),
  })

async function write(
  backend: Backend,
  of: Model,
  given: number[],
  choosing: Choosing,
  chunks: number[],
): Promise<{ ids: number[]; bits: number[] }> {
  const params = backend.createBuffer(of.arenaElements, 'f32', 'params')
  params.write(of.initialise(3))
  const decoder = await Decoder.create(backend, of, params, { vocab: VOCAB, capacity: 40 })
  decoder.start(Int32Array.from(given), choosing)
  for (const steps of chunks) decoder.advance(steps)
  expect(() => decoder.advance(41)).toThrow('room')
  const { ids, bits } = await decoder.read(0, decoder.known)
  decoder.destroy()
  params.destroy()
  return { ids: [...ids], bits: [...bits] }
}

describe.each([
  ['mamba', model(['mamba', 'mamba'])],
  ['a hybrid', model(['mlstm', 'attention', 'slstm'])],
  ['SaShiMi, whose slower parts do not run at every step', model(['s4d'], { pool: [2, 2], expand: 2, ff: 2, unet: false })],
])('%s', (_name, of) => {
  test.each([
    { temperature: 1, seed: 7 },
    { temperature: 0.7, topK: 5, seed: 2 ** 40 + 1 },
    { temperature: 1.5, topP: 0.8, seed: 3, stream: 9 },
    { temperature: 0, seed: 1 },
  ])('the same tokens for the same seed on every backend, however many go at once: %o', async (choosing) => {
    const straight = await write(cpu, of, [1, 2, 3], choosing, [37])
    expect(straight.ids.slice(0, 3)).toEqual([1, 2, 3])
    expect(straight.ids.every((id) => id < VOCAB)).toBe(true)
    expect(await write(cpu, of, [1, 2, 3], choosing, [1, 8, 20, 8])).toEqual(straight)
    expect((await write(new ReferenceBackend(), of, [1, 2, 3], choosing, [37])).ids).toEqual(straight.ids)
    if (choosing.temperature > 0)
      expect((await write(cpu, of, [1, 2, 3], { ...choosing, seed: choosing.seed + 1 }, [37])).ids).not.toEqual(straight.ids)
  })

  test('bits are those of the forward pass, of given tokens too', async () => {
    const { ids, bits } = await write(cpu, of, [4, 0, 9, 9], { temperature: 1, seed: 5 }, [27])
    const plan = forwardPlan(of, { batch: 1, seqlen: ids.length }, cpu.sizes)
    const buffers = Object.fromEntries(
      plan.buffers.flatMap((b) =>
        b.kind === 'external' ? [[b.name, cpu.createBuffer(b.elements, b.name === 'input' ? 'i32' : 'f32', b.name)]] : [],
      ),
    )
    buffers.input.write(Int32Array.from(ids))
    buffers.params.write(of.initialise(3).subarray(0, buffers.params.elements))
    const program = await cpu.compile(plan, buffers)
    program.run()
    const output = await buffers.output.read()
    for (let t = 1; t < ids.length; t++) {
      const logits = Array.from(output.subarray((t - 1) * (VOCAB + 2), (t - 1) * (VOCAB + 2) + VOCAB))
      const max = Math.max(...logits)
      const logSum = max + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - max), 0))
      expect(bits[t]).toBeCloseTo((logSum - logits[ids[t]]) / Math.LN2, 4)
    }
    program.destroy()
    Object.values(buffers).forEach((b) => b.destroy())
  })
})
