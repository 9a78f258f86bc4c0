import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunConfig } from '../../main/contract/run.ts'
import { fittedTo, withChanges } from '../stores/withChanges.ts'
import { batchFields, beforeField, stepsField } from '../components/train/sentence.ts'
import {
  augmentations,
  augmentationsOf,
  fieldOf,
  foldField,
  forecastFields,
  modelFields,
  objectiveWords,
  parseField,
  rangeWords,
  tokenObjectives,
  trainingChoices,
  trainingFields,
} from './fields.ts'

const whole = fieldOf({ path: 'a', label: 'A' }, { key: 'a', help: '', kind: 'integer', default: null, min: 1, max: 10_000 })
const rate = fieldOf({ path: 'b', label: 'B' }, { key: 'b', help: '', kind: 'number', default: null, above: 0, max: 1 })

test('fields read numbers as people write them and refuse the rest', () => {
  expect(['5,000', ' 12 ', '1.5', '0', '20000', 'ten', ''].map((text) => parseField(whole, text))).toEqual([
    5000,
    12,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(['3e-3', '3e−3', '0.001', '0', '1', '1.1'].map((text) => parseField(rate, text))).toEqual([
    0.003,
    0.003,
    0.001,
    undefined,
    1,
    undefined,
  ])
  expect(parseField({ ...rate, optional: true }, '')).toBeNull()
  expect([whole, rate].map(rangeWords)).toEqual(['from 1 to 10,000', 'above 0, at most 1'])
})

test('what the form names are settings of the schema that checks a run', () => {
  const documented = readFileSync(join(import.meta.dirname, '../../docs/settings.md'), 'utf8')
  const lists = [modelFields, trainingFields, trainingChoices, forecastFields, batchFields, [foldField, stepsField, beforeField]]
  const unknown = lists.flat().filter(({ path }) => !documented.includes(`| \`${path}\` |`))
  expect(unknown).toEqual([])
})

test('changes replace single values and leave the preset as it was', () => {
  const preset = { version: 2, model: { d_model: 64, mixers: { mamba: { d_state: 16 } } }, seed: 1 } as unknown as RunConfig
  const changed = withChanges(preset, { 'model.mixers.mamba.d_state': 32, seed: 7 })
  expect(changed).toEqual({ version: 2, model: { d_model: 64, mixers: { mamba: { d_state: 32 } } }, seed: 7 })
  expect(preset.model.mixers.mamba.d_state).toBe(16)
})

test('the objective is said in the words of the domain', () => {
  expect(objectiveWords('genomics', { kind: 'next-token' })).toBe('the next base')
  expect(objectiveWords('genomics', { kind: 'masked' })).toBe('hidden bases')
  expect(tokenObjectives('text', 'masked')!.map(({ value }) => value)).toEqual(['next-token', 'masked', 'infill'])
  expect(tokenObjectives('timeseries', 'forecast')).toBeNull()
  expect(objectiveWords('timeseries', { kind: 'masked-value' })).toBe('hidden values')
  expect(objectiveWords('timeseries', { kind: 'forecast', horizon: 96 })).toBe('the next 96 rows')
})

test('a short run gets a short warm-up and is validated often enough', () => {
  const preset = { optimizer: { warmup: 100 }, training: { steps: 2000, validate_every: 100, sample_every: 200 } } as unknown as RunConfig
  expect(fittedTo(40, preset, { 'training.steps': 40 })).toEqual({
    'training.steps': 40,
    'optimizer.warmup': 4,
    'training.validate_every': 4,
    'training.sample_every': 20,
  })
  expect(fittedTo(5000, preset, { 'training.steps': 5000 })).toEqual({ 'training.steps': 5000 })
})

test('what training may change of its windows is offered where it means something, and told of a run that has it', () => {
  const paths = (domain: 'genomics' | 'audio' | 'timeseries' | 'text', objective: object): string[] =>
    augmentations(domain, objective as RunConfig['objective']).map(({ path }) => path.replace('data.', ''))
  const classify = { kind: 'classify', pool: 'mean', read: 'tokens', patch: 1 }
  expect([
    paths('genomics', { kind: 'next-token' }),
    paths('audio', { kind: 'next-token' }),
    paths('text', { kind: 'next-token' }),
    paths('timeseries', { kind: 'forecast' }),
    paths('genomics', classify),
    paths('timeseries', { ...classify, read: 'values' }),
  ]).toEqual([['reverse_complement'], ['gain_db', 'noise'], [], ['noise'], ['reverse_complement', 'crop', 'replace'], ['noise', 'crop']])
  const run = (data: object): RunConfig => ({ objective: classify, data: { seqlen: 8, batch: 2, ...data } }) as unknown as RunConfig
  expect(augmentationsOf(run({}), 'genomics')).toEqual([])
  expect(augmentationsOf(run({ reverse_complement: true, crop: 0.5, replace: 0.1 }), 'genomics')).toEqual([
    ['Reverse complement', 'half of the windows'],
    ['Least part of a record', '50 %'],
    ['Tokens replaced', '10 %'],
  ])
})
