import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importFiles } from '../../datasets/importing/importFiles.ts'
import { getRunDetail, lastCheckpoint } from '../../datasets/store/store.ts'
import { wav } from '../../datasets/testing/project.ts'
import { parseSafetensors } from '../../kernels/weights/safetensors.ts'
import { evaluateRun } from '../evaluation/evaluateRun.ts'
import { exportRun } from '../exporting/exportRun.ts'
import { datasetFacts } from '../config/facts.ts'
import { loadRun } from '../runs/loadRun.ts'
import { quiet, TestProject } from '../testing/project.ts'
import { TrainingControl } from './control.ts'
import { phasesOf } from './phases.ts'
import { openSource } from './sources.ts'

let project: TestProject
let waves: number
beforeAll(async () => {
  project = new TestProject()
  const rows = Array.from({ length: 600 }, (_, i) => `${Math.sin(i / 4).toFixed(4)},${Math.cos(i / 7).toFixed(4)}`)
  waves = await project.import('waves.csv', `a,b\n${rows.join('\n')}\n`)
})
afterAll(() => project.close())

const set = {
  'model.d_model': 16,
  'model.layers': '1×mamba',
  'data.batch': 8,
  'objective.lookback': 32,
  'objective.patch': 4,
  'objective.horizon': 8,
  'training.validate_batches': 2,
  'training.validate_every': 10,
  'training.steps': 30,
  'pretraining.steps': 30,
  'optimizer.lr': 0.01,
}
const both = { 'pretraining.objective.kind': 'masked-value', 'model.mixers.mamba.direction': 'both' }

test.each([{}, both])('a series is restored first, then forecast: one run that evaluates and exports (%o)', async (more) => {
  const runId = project.create(waves, 'mamba-small', { ...set, ...more })
  expect((await project.train(runId)).state).toBe('done')
  const run = getRunDetail(project.store, runId)
  expect(run).toMatchObject({ steps: 60, step: 60 })
  expect(run.config.pretraining!.objective.kind).toBe('pretraining.objective.kind' in more ? 'masked-value' : 'next-value')
  const before = project.points(runId).filter(({ step, trainLoss }) => step <= 30 && trainLoss !== undefined)
  expect(before.at(-1)!.trainLoss).toBeLessThan(0.8 * before[0].trainLoss!)
  expect(loadRun(project.store, runId).experiment.model.config.head.at).toBe('last')
  const { score, baselines } = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  expect(score.value).toBeLessThan(baselines.find(({ name }) => name.includes('last'))!.value)
  const target = join(project.folder, 'exports', Object.keys(more).length ? 'masked' : 'next')
  expect((await exportRun(project.store, { runId, target, device: 'cpu' }, quiet)).selfTest.passed).toBe(true)
})

test('stopped while numbers are restored, and resumed, a run ends as one that never stopped, to the bit', async () => {
  const straight = project.create(waves, 'mamba-small', set)
  await project.train(straight)
  const broken = project.create(waves, 'mamba-small', set)
  const control = new TrainingControl()
  await project.train(broken, { control, hear: ({ change }) => (change?.step ?? 0) >= 12 && void control.stop() })
  expect(lastCheckpoint(project.store, broken)!.step).toBeLessThan(30)
  await project.train(broken, { resume: true })
  const arenas = (runId: number): ReturnType<typeof parseSafetensors>['tensors'] =>
    parseSafetensors(readFileSync(join(project.folder, lastCheckpoint(project.store, runId)!.path))).tensors
  const [a, b] = [arenas(straight), arenas(broken)]
  for (const [name, { data }] of a) expect(b.get(name)!.data, name).toEqual(data)
})

test.each(['next-value', 'masked-value'])('%s of labelled sounds: what the task reads is asked for, and never padding', async (kind) => {
  const paths = Array.from({ length: 24 }, (_, i) => {
    const path = join(project.folder, 'uploads', `${i % 2 ? 'high' : 'low'}_${kind}${i}.wav`)
    const samples = Int16Array.from({ length: 160 + 8 * i }, (_, t) => 8000 * Math.sin(t / (i % 2 ? 1.3 : 6.4)))
    writeFileSync(path, wav(new Uint8Array(samples.buffer)))
    return path
  })
  const labels = { from: 'file', pattern: '(?<label>high|low)_' } as const
  const { datasetId } = await importFiles(project.store, { paths, options: { labels } })
  const { 'objective.lookback': _lookback, 'objective.horizon': _horizon, ...shared } = set
  const own = { 'data.noise': 0, 'data.crop': 1, 'objective.patch': 16, 'data.seqlen': 20, 'pretraining.objective.kind': kind }
  const runId = project.create(datasetId, 'mamba-classify', { ...shared, ...own })
  const { config } = getRunDetail(project.store, runId)
  const facts = datasetFacts(project.store, datasetId)
  const [first, last] = phasesOf(config, facts).map(({ experiment }) => experiment)
  const [restored, task] = [first, last].map((experiment) => openSource(project.store, facts, experiment, 'train', true))
  restored.fill(3, 5)
  task.fill(3, 5)
  const { targets, weights } = restored.batch.targets
  const [seen, read] = [task.batch.input, restored.batch.input]
  let [asked, known] = [0, 0]
  for (let i = 0; i < seen.length; i++) {
    // patches that are full for sure
    const full = task.batch.targets.lengths[Math.floor(i / 320)] - 1
    const at = Math.floor((i % 320) / 16)
    if (at < full) known++
    if (weights[i] === 0) {
      expect(read[i]).toBe(seen[i])
      if (kind === 'next-value') expect(at).toBeGreaterThanOrEqual(full - 1)
      continue
    }
    asked++
    expect(at).toBeLessThan(full)
    expect(targets[i]).toBe(kind === 'next-value' ? seen[i + 16] : seen[i])
    if (kind === 'masked-value') expect(read[i]).toBe(0)
  }
  if (kind === 'next-value') expect(asked).toBe(known - 8 * 16)
  else expect(Math.abs(asked / known - 0.4)).toBeLessThan(0.15)
  expect((await project.train(runId)).state).toBe('done')
})

test('what cannot go before numbers is refused with the reason', () => {
  const create = (more: Record<string, string>): number => project.create(waves, 'mamba-small', { ...set, ...more })
  expect(() => create({ 'pretraining.objective.kind': 'masked' })).toThrow(
    'These inputs are numbers; set pretraining.objective.kind to next-value',
  )
  expect(() => create({ 'model.mixers.mamba.direction': 'both', 'pretraining.objective.kind': 'next-value' })).toThrow(
    'Before the labels: A model that reads in both directions sees the values it should predict',
  )
})
