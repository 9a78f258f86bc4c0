import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getRunDetail, lastCheckpoint, listCheckpoints } from '../../datasets/store/store.ts'
import { parseSafetensors } from '../../kernels/weights/safetensors.ts'
import { TestProject, tiny } from '../testing/project.ts'
import { TrainingControl } from './control.ts'

let project: TestProject
let text: number
beforeAll(async () => {
  project = new TestProject()
  text = await project.import('periodic.txt', 'the quick brown fox jumps over the lazy dog. '.repeat(200))
})
afterAll(() => project.close())

const arenas = (runId: number): ReturnType<typeof parseSafetensors>['tensors'] =>
  parseSafetensors(readFileSync(join(project.folder, lastCheckpoint(project.store, runId)!.path))).tensors

test('a model learns a periodic text far below its order-0 entropy, and the run tells its course', async () => {
  const runId = project.create(text, 'mamba-small', { ...tiny, 'training.steps': 150, 'optimizer.lr': 0.01, 'training.sample_every': 75 })
  expect(await project.train(runId)).toEqual({ state: 'done', message: null })
  const run = getRunDetail(project.store, runId)
  expect(run.baseline!.name).toBe('order-0 entropy')
  expect(run.baseline!.value).toBeGreaterThan(2.5)
  expect(run.bestValidationLoss).toBeLessThan(0.5 * run.baseline!.value)
  expect(run).toMatchObject({ step: 150, steps: 150, device: 'cpu', checkpointStep: 150 })
  expect(run.stepMs).toBeGreaterThan(0)
  expect(run.memoryBytes).toBeGreaterThan(4 * 4 * run.parameters)
  expect(run.samples.map((sample) => [sample.step, sample.text?.length])).toEqual([
    [75, 200],
    [150, 200],
  ])
  const points = project.points(runId)
  expect(points[0].trainLoss).toBeGreaterThan(2)
  expect(points.some(({ step, validationLoss }) => step === 10 && validationLoss !== undefined)).toBe(true)
  expect(points.at(-1)!.step).toBe(150)
  // the best and the newest are kept, nothing else
  const files = readdirSync(join(project.folder, `checkpoints/run-${runId}`))
  expect(files.sort()).toEqual(
    listCheckpoints(project.store, runId)
      .map(({ path }) => path.split('/').at(-1))
      .sort(),
  )
  expect(files.length).toBeLessThanOrEqual(2)
})

test('a run stopped and resumed has the parameters and optimiser state of one that never stopped, to the bit', async () => {
  const set = { ...tiny, 'training.steps': 30, 'training.validate_every': 7 }
  const straight = project.create(text, 'mamba-small', set)
  await project.train(straight)
  const broken = project.create(text, 'mamba-small', set)
  const control = new TrainingControl()
  const stopAt = 15
  const end = await project.train(broken, {
    control,
    hear: ({ change }) => {
      if ((change?.step ?? 0) >= 10) void control.stop()
    },
  })
  expect(end.state).toBe('stopped')
  const stopped = lastCheckpoint(project.store, broken)!.step
  expect(stopped).toBeGreaterThan(0)
  expect(stopped).toBeLessThanOrEqual(stopAt)
  await project.train(broken, { resume: true })
  const [a, b] = [arenas(straight), arenas(broken)]
  expect(b.size).toBe(a.size)
  for (const [name, { data }] of a) expect(Buffer.compare(bytes(data), bytes(b.get(name)!.data)), name).toBe(0)
  expect(getRunDetail(project.store, broken).events.map(({ text }) => text)).toContain(`Resumed from the checkpoint of step ${stopped}.`)
})

test('a paused run waits with a checkpoint, and goes on', async () => {
  const runId = project.create(text, 'mamba-small', { ...tiny, 'training.steps': 40 })
  const control = new TrainingControl()
  let last = 0
  const trained = project.train(runId, { control, hear: ({ change }) => (last = change?.step ?? last) })
  while (last < 10) await new Promise((resolve) => setTimeout(resolve, 1))
  await control.pause()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const paused = last
  expect(lastCheckpoint(project.store, runId)!.step).toBeGreaterThanOrEqual(paused)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(last).toBe(paused)
  await control.continue()
  expect((await trained).state).toBe('done')
  expect(getRunDetail(project.store, runId).seconds).toBeLessThan(30)
})

test('an absurd learning rate ends with a sentence that names it, and the last good checkpoint stays', async () => {
  const runId = project.create(text, 'mamba-small', {
    ...tiny,
    'training.steps': 500,
    'optimizer.lr': 1e5,
    'optimizer.warmup': 0,
    'training.validate_every': 5,
  })
  const failure = await project.train(runId).then(
    () => null,
    (error: Error & { code: string }) => error,
  )
  expect(failure).toMatchObject({ code: 'diverged' })
  expect(failure!.message).toMatch(/^Training diverged at step \d+: .*Lower optimizer\.lr \(now 100000\)\.$/)
  for (const { path } of listCheckpoints(project.store, runId))
    for (const { data } of parseSafetensors(readFileSync(join(project.folder, path))).tensors.values())
      expect(data.every(Number.isFinite)).toBe(true)
})

test('training ends early when validation stops improving, and when its minutes are over', async () => {
  const never = { ...tiny, 'training.steps': 100_000, 'optimizer.lr': 1e-12, 'training.validate_every': 1 }
  const patient = project.create(text, 'mamba-small', { ...never, 'training.patience': 3, 'optimizer.lr': 1e-30 })
  expect((await project.train(patient)).message).toMatch(/^Ended at step \d+: 3 validations in a row brought no new best\.$/)
  const hurried = project.create(text, 'mamba-small', { ...never, 'training.max_minutes': 0.01 })
  expect((await project.train(hurried)).message).toContain('0.01 minutes, the limit that was set')
})

test('a damaged newest checkpoint is passed over with a sentence', async () => {
  const runId = project.create(text, 'mamba-small', { ...tiny, 'training.steps': 20, 'training.validate_every': 20 })
  const control = new TrainingControl()
  await project.train(runId, { control, hear: ({ change }) => change?.checkpointStep && void control.stop() })
  const { path, step } = lastCheckpoint(project.store, runId)!
  const file = join(project.folder, path)
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length - 10))
  expect((await project.train(runId, { resume: true })).state).toBe('done')
  const texts = getRunDetail(project.store, runId).events.map((event) => event.text)
  expect(texts.some((sentence) => sentence.startsWith(`The checkpoint of step ${step} could not be read`))).toBe(true)
})

const bytes = (data: Float32Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength)
