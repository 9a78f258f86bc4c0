import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mixers } from '../../kernels/mixers/registry.ts'
import { pythonLoader } from './python/loader.ts'
import { pythonMixers } from './python/mixers.ts'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseSafetensors } from '../../kernels/weights/safetensors.ts'
import { loadRun } from '../runs/loadRun.ts'
import { quiet, TestProject, tiny } from '../testing/project.ts'
import { exportRun } from './exportRun.ts'
import { arenaOf } from './weights.ts'

let project: TestProject
let runId: number
beforeAll(async () => {
  project = new TestProject()
  const text = await project.import('verse.txt', 'roses are red, violets are blue. '.repeat(60))
  runId = project.create(text, 'mamba-small', { ...tiny, 'training.steps': 20, 'training.sample_every': 0, 'model.tie_embeddings': true })
  await project.train(runId)
})
afterAll(() => project.close())

const out = (name: string): string => join(project.folder, 'exports', name)
const json = (folder: string, name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>

test('an export is a folder that proves itself, under the published names', async () => {
  const folder = out('one')
  const result = await exportRun(project.store, { runId, target: folder, device: 'cpu' }, quiet)
  expect(result.selfTest).toMatchObject({ passed: true, maxAbsLogitDifference: 0, tokens: 64 })
  expect(readdirSync(folder).sort()).toEqual(result.files.map(({ name }) => name).sort())
  expect(readdirSync(folder).sort()).toEqual(
    [
      'README.md',
      'config.json',
      'model.safetensors',
      'self-test.json',
      'strand.json',
      'strand_model.py',
      'tokenizer.json',
      'tokenizer_config.json',
    ].sort(),
  )
  const file = parseSafetensors(readFileSync(join(folder, 'model.safetensors')))
  const { experiment, params } = loadRun(project.store, runId)
  expect(arenaOf(experiment.model, file)).toEqual(params)
  expect(file.tensors.get('backbone.layers.0.mixer.conv1d.weight')!.shape).toEqual([32, 1, 4])
  expect(file.tensors.get('lm_head.weight')!.data).toEqual(file.tensors.get('backbone.embedding.weight')!.data)
  expect(json(folder, 'strand.json').run).toEqual(experiment.config)
  const published = json(folder, 'config.json')
  expect(published).toMatchObject({ d_model: 16, n_layer: 1, vocab_size: 15, ssm_cfg: { d_state: 4, d_conv: 4, expand: 2 } })
  // one key more, and MambaConfig(**json) is a TypeError
  const known =
    'd_model d_intermediate n_layer vocab_size ssm_cfg attn_layer_idx attn_cfg rms_norm residual_in_fp32 fused_add_norm pad_vocab_size_multiple tie_embeddings'
  expect(Object.keys(published).sort()).toEqual(known.split(' ').sort())
  const { model } = json(folder, 'tokenizer.json') as { model: { vocab: Record<string, number> } }
  expect(Object.keys(model.vocab)).toHaveLength(15)
  const card = readFileSync(join(folder, 'README.md'), 'utf8')
  expect(card).toContain('order-0 entropy')
  expect(card).toContain('equal to the bit')
})

test('a folder that exists is never touched, and a failed export leaves nothing', async () => {
  const folder = out('mine')
  mkdirSync(folder)
  writeFileSync(join(folder, 'thesis.txt'), 'important')
  await expect(exportRun(project.store, { runId, target: folder, device: 'cpu' }, quiet)).rejects.toMatchObject({ code: 'bad-input' })
  expect(readdirSync(folder)).toEqual(['thesis.txt'])
  const abort = new AbortController()
  const progress = ({ phase }: { phase: string }): void => void (phase === 'scoring' && abort.abort())
  const cancelled = exportRun(project.store, { runId, target: out('half'), device: 'cpu' }, { signal: abort.signal, progress })
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
  expect(existsSync(out('half'))).toBe(false)
  expect(readdirSync(join(project.folder, 'exports')).filter((name) => name.startsWith('.'))).toEqual([])
})

test('every mixer has its class in the PyTorch loader, and the loader holds only those that are used', () => {
  expect(Object.keys(pythonMixers).sort()).toEqual(expect.arrayContaining(Object.keys(mixers).sort()))
  const python = pythonLoader(['slstm', 'mamba', 'slstm'])
  expect(python).toContain('MIXERS = {"slstm": SLSTM, "mamba": Mamba}')
  expect(python).not.toContain('class S4D')
})
