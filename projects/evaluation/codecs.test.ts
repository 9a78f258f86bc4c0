/** Runs on the same bases under different tokens: trained, scored per base, compared with one baseline, written out again. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import { ReferenceBackend } from '../../kernels/backends/reference/reference.ts'
import { forwardPlan } from '../../kernels/models/plans.ts'
import type { DeviceBuffer } from '../../kernels/backends/backend.ts'
import type { GeneratedChunk } from '../../main/contract/generation.ts'
import type { Evaluation } from '../../main/contract/run.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { getRun } from '../../datasets/store/store.ts'
import { generateRun } from '../generation/generateRun.ts'
import { loadRun } from '../runs/loadRun.ts'
import { quiet, TestProject, tiny } from '../testing/project.ts'
import { evaluateRun } from './evaluateRun.ts'

let project: TestProject
beforeAll(() => (project = new TestProject()))
afterAll(() => project.close())

const set = { ...tiny, 'data.seqlen': 16, 'training.steps': 15, 'training.sample_every': 0 }
// bases with some order in them: every second one repeats the one before, four times in five
let state = 1
const draw = (n: number): number => ((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16) % n
const letters: string[] = []
for (let i = 0; i < 6000; i++) letters.push(i % 2 === 1 && draw(5) > 0 ? letters[i - 1] : 'ACGT'[draw(4)])
const bases = letters.join('')

async function nats(runId: number, datasetId: number): Promise<{ sum: number; units: number }> {
  const { experiment, params } = loadRun(project.store, runId)
  const { model } = experiment
  const windows = openTokenWindows(project.store, datasetId, 'test')
  const backend = new ReferenceBackend()
  let [sum, units] = [0, 0]
  for (const window of windows.sequential(16)) {
    const input = window.tokens.slice(0, window.count)
    const plan = forwardPlan(model, { batch: 1, seqlen: input.length }, backend.sizes)
    const buffers: Record<string, DeviceBuffer> = {}
    for (const b of plan.buffers)
      if (b.kind === 'external')
        buffers[b.name] = backend.createBuffer(
          Math.max(b.elements, b.name === 'params' ? params.length : 0),
          b.name === 'input' ? 'i32' : 'f32',
        )
    buffers.input.write(input)
    buffers.params.write(params)
    ;(await backend.compile(plan, buffers)).run()
    const logits = (await buffers.output.read()) as Float32Array
    for (let t = 0; t < window.count; t++) {
      const row = Array.from(logits.subarray(t * windows.vocab, (t + 1) * windows.vocab))
      const high = Math.max(...row)
      sum += high + Math.log(row.reduce((a, b) => a + Math.exp(b - high), 0)) - row[window.targets[t]]
      units += windows.codec.unitsOf(window.targets[t])
    }
  }
  return { sum, units }
}

const cases: [string, ImportOptions][] = [
  ['bases', { tokens: 'nucleotide' }],
  ['3-mers', { tokens: 'kmer', k: 3 }],
  ['BPE', { tokens: 'bpe', vocab: 40 }],
]
const seen = new Map<string, Evaluation>()

test.each(cases)('%s: bits per base, as a hand computes them from nats and units', async (name, options) => {
  const id = await project.import('bases.fa', `>a\n${bases}\n`, options)
  const runId = project.create(id, 'mamba-small', set)
  await project.train(runId)
  const evaluation = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  seen.set(name, evaluation)
  const { sum, units } = await nats(runId, id)
  expect(evaluation.unit).toBe('bits per base')
  expect(evaluation.count).toBe(units)
  expect(evaluation.score.value).toBeCloseTo(sum / units / Math.LN2, 4)
  // the curve is on the same scale: per token, 3-mers would start above 6 bits
  const { metric } = getRun(project.store, runId)
  for (const { trainLoss } of project.points(runId)) expect(trainLoss * metric.scale).toBeLessThan(3)
  const chunks: string[] = []
  const watch = {
    signal: new AbortController().signal,
    chunk: (chunk: Omit<GeneratedChunk, 'jobId'>) => void chunks.push(chunk.text ?? ''),
  }
  await generateRun(
    project.store,
    { request: { runId, prompt: 'ACGTACGTACGT', length: 20, temperature: 1, seed: 1 }, device: 'cpu' },
    watch,
  )
  expect(chunks.join('')).toMatch(/^[ACGTN]{20,}$/)
  if (name === '3-mers') expect(chunks.join('')).toHaveLength(60)
})

test('the baselines beside them are the same numbers', () => {
  const baselines = [...seen.values()].map(({ baselines: all }) => all.map(({ value }) => value))
  expect(baselines).toHaveLength(3)
  expect(baselines[1]).toEqual(baselines[0])
  expect(baselines[2]).toEqual(baselines[0])
})
