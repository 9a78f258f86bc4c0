import { afterEach, expect, test } from 'vitest'
import { judge } from '../evaluation/evaluateRun.ts'
import { generateRun } from '../generation/generateRun.ts'
import { loadRun } from '../runs/loadRun.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { quiet, TestProject, tiny } from '../testing/project.ts'

let project: TestProject
afterEach(() => project.close())

test('a masked model reads both ways, learns what is hidden, is scored on hidden tokens alone, and does not write', async () => {
  project = new TestProject()
  const text = await project.import('periodic.txt', 'abcdefgh, '.repeat(400))
  const set = { ...tiny, 'objective.kind': 'masked', 'model.mixers.mamba.direction': 'both', 'training.steps': 150, 'optimizer.lr': 0.01 }
  const runId = project.create(text, 'mamba-small', { ...set, 'training.sample_every': 0 })
  expect((await project.train(runId)).state).toBe('done')
  const trained = loadRun(project.store, runId)
  expect(trained.run.config.objective).toEqual({ kind: 'masked', rate: 0.15 })
  const backend = await CpuBackend.open()
  const judged = await judge(project.store, backend, trained, 'test', quiet)
  backend.destroy()
  expect(judged.score.value).toBeLessThan(0.7)
  expect(judged.baselines).toHaveLength(1)
  expect(judged.count).toBeLessThan(150)
  expect(judged.sentence).toContain('hidden and told from both sides')
  const request = { runId, length: 5, temperature: 0, seed: 1 }
  await expect(generateRun(project.store, { request, device: 'cpu' }, { signal: quiet.signal, chunk: () => {} })).rejects.toThrow(
    'cannot write',
  )
})

test('an infilling model writes what stands between a prefix and a suffix', async () => {
  project = new TestProject()
  const text = await project.import('periodic.txt', 'abcdefgh, '.repeat(400))
  const set = {
    ...tiny,
    'objective.kind': 'infill',
    'objective.rate': 0.9,
    'data.batch': 16,
    'model.d_model': 32,
    'model.layers': '2×mamba',
    'training.steps': 500,
    'optimizer.lr': 0.01,
    'training.sample_every': 0,
  }
  const runId = project.create(text, 'mamba-small', set)
  await project.train(runId)
  let written = ''
  const chunk = (part: { text?: string }): void => void (written += part.text ?? '')
  const request = { runId, prompt: 'abcd', suffix: 'h, abcdefgh', length: 3, temperature: 0, seed: 1 }
  await generateRun(project.store, { request, device: 'cpu' }, { signal: quiet.signal, chunk })
  expect(written).toBe('efg')
})

test('a model of both strands is refused for next-token training, and is trained on masks', async () => {
  project = new TestProject()
  const dna = await project.import('phage.fa', `>one\n${'ACGTTGCAAC'.repeat(300)}\n`)
  const set = { ...tiny, 'model.both_strands': true, 'training.steps': 30, 'training.sample_every': 0 }
  expect(() => project.create(dna, 'mamba-small', set)).toThrow('use the masked objective')
  const runId = project.create(dna, 'mamba-small', { ...set, 'objective.kind': 'masked', 'model.tie_embeddings': false })
  expect((await project.train(runId)).state).toBe('done')
  const { experiment } = loadRun(project.store, runId)
  const { complement } = experiment.model.config
  expect(complement!.map((id) => complement![id])).toEqual([...complement!.keys()])
  expect(complement!.filter((id, i) => id !== i)).toHaveLength(4)
})

test.each([
  ['mae', 'MAE'],
  ['quantiles', 'pinball loss × 2'],
] as const)('a forecaster minimises %s, is shown in its unit, and is scored by its median', async (loss, unit) => {
  project = new TestProject()
  const rows = Array.from({ length: 900 }, (_, i) => `${Math.sin(i / 5).toFixed(4)},${Math.cos(i / 7).toFixed(4)}`)
  const series = await project.import('waves.csv', `a,b\n${rows.join('\n')}\n`)
  const set = { 'model.d_model': 16, 'objective.horizon': 8, 'objective.lookback': 48, 'objective.patch': 8, 'objective.loss': loss }
  const runId = project.create(series, 'mamba-nano', { ...set, 'training.steps': 150, 'optimizer.lr': 0.01 })
  expect((await project.train(runId)).state).toBe('done')
  const trained = loadRun(project.store, runId)
  expect(trained.run.metric.unit).toBe(unit)
  expect(trained.run.baseline!.value).toBeGreaterThan(2 * trained.run.bestValidationLoss!)
  const backend = await CpuBackend.open()
  const judged = await judge(project.store, backend, trained, 'test', quiet)
  backend.destroy()
  expect(judged.score.value).toBeLessThan(judged.baselines[0].value / 3)
})

test('dropout changes what training sees and not what is scored; the same seed gives the same run', async () => {
  project = new TestProject()
  const text = await project.import('periodic.txt', 'abcdefgh, '.repeat(400))
  const run = async (dropout: number): Promise<number[]> => {
    const set = { ...tiny, 'model.dropout': dropout, 'training.steps': 12, 'training.validate_every': 12, 'training.sample_every': 0 }
    const runId = project.create(text, 'mamba-small', set)
    await project.train(runId)
    const { trainLoss, validationLoss } = project.points(runId).at(-1)!
    return [trainLoss, validationLoss!]
  }
  const [none, some, again] = [await run(0), await run(0.3), await run(0.3)]
  expect(some).toEqual(again)
  expect(some[0]).not.toBe(none[0])
  expect(some[1]).toBeGreaterThan(none[1])
})
