import { afterAll, beforeAll, expect, test } from 'vitest'
import { forwardPlan } from '../../kernels/models/plans.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import type { GeneratedChunk } from '../../main/contract/generation.ts'
import { loadRun } from '../runs/loadRun.ts'
import { TestProject, tiny } from '../testing/project.ts'
import { generateRun } from './generateRun.ts'

type Chunk = Omit<GeneratedChunk, 'jobId'>
let project: TestProject
let runId: number
beforeAll(async () => {
  project = new TestProject()
  const text = await project.import('periodic.txt', 'abcdefgh, '.repeat(400))
  runId = project.create(text, 'mamba-small', { ...tiny, 'training.steps': 120, 'optimizer.lr': 0.01, 'training.sample_every': 0 })
  await project.train(runId)
})
afterAll(() => project.close())

async function generate(
  request: { prompt?: string; length: number; temperature: number; seed: number; topK?: number },
  signal?: AbortSignal,
) {
  const chunks: Chunk[] = []
  const watch = { signal: signal ?? new AbortController().signal, chunk: (chunk: Chunk) => void chunks.push(chunk) }
  await generateRun(project.store, { request: { runId, ...request }, device: 'cpu' }, watch)
  return chunks
}

test('at temperature 0 each token is the likeliest of the forward pass over everything before it', async () => {
  const chunks = await generate({ prompt: 'abc', length: 12, temperature: 0, seed: 1 })
  const text = chunks.map((chunk) => chunk.text).join('')
  expect(text).toBe('defgh, abcde')
  expect(chunks.at(-1)!.done).toBe(true)
  expect(chunks.map((c) => c.start)).toEqual(chunks.map((_, i) => chunks.slice(0, i).reduce((n, c) => n + c.bits!.length, 0)))
  const bits = chunks.flatMap((chunk) => chunk.bits!)
  const { experiment, params, facts } = loadRun(project.store, runId)
  const symbols = (facts.codec as { symbols: string[] }).symbols
  const ids = Int32Array.from([...`abc${text}`].map((symbol) => symbols.indexOf(symbol)))
  const backend = await CpuBackend.open()
  const plan = forwardPlan(experiment.model, { batch: 1, seqlen: ids.length }, backend.sizes)
  const buffers = {
    input: backend.createBuffer(ids.length, 'i32', 'input'),
    params: backend.createBuffer(params.length, 'f32', 'params'),
    output: backend.createBuffer(ids.length * symbols.length, 'f32', 'output'),
  }
  buffers.input.write(ids)
  buffers.params.write(params)
  ;(await backend.compile(plan, buffers)).run()
  const output = await buffers.output.read()
  for (let n = 0; n < 12; n++) {
    const logits = Array.from(output.subarray((n + 2) * symbols.length, (n + 3) * symbols.length))
    expect(logits.indexOf(Math.max(...logits))).toBe(ids[n + 3])
    const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0))
    expect(bits[n]).toBeCloseTo((logSum - logits[ids[n + 3]]) / Math.LN2, 3)
  }
  backend.destroy()
})

test('a seed gives the same text again, another one another text', async () => {
  const text = async (seed: number): Promise<string> =>
    (await generate({ length: 60, temperature: 3, seed })).map((chunk) => chunk.text).join('')
  expect(await text(5)).toBe(await text(5))
  expect(await text(5)).not.toBe(await text(6))
})

test('a symbol the model does not know is named', async () => {
  await expect(generate({ prompt: 'abZ', length: 1, temperature: 1, seed: 1 })).rejects.toThrow('"Z"')
})

test('a cancelled generation ends with what it has', async () => {
  const abort = new AbortController()
  const working = generate({ length: 1_000_000, temperature: 1, seed: 1 }, abort.signal)
  setTimeout(() => abort.abort(), 200)
  await expect(working).rejects.toMatchObject({ code: 'cancelled' })
})

test('a sound model gives 16-bit samples at the rate of its data', async () => {
  const rate = 8000
  const samples = Int16Array.from({ length: 6000 }, (_, t) => Math.round(8000 * Math.sin(t / 7)))
  const sound = await project.import('tone.wav', Buffer.concat([wavHeader(samples.byteLength, rate), Buffer.from(samples.buffer)]))
  const tone = project.create(sound, 'mamba-small', { ...tiny, 'training.steps': 10 })
  await project.train(tone)
  const chunks: Chunk[] = []
  const watch = { signal: new AbortController().signal, chunk: (chunk: Chunk) => void chunks.push(chunk) }
  await generateRun(project.store, { request: { runId: tone, length: 100, temperature: 1, seed: 1 }, device: 'cpu' }, watch)
  expect(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk.pcm16!, 'base64'))).length).toBe(200)
  expect(chunks[0].sampleRate).toBe(rate)
})

/** RIFF header of mono 16-bit PCM. */
function wavHeader(bytes: number, rate: number): Buffer {
  const header = Buffer.from('RIFF....WAVEfmt ....................data....')
  header.writeUInt32LE(36 + bytes, 4)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(2 * rate, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.writeUInt32LE(bytes, 40)
  return header
}
