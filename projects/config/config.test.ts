import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Domain } from '../../main/contract/dataset.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import { classifyPresets } from '../presets/classify.ts'
import { fitPreset } from '../presets/fit.ts'
import { presetsOf } from '../presets/presets.ts'
import { newRun } from '../runs/newRun.ts'
import { TestProject } from '../testing/project.ts'
import { applySet, checkConfig } from './check.ts'
import { configure, requireData } from './configure.ts'
import { describeModel } from './describeRun.ts'
import type { DatasetFacts } from './facts.ts'
import { listSettings } from './listSettings.ts'
import { runConfigJsonSchema } from './schema.ts'
import { settingsTable } from './settingsTable.ts'

const DOMAINS: Domain[] = ['genomics', 'audio', 'timeseries', 'text']
const part = { length: 10_000, longest: 10_000 }

function factsOf(domain: Domain): DatasetFacts {
  const series = domain === 'timeseries'
  return {
    id: 1,
    name: 'Data',
    domain,
    unit: 'characters',
    hash: '00',
    codec: series
      ? { kind: 'series', channels: ['a', 'b'], mean: [0, 0], std: [1, 1] }
      : domain === 'genomics'
        ? { kind: 'nucleotide' }
        : { kind: 'byte' },
    vocab: series ? null : 65,
    channels: series ? ['a', 'b'] : [],
    targets: false,
    unitsPerToken: 1,
    numbers: null,
    classes: null,
    fold: 0,
    folds: 0,
    splits: { train: part, validation: part, test: part },
  }
}
const preset = (domain: Domain): RunConfig => presetsOf(domain)[0].config
const text = preset('text')

test.each(DOMAINS)('every preset for %s is valid, builds, and says in words what it is; the small one comes first', (domain) => {
  expect(
    presetsOf(domain)
      .slice(0, 3)
      .map(({ id }) => id),
  ).toEqual(['mamba-small', 'mamba-nano', 'mamba-base'])
  expect(new Set(presetsOf(domain).map(({ id }) => id)).size).toBe(presetsOf(domain).length)
  for (const { config, description } of presetsOf(domain)) {
    expect(checkConfig(config)).toEqual(config)
    const facts = factsOf(domain)
    const experiment = configure(config, facts)
    requireData(config, facts)
    const summary = describeModel(experiment)
    expect(summary.parameters).toBe(summary.layers.reduce((sum, layer) => sum + layer.parameters, 0))
    expect(summary.memoryBytes).toBeGreaterThan(16 * summary.parameters)
    expect(summary.stateBytesPerSequence).toBeGreaterThan(0)
    expect(description).toMatch(/\.$/)
  }
})

test('settings are replaced by dotted path, and the document stays whole', () => {
  const next = applySet(text, { 'optimizer.lr': 1e-4, 'model.mixers.mamba.d_state': 32, 'training.patience': 5, seed: 7 })
  expect(next.optimizer.lr).toBe(1e-4)
  expect(next.model.mixers.mamba.d_state).toBe(32)
  expect(next).toMatchObject({ seed: 7, training: { patience: 5 } })
  expect(text.optimizer.lr).not.toBe(1e-4)
})

test('SaShiMi is a setting like others: pools with commas, the rest as in the paper, and null takes it away', () => {
  const next = applySet(text, { 'model.sashimi.pool': '4, 2' })
  expect(next.model.sashimi).toEqual({ pool: [4, 2], expand: 2, ff: 2, unet: false })
  expect(applySet(next, { 'model.sashimi.pool': 8, 'model.sashimi.unet': true }).model.sashimi).toMatchObject({ pool: [8], unet: true })
  expect(applySet(next, { 'model.sashimi.pool': null })).toEqual(text)
})

