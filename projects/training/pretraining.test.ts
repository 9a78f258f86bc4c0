import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getRunDetail, lastCheckpoint } from '../../datasets/store/store.ts'
import { synthesise } from '../../datasets/synthetic/synthesise.ts'
import { parseSafetensors } from '../../kernels/weights/safetensors.ts'
import { datasetFacts } from '../config/facts.ts'
import { evaluateRun } from '../evaluation/evaluateRun.ts'
import { exportRun } from '../exporting/exportRun.ts'
import { loadRun } from '../runs/loadRun.ts'
import { quiet, TestProject } from '../testing/project.ts'
import { TrainingControl } from './control.ts'
import { carriedOver, phasesOf } from './phases.ts'

let project: TestProject
let labelled: number
beforeAll(async () => {
  project = new TestProject()
  const line = (i: number): string => {
    const [name, letters] = i % 2 ? ['once', 'abcdefgh'] : ['twice', 'aabbccddeeffgghh']
    return `${name} ${letters.repeat(3).slice(i % 5, 12 + (i % 7))}`
  }
  const text = Array.from({ length: 240 }, (_, i) => line(i)).join('\n')
  labelled = await project.import('letters.txt', text, { labels: { from: 'line' } })
})
afterAll(() => project.close())

const set = {
  'model.d_model': 16,
  'model.layers': '1×mamba',
  'data.batch': 8,
  'training.validate_batches': 2,
  'training.validate_every': 10,
  'training.steps': 20,
  'pretraining.steps': 20,
  'optimizer.lr': 0.01,
}
const arenas = (runId: number): ReturnType<typeof parseSafetensors>['tensors'] =>
  parseSafetensors(readFileSync(join(project.folder, lastCheckpoint(project.store, runId)!.path))).tensors
const bytes = (data: Float32Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength)

test.each([
  [{ 'pretraining.objective.kind': 'next-token' }, 0],
  [{ 'pretraining.objective.kind': 'masked', 'pretraining.objective.rate': 0.3, 'model.mixers.mamba.direction': 'both' }, 1],
  [{ 'pretraining.objective.kind': 'infill' }, 3],
])('inputs first, then their labels: one run, one curve, one model (%o)', async (kind, extra) => {
  const runId = project.create(labelled, 'mamba-classify', { ...set, ...kind })
  expect((await project.train(runId)).state).toBe('done')
  const run = getRunDetail(project.store, runId)
  expect(run).toMatchObject({ steps: 40, step: 40, checkpointStep: 40 })
  expect(run.events.find(({ text }) => text.startsWith('Pretraining ends'))!.step).toBe(20)
  const points = project.points(runId)
  // the optimiser warms up again, and the best is one of labels
  expect(points.filter(({ step }) => step > 20)[0].learningRate).toBeLessThan(0.01)
  const ofLabels = points
    .filter(({ step, validationLoss }) => step > 20 && validationLoss !== undefined)
    .map((point) => point.validationLoss!)
  expect(run.bestValidationLoss).toBe(Math.min(...ofLabels))
  const trained = loadRun(project.store, runId)
  const { input, head } = trained.experiment.model.config
  expect(input).toEqual({ kind: 'tokens', vocab: trained.facts.vocab! + extra })
  expect(head).toMatchObject({ at: 'mean', width: 2 })
  const { score } = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  expect(score.value).toBeGreaterThan(0.8)
  const target = join(project.folder, 'exports', `both-${extra}`)
  expect((await exportRun(project.store, { runId, target, device: 'cpu' }, quiet)).selfTest.passed).toBe(true)
})

test.each([7, 27])('a run of two phases stopped about step %i and resumed ends as one that never stopped, to the bit', async (stopAt) => {
  const straight = project.create(labelled, 'mamba-classify', set)
  await project.train(straight)
  const broken = project.create(labelled, 'mamba-classify', set)
  const control = new TrainingControl()
  const end = await project.train(broken, { control, hear: ({ change }) => (change?.step ?? 0) >= stopAt && void control.stop() })
  expect(end.state).toBe('stopped')
  const stopped = lastCheckpoint(project.store, broken)!.step
  expect(stopped < 20).toBe(stopAt < 20)
  if (stopAt < 20)
    await expect(evaluateRun(project.store, { runId: broken, split: 'test', device: 'cpu' }, quiet)).rejects.toThrow(
      'It has not learned labels yet; train it past step 20',
    )
  await project.train(broken, { resume: true })
  const [a, b] = [arenas(straight), arenas(broken)]
  expect(b.size).toBe(a.size)
  for (const [name, { data }] of a) expect(Buffer.compare(bytes(data), bytes(b.get(name)!.data)), name).toBe(0)
})

test('what was learned of the inputs is what labels begin with, under a new head', () => {
  const runId = project.create(labelled, 'mamba-classify', set)
  const { config } = getRunDetail(project.store, runId)
  const [inputs, labels] = phasesOf(config, datasetFacts(project.store, labelled)).map(({ experiment }) => experiment.model)
  const learned = inputs.initialise(7).map((value) => value + 1)
  const begun = carriedOver(inputs, learned, labels, 3)
  const fresh = labels.initialise(3)
  const part = (model: typeof labels, arena: Float32Array, name: string): Float32Array => {
    const { offset, elements } = model.params.find((one) => one.name === name)!
    return arena.slice(offset, offset + elements)
  }
  for (const { name } of labels.params)
    expect(part(labels, begun, name), name).toEqual(name.startsWith('head.') ? part(labels, fresh, name) : part(inputs, learned, name))
})

test('the answers of a generated task may be preceded by its inputs', async () => {
  const options = { min_length: 1, max_length: 8, test_lengths: '8', train: 64, validation: 16, test: 10 }
  const { datasetId: task } = await synthesise(project.store, { task: 'parity', options })
  const runId = project.create(task, 'mamba-small', { ...set, 'data.batch': 4 })
  expect((await project.train(runId)).state).toBe('done')
  expect(getRunDetail(project.store, runId)).toMatchObject({ step: 40, steps: 40 })
  expect(loadRun(project.store, runId).experiment.model.config.head.at).toBe('every')
})

test('what cannot go before labels is refused with the reason', async () => {
  const both = { ...set, 'model.mixers.mamba.direction': 'both' }
  expect(() => project.create(labelled, 'mamba-classify', both)).toThrow('Before the labels: A model that reads in both directions')
  expect(() => project.create(labelled, 'mamba-small', { 'pretraining.steps': 5 })).toThrow('Pretraining is for objectives with labels')
  expect(() => project.create(labelled, 'mamba-classify', { 'pretraining.step': 5 })).toThrow('did you mean "pretraining.steps"')
})
