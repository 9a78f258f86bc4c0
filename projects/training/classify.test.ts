import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLabelledRecords } from '../../datasets/batching/labelledRecords.ts'
import { wav } from '../../datasets/testing/project.ts'
import { importFiles } from '../../datasets/importing/importFiles.ts'
import { getRun, getRunDetail } from '../../datasets/store/store.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportRun } from '../exporting/exportRun.ts'
import { evaluateRun } from '../evaluation/evaluateRun.ts'
import { listPresets } from '../presets/listPresets.ts'
import { loadRun } from '../runs/loadRun.ts'
import { quiet, TestProject } from '../testing/project.ts'
import { labelledSource } from './labelledSource.ts'

let project: TestProject
beforeAll(() => (project = new TestProject()))
afterAll(() => project.close())

const small = { 'model.d_model': 16, 'model.layers': '1×mamba', 'data.batch': 16, 'training.validate_batches': 2, 'optimizer.lr': 0.01 }

/** Lines of 3 to 22 letters; the class is which of two letters it holds more of. */
function lines(n: number): string {
  let x = 5
  const next = (below: number): number => ((x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16) % below
  return Array.from({ length: n }, () => {
    const yes = next(2) === 1
    const text = Array.from({ length: 3 + next(20) }, () => (next(10) < 7 ? (yes ? 'a' : 'b') : 'c')).join('')
    return `${yes ? 'more-a' : 'more-b'} ${text}`
  }).join('\n')
}

test('labelled lines of any length: presets lead with classes, a model learns them, is judged beside baselines, and exports', async () => {
  const datasetId = await project.import('lines.txt', lines(400), { labels: { from: 'line' } })
  expect(listPresets(project.store, { datasetId })[0]).toMatchObject({ id: 'mamba-classify', config: { data: { seqlen: 22 } } })
  const runId = project.create(datasetId, 'mamba-classify', { ...small, 'training.steps': 120, 'objective.pool': 'last' })
  await project.train(runId)
  const run = getRun(project.store, runId)
  expect(run.metric).toEqual({ name: 'Loss', unit: 'nats per record', scale: 1, token: 'record' })
  expect(run.baseline).toMatchObject({ name: 'class frequencies' })
  expect(run.bestValidationLoss).toBeLessThan(run.baseline!.value / 2)

  const evaluation = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  const { score, classification, baselines, count } = evaluation
  expect(count).toBe(40)
  expect(score.value).toBeGreaterThan(0.9)
  expect(score.low).toBeLessThan(score.value)
  expect(classification!.classes).toEqual(['more-a', 'more-b'])
  expect(classification!.confusion.flat().reduce((a, b) => a + b, 0)).toBe(40)
  expect(classification!.confusion[0][0] + classification!.confusion[1][1]).toBe(Math.round(score.value * 40))
  expect(baselines.map(({ name }) => name)).toEqual(['always the largest class', 'naive Bayes on words'])
  expect(evaluation.sentence).toMatch(/^\d+\.\d % right \(95 % .* 40 test records\.$/)

  const target = join(project.folder, 'exports', 'classes')
  const exported = await exportRun(project.store, { runId, target, device: 'cpu' }, quiet)
  expect(exported.selfTest.passed).toBe(true)
})

test('where too few records validate to choose a step by, all steps are taken and the last weights kept', async () => {
  const datasetId = await project.import('few.txt', lines(60), { labels: { from: 'line' } })
  // so slow that no validation is better than the first by more than rounding: patience would end it
  const still = { ...small, 'training.steps': 30, 'training.validate_every': 2, 'training.patience': 1, 'optimizer.lr': 1e-30 }
  const runId = project.create(datasetId, 'mamba-classify', still)
  expect(await project.train(runId)).toEqual({ state: 'done', message: null })
  expect(loadRun(project.store, runId).step).toBe(30)
  const { events, bestValidationLoss, validationLoss } = getRunDetail(project.store, runId)
  expect(events.map(({ text }) => text)).toContain(
    '6 labelled records validate, too few to choose a step by: all 30 steps are taken, and the last weights kept.',
  )
  expect(bestValidationLoss).toBe(validationLoss)

  const many = await project.import('many.txt', lines(500), { labels: { from: 'line' } })
  expect((await project.train(project.create(many, 'mamba-classify', still))).message).toContain('1 validations in a row')
})

test('replaced tokens come from the same record, their share is the one set, and held-out records stay as they are', async () => {
  const datasetId = await project.import('replaced.txt', lines(200), { labels: { from: 'line' } })
  const runId = project.create(datasetId, 'mamba-classify', { ...small, 'training.steps': 1, 'data.replace': 0.3 })
  await project.train(runId)
  const { experiment, facts } = loadRun(project.store, runId)
  const data = openLabelledRecords(project.store, facts.id, 'train', { as: 'tokens' })
  const width = experiment.dims.seqlen
  const ids = (replace: number, augment: boolean, step: number): Int32Array[] => {
    const { config } = experiment
    const source = labelledSource({ ...experiment, config: { ...config, data: { ...config.data, replace } } }, data, augment)
    source.fill(3, step)
    const { input, targets } = source.batch
    return Array.from(targets.lengths, (length, row) => Int32Array.from(input.subarray(row * width, row * width + length)))
  }
  let [changed, could] = [0, 0]
  for (let step = 0; step < 40; step++) {
    const after = ids(0.3, true, step)
    for (const [row, own] of ids(0, true, step).entries()) {
      expect(after[row].every((id) => own.includes(id))).toBe(true)
      changed += own.filter((id, i) => id !== after[row][i]).length
      // a token differs from what it gives way to as often as two tokens of its record do
      for (const a of own) could += own.filter((b) => b !== a).length / own.length
    }
  }
  expect(changed / could).toBeGreaterThan(0.27)
  expect(changed / could).toBeLessThan(0.33)
  expect(ids(0.3, true, 5)).toEqual(ids(0.3, true, 5))
  expect(ids(0.3, false, 0)).toEqual(ids(0, false, 0))
})

test('a run tests the fold it chose: the same records that another fold trains on', async () => {
  const datasetId = await project.import('folds.txt', lines(60), { labels: { from: 'line' }, folds: 5 })
  const ids = (fold: number, split: 'train' | 'validation' | 'test'): number[] =>
    openLabelledRecords(project.store, datasetId, split, { fold, as: 'tokens' }).records.map(({ recordId }) => recordId)
  const tested = [0, 1, 2, 3, 4].flatMap((fold) => ids(fold, 'test'))
  expect(new Set(tested).size).toBe(60)
  expect(ids(0, 'validation')).toEqual(ids(1, 'test'))
  expect(ids(2, 'train').some((id) => ids(2, 'test').includes(id))).toBe(false)

  const runId = project.create(datasetId, 'mamba-classify', { ...small, 'training.steps': 2, 'data.fold': 2 })
  expect(getRun(project.store, runId).name).toBe('Mamba, classes on folds, fold 2')
  await project.train(runId)
  const { classification } = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  const judged = new Set(classification!.examples.map(({ recordId }) => recordId))
  expect([...judged].every((id) => ids(2, 'test').includes(id))).toBe(true)
  expect(() => project.create(datasetId, 'mamba-classify', { 'data.fold': 5 })).toThrow('there is no fold 5')
})

test('sounds as raw samples and series as rows: patches, channels, padding behind', async () => {
  const tone = (hz: number, seconds: number): Buffer => {
    const samples = Int16Array.from({ length: 8000 * seconds }, (_, i) => 8000 * Math.sin((2 * Math.PI * hz * i) / 8000))
    return wav(new Uint8Array(samples.buffer))
  }
  const paths = Array.from({ length: 24 }, (_, i) => {
    const path = join(project.folder, 'uploads', `${i % 2 ? 'high' : 'low'}_${i}.wav`)
    writeFileSync(path, tone(i % 2 ? 1000 : 200, 0.02 + 0.001 * i))
    return path
  })
  const { datasetId } = await importFiles(project.store, { paths, options: { labels: { from: 'file', pattern: '(?<label>high|low)_' } } })
  const runId = project.create(datasetId, 'mamba-classify', { ...small, 'training.steps': 2, 'objective.patch': 16, 'data.seqlen': 20 })
  await project.train(runId)
  const { experiment, facts } = loadRun(project.store, runId)
  const data = openLabelledRecords(project.store, facts.id, 'train', { as: 'values' })
  const source = labelledSource(experiment, data, false)
  source.fill(1, 0)
  const { input, targets } = source.batch
  for (let row = 0; row < 16; row++) {
    const length = targets.lengths[row]
    const own = (input as Float32Array).subarray(row * 320, (row + 1) * 320)
    expect(own.subarray(length * 16).every((value) => value === 0)).toBe(true)
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length
    expect(Math.abs(mean)).toBeLessThan(1e-3)
  }
  const { score, baselines } = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  expect(baselines.at(-1)).toEqual({ name: '1 nearest neighbour on spectra', value: 1 })
  expect(score.value).toBeGreaterThanOrEqual(0)
})

test('records of any length are read from both ends; what would read their padding is refused', async () => {
  const datasetId = await project.import('both.txt', lines(300), { labels: { from: 'line' } })
  const both = {
    ...small,
    'model.layers': '2×mamba',
    'model.mixers.mamba.direction': 'both',
    'training.steps': 80,
    'objective.pool': 'last',
  }
  const runId = project.create(datasetId, 'mamba-classify', both)
  await project.train(runId)
  const { score, reading } = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  expect(score.value).toBeGreaterThan(0.9)
  expect(reading!.map(({ layer }) => layer)).toEqual([0, 1])
  const exported = await exportRun(project.store, { runId, target: join(project.folder, 'exports', 'both'), device: 'cpu' }, quiet)
  expect(exported.selfTest.passed).toBe(true)
  const open = { ...small, 'model.layers': 'full_attention' }
  expect(() => project.create(datasetId, 'mamba-classify', open)).toThrow('the padding behind a short record too')
})

test('DNA of any length read on both strands: a record and its reverse complement get the same scores; ridge is only for one length', async () => {
  const bases = (text: string): string => text.replace(/[abc]/g, (letter) => 'ATG'['abc'.indexOf(letter)])
  const rows = [
    'label,seq',
    ...lines(60)
      .split('\n')
      .map((line) => line.replace(/^(\S+) (.*)/, (_, name, text: string) => `${name},${bases(text)}`)),
  ]
  const options = { domain: 'genomics', labels: { from: 'column', column: 'label', text: 'seq' } } as const
  const datasetId = await project.import('strands.csv', rows.join('\n'), options)
  const set = { ...small, 'model.both_strands': true, 'training.steps': 3, 'model.mixers.mamba.direction': 'both' }
  const runId = project.create(datasetId, 'mamba-classify', { ...set, 'objective.pool': 'mean' })
  await project.train(runId)
  const { baselines } = await evaluateRun(project.store, { runId, split: 'test', device: 'cpu' }, quiet)
  expect(baselines.map(({ name }) => name)).toEqual(['always the largest class', 'naive Bayes on 4-mers'])
  const exported = await exportRun(project.store, { runId, target: join(project.folder, 'exports', 'strands'), device: 'cpu' }, quiet)
  expect(exported.selfTest.passed).toBe(true)
  expect(() => project.create(datasetId, 'mamba-classify', { ...set, 'objective.pool': 'last' })).toThrow('set objective.pool to mean')
})

test('what cannot be told apart is refused with the reason', async () => {
  const one = await project.import('one.txt', 'x a\nx b\nx c\n', { labels: { from: 'line' } })
  expect(() => project.create(one, 'mamba-classify')).toThrow('All records of "one" are called "x"')
  const same = await project.import('same.txt', '2 a\n2 b\n2 c\n2 d\n2 e\n2 f\n2 g\n2 h\n2 i\n2 j\n', {
    labels: { from: 'line', numbers: true },
  })
  expect(() => project.create(same, 'mamba-regress')).toThrow('All training records of "same" are labelled 2')
  expect(() =>
    project.create(same, 'mamba-small', {
      'objective.kind': 'classify',
      'objective.pool': 'mean',
      'objective.read': 'tokens',
      'objective.patch': 1,
      'model.tie_embeddings': false,
    }),
  ).toThrow('use the regress objective')
})