test.each([
  [{ 'optimizer.lrr': 1 }, 'There is no setting "optimizer.lrr"; did you mean "optimizer.lr"?'],
  [{ lr: 1 }, 'There is no setting "lr"; did you mean "optimizer.lr"?'],
  [{ 'model.mixers.mamba.heads': 4 }, 'There is no setting "model.mixers.mamba.heads"'],
  [{ 'optimizer.lr': -1 }, '"optimizer.lr" is -1; it must be above 0.'],
  [{ 'optimizer.beta1': 1 }, '"optimizer.beta1" is 1; it must be below 1.'],
  [{ 'model.d_model': 64.5 }, '"model.d_model" is 64.5; it must be a whole number.'],
  [{ 'training.steps': 'many' }, '"training.steps" is "many"; it must be a number.'],
  [{ 'optimizer.schedule': 'linear' }, '"optimizer.schedule" is "linear"; it must be "cosine" or "constant".'],
  [{ 'model.layers': '4×transformer' }, 'There is no mixer "transformer"; there are '],
  [{ 'model.layers': '4 mamba' }, 'The layers "4 mamba" are not understood: "mamba" is not expected there.'],
  [{ 'model.mixers.mamba.d_state': 0 }, '"model.mixers.mamba.d_state" is 0; it must be at least 1.'],
  [{ 'objective.kind': 'guess' }, '"objective.kind" is "guess"; it must be next-token, masked, infill, '],
  [
    { 'pretraining.steps': 5, 'pretraining.objective.kind': 'forecast' },
    '"pretraining.objective.kind" is "forecast"; it must be next-token, masked, infill, next-value, masked-value.',
  ],
  [{ 'model.mixers.s4d.d_state': 7 }, '"model.mixers.s4d.d_state" is 7; it must be a multiple of 2.'],
  [{ 'model.layers': 'mamba, attention{n_head: 4}' }, 'did you mean "model.mixers.attention.n_heads"?'],
  [{ 'model.layers': 'mamba, attention{n_heads: 0}' }, '"model.layers.1.n_heads" is 0; it must be at least 1.'],
  [{ 'model.sashimi.pool': 'four' }, '"model.sashimi.pool" is "four"; it must be whole numbers with commas between, such as 4,4.'],
  [{ 'model.sashimi.unet': true }, 'The setting "model.sashimi.pool" is missing; it must be whole numbers with commas between'],
  [{ 'training.max_minutes': false }, '"training.max_minutes" is false; it must be a number.'],
])('%o is refused with a sentence', (set, sentence) => {
  const attempt = (): RunConfig => applySet(text, set as Record<string, number>)
  expect(attempt).toThrow(expect.objectContaining({ code: 'config/invalid', message: expect.stringContaining(sentence) as string }))
})

test.each<[string, Domain, (config: RunConfig) => void, string]>([
  ['tokens as a series', 'text', (c) => (c.objective = preset('timeseries').objective), 'holds tokens'],
  ['a series as tokens', 'timeseries', (c) => (c.objective = { kind: 'next-token' }), 'is a series of numbers'],
  ['no labels', 'text', (c) => (c.objective = { kind: 'classify', pool: 'last', read: 'tokens', patch: 1 }), 'no classes for labels'],
  ['text has no other strand', 'text', (c) => (c.data.reverse_complement = true), 'no reverse complement'],
  ['warm-up past the end', 'text', (c) => (c.optimizer.warmup = 1e6), 'does not end within'],
  ['a rate that ends above its start', 'text', (c) => (c.optimizer.min_lr = 1), 'above optimizer.lr'],
  ['patches that do not divide', 'timeseries', (c) => Object.assign(c.objective, { patch: 37 }), 'does not divide'],
  ['windows and patches', 'timeseries', (c) => (c.data.seqlen = 5), '336 rows is 21 patches'],
  ['a series of two strands', 'timeseries', (c) => (c.model.both_strands = true), 'A series has one strand only'],
  ['text of two strands', 'text', (c) => (c.model.both_strands = true), 'Only single nucleotides have a complement'],
  [
    'steps that begin above their end',
    'text',
    (c) => Object.assign(c.model, { layers: 's4d', mixers: { s4d: { dt_min: 0.5 } } }),
    's4d: dt_min 0.5 is above dt_max 0.1.',
  ],
  ['the width of no MLP', 'text', (c) => (c.model.mixers = { mamba: { mlp_ratio: 2 } }), 'choose an mlp, or leave mlp_ratio out.'],
  [
    'a SaShiMi of both directions and windows it does not pool evenly',
    'text',
    (c) => {
      c.objective = { kind: 'masked', rate: 0.15 }
      c.data.seqlen = 50
      Object.assign(c.model, { tie_embeddings: false, layers: 'full_attention', sashimi: { pool: [4], expand: 2, ff: 2, unet: false } })
    },
    'set data.seqlen to a multiple of 4, such as 52.',
  ],
  ['a tied forecaster', 'timeseries', (c) => (c.model.tie_embeddings = true), 'no embedding to share'],
])('%s: refused with the reason', (_case, domain, change, reason) => {
  const config = structuredClone(preset(domain))
  change(config)
  expect(() => configure(config, factsOf(domain))).toThrow(
    expect.objectContaining({ code: 'config/invalid', message: expect.stringContaining(reason) as string }),
  )
})

test('a layer of a hybrid has options of its own: in the document, the model, its cost and the JSON schema', () => {
  const listed = structuredClone(text) as unknown as { model: Record<string, unknown> }
  listed.model = { ...listed.model, d_model: 64, layers: ['mamba', { mixer: 'attention', n_heads: 4, window: 8 }, 'attention'] }
  listed.model.mixers = { attention: { n_heads: 2, mlp: 'none' }, mamba: { d_state: 4 } }
  const config = checkConfig(listed)
  expect(config.model.layers).toBe('1×mamba, 1×attention{n_heads: 4, window: 8}, 1×attention')
  expect(applySet(text, { ...flat(config), 'model.layers': config.model.layers }).model).toMatchObject(config.model)
  const experiment = configure(config, factsOf('text'))
  const [, own, shared] = experiment.model.layers
  expect(own.config).toMatchObject({ heads: 4, window: 8 })
  expect(shared.config).toMatchObject({ heads: 2 })
  expect(shared.config.window).not.toBe(8)
  const { layers, ...cost } = describeModel(experiment)
  expect(layers.filter(({ own: options }) => options)).toEqual([
    expect.objectContaining({ name: 'backbone.layers.1', kind: 'attention', own: { n_heads: 4, window: 8 } }),
  ])
  const same = structuredClone(config)
  same.model.layers = 'mamba, 2×attention'
  const without = describeModel(configure(same, factsOf('text')))
  // a window of eight positions keeps and reads less than the whole past
  expect(cost.stateBytesPerSequence).toBeLessThan(without.stateBytesPerSequence)
  expect(cost.flopsPerToken).toBeLessThan(without.flopsPerToken)
  const validate = (layer: object): boolean => z.fromJSONSchema(layersSchema() as z.core.JSONSchema.JSONSchema).safeParse([layer]).success
  expect(
    [
      { mixer: 'attention', n_heads: 4 },
      { mixer: 'attention', heads: 4 },
      { mixer: 'attention', n_heads: 0 },
    ].map(validate),
  ).toEqual([true, false, false])
})

const flat = ({ model }: RunConfig): Record<string, number | string> => ({
  'model.d_model': model.d_model,
  'model.mixers.attention.n_heads': 2,
  'model.mixers.attention.mlp': 'none',
  'model.mixers.mamba.d_state': 4,
})
const layersSchema = (): unknown =>
  (runConfigJsonSchema() as { properties: { model: { properties: { layers: unknown } } } }).properties.model.properties.layers

test('windows longer than the data are refused with the longest that fits, and a preset is fitted beforehand', () => {
  const shortPart = { length: 100, longest: 100 }
  const facts = { ...factsOf('text'), splits: { train: shortPart, validation: shortPart, test: shortPart } }
  expect(() => requireData(text, facts)).toThrow('set data.seqlen to at most 99')
  const fitted = fitPreset(text, facts)
  expect(fitted.data.seqlen).toBe(99)
  requireData(fitted, facts)
  const series = { ...factsOf('timeseries'), splits: facts.splits }
  for (const { config } of presetsOf('timeseries')) {
    const forecast = fitPreset(config, series)
    configure(forecast, series)
    requireData(forecast, series)
  }
})

test('the JSON schema carries help, ranges and the options of the mixer', () => {
  const schema = JSON.stringify(runConfigJsonSchema())
  expect(schema).toContain('arXiv:1711.05101')
  expect(schema).toContain('"d_state":{')
  expect(schema).toContain('"maximum":256')
})

test('the form gets of each setting its range, default, help and source from the schema', () => {
  const settings = listSettings()
  const of = (key: string): unknown => settings.find((one) => one.key === key)
  expect(of('optimizer.weight_decay')).toEqual({
    key: 'optimizer.weight_decay',
    help: 'Decoupled weight decay of matrices',
    kind: 'number',
    default: null,
    min: 0,
    max: 10,
    cite: { text: 'Loshchilov & Hutter 2019', url: 'https://arxiv.org/abs/1711.05101' },
  })
  expect(of('optimizer.lr')).toMatchObject({ above: 0, max: 1e6 })
  expect(of('training.max_minutes')).toMatchObject({ kind: 'number', empty: true, above: 0 })
  expect(of('training.accumulate')).toMatchObject({ kind: 'integer', default: 1, min: 1, max: 4096 })
  expect(of('training.precision')).toMatchObject({ kind: 'choice', default: 'f32', choices: ['f32', 'mixed'] })
  expect(of('objective.horizon')).toMatchObject({ objective: 'forecast', min: 1, max: 2048 })
  expect(settings.filter(({ help }) => help === '').map(({ key }) => key)).toEqual([])
})

test('docs/settings.md is what the schema says (node projects/config/table.ts)', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8')).toBe(settingsTable())
})

test('a new run is complete: settings that go with another follow it, given ones stay', async () => {
  const project = new TestProject()
  const datasetId = await project.import('words.txt', 'hello world. '.repeat(300))
  const { config, metric, name } = newRun(project.store, {
    datasetId,
    preset: 'mamba-small',
    set: { 'training.steps': 20, 'optimizer.lr': 3e-4, 'training.sample_every': 3, 'training.precision': 'mixed' },
  })
  expect(config.training).toMatchObject({ steps: 20, validate_every: 5, sample_every: 3, precision: 'mixed' })
  expect(config.optimizer.warmup).toBe(2)
  expect(config.optimizer.min_lr).toBeLessThan(3e-4)
  expect(metric).toEqual({ name: 'Loss', unit: 'nats per character', scale: 1, token: 'character' })
  expect(name).toBe('Mamba, small on words')
  expect(() => newRun(project.store, { datasetId, preset: 'gpt' })).toThrow(
    'There is no preset "gpt" for text data; there are mamba-small, mamba-nano, mamba-base',
  )
  expect(readdirSync(project.folder)).toContain('project.sqlite')
  project.close()
})

test('a model may be a SaShiMi: every rate is a line of its own in the summary, and odd pools are refused', () => {
  const base = preset('audio')
  const sashimi = { pool: [4, 4], expand: 2, ff: 2, unet: false }
  const config = {
    ...base,
    model: { ...base.model, layers: '2×s4d', d_model: 16, norm: 'layer' as const, mixers: { s4d: { d_state: 8 } }, sashimi },
  }
  const summary = describeModel(configure(checkConfig(config), factsOf('audio')))
  expect(summary.layers.map(({ name }) => name)).toContain('backbone.u_layers.1.3')
  expect(summary.layers.find(({ name }) => name === 'backbone.c_layers.2')!.kind).toBe('s4d')
  expect(() => checkConfig({ ...config, model: { ...config.model, sashimi: { ...sashimi, pool: [1] } } })).toThrow(/must be at least 2/)
})

test("a state space's steps follow the length of labelled records, so that it tells their places apart", () => {
  const [{ config }] = classifyPresets('genomics')
  const short = { length: 3000, longest: 64 }
  const facts = { ...factsOf('genomics'), classes: ['a', 'b'], splits: { train: short, validation: short, test: short } }
  const { data, model } = fitPreset(config, facts)
  expect(data.seqlen).toBe(64)
  const { dt_min, dt_max } = config.model.mixers.s4d as { dt_min: number; dt_max: number }
  expect(model.mixers.s4d.dt_min).toBeCloseTo((dt_min * config.data.seqlen) / 64, 4)
  expect(model.mixers.s4d.dt_max).toBeCloseTo((dt_max * config.data.seqlen) / 64, 3)
  expect(fitPreset(config, { ...facts, splits: factsOf('genomics').splits }).model).toEqual(config.model)
})

test.each<[Domain, RunConfig['data'] | object, string]>([
  ['text', { gain_db: 6 }, '"Data" is not sound, so it has no loudness; set data.gain_db to 0.'],
  ['genomics', { noise: 0.1 }, '"Data" is read as symbols, to which no noise can be added; set data.noise to 0.'],
  ['genomics', { replace: 0.1 }, 'Tokens are replaced only in records whose labels are told; set data.replace to 0.'],
  ['audio', { crop: 0.5 }, 'Training windows begin anywhere already; set data.crop to 1.'],
])('a change to training windows of %s that makes no sense is refused: %j', (domain, data, says) => {
  const config = { ...preset(domain), data: { ...preset(domain).data, ...data } }
  const facts = domain === 'audio' ? { ...factsOf(domain), codec: { kind: 'mu-law' as const, levels: 256 } } : factsOf(domain)
  expect(() => configure(config, facts)).toThrow(says)
})

test('sound may be louder and noisy, and a series noisy', () => {
  const sound = { ...factsOf('audio'), codec: { kind: 'mu-law' as const, levels: 256 }, vocab: 256 }
  configure({ ...preset('audio'), data: { ...preset('audio').data, gain_db: 6, noise: 0.001 } }, sound)
  configure({ ...preset('timeseries'), data: { ...preset('timeseries').data, noise: 0.1 } }, factsOf('timeseries'))
})
