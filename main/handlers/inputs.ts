import { z } from 'zod'
import type { CallName, Input } from '../contract/calls.ts'
import type { ImportOptions, LabelSource } from '../contract/importing.ts'
import type { RunConfig } from '../contract/run.ts'
import type { Settings } from '../contract/system.ts'
import { StrandError } from '../core/errors.ts'
import { tableInput } from './tableInput.ts'

const id = z.number().int().positive()
const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes('\0'), 'is not a path')
const name = z.string().trim().min(1).max(200)
const nothing = z.preprocess((value) => (value === null ? undefined : value), z.undefined()) as z.ZodType<void>
const count = z.number().int().positive()
const finite = z.number().finite()

const names = z.array(z.string().min(1).max(1000)).max(10_000)

const range = z.strictObject({ from: finite, to: finite })

const labelSource = z.strictObject({
  from: z.enum(['folder', 'file', 'header', 'line', 'column', 'feature', 'none']),
  pattern: z.string().min(1).max(1000).optional(),
  column: z.string().max(1000).optional(),
  text: z.string().max(1000).optional(),
  group: z.string().max(1000).optional(),
  features: z.array(z.string().min(1).max(100)).max(100).optional(),
  numbers: z.boolean().optional(),
}) satisfies z.ZodType<LabelSource>

const splitChoice = {
  split: z
    .strictObject({ train: z.number().min(0).max(1), validation: z.number().min(0).max(1), test: z.number().min(0).max(1) })
    .refine(({ train, validation, test }) => Math.abs(train + validation + test - 1) < 1e-6, 'must add up to 1')
    .optional(),
  splitRows: z.tuple([count, count, count]).optional(),
  splitBy: z.enum(['auto', 'position', 'order', 'random', 'stratified', 'group', 'published']).optional(),
  splitHold: z.strictObject({ validation: names.optional(), test: names.optional() }).optional(),
  splitSeed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  folds: z.union([z.number().int().min(3).max(1000), z.literal('groups')]).optional(),
}

const importOptions = z.strictObject({
  name: name.optional(),
  domain: z.enum(['genomics', 'audio', 'timeseries', 'text', 'auto']).optional(),
  onProblem: z.enum(['stop', 'skip', 'fix']).optional(),
  ...splitChoice,
  tokens: z
    .enum(['char', 'byte', 'bpe', 'nucleotide', 'kmer', 'codon', 'amino-acid', 'protein', 'mu-law', 'linear', 'continuous'])
    .optional(),
  k: z.number().int().min(2).max(8).optional(),
  overlap: z.boolean().optional(),
  frame: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  vocab: z.number().int().min(6).max(65_536).optional(),
  bits: z.number().int().min(4).max(12).optional(),
  flank: z.number().int().min(0).max(10_000_000).optional(),
  features: z.array(z.string().min(1).max(200)).max(1000).optional(),
  splice: z.boolean().optional(),
  minQuality: z.number().min(0).max(93).optional(),
  minLength: z.number().int().min(1).max(1_000_000_000).optional(),
  phred: z.union([z.literal(33), z.literal(64)]).optional(),
  pcm: z
    .strictObject({
      coding: z.enum(['u8', 's8', 's16', 's24', 's32', 'f32', 'f64', 'alaw', 'mulaw', 's16be', 's24be', 's32be', 'f32be', 'f64be']),
      rate: z.number().int().min(1000).max(384_000),
      channels: z.number().int().min(1).max(64),
    })
    .optional(),
  missing: z.enum(['mask', 'previous', 'linear', 'split', 'stop']).optional(),
  sampleRate: z.number().int().min(1000).max(384_000).optional(),
  versionOf: id.optional(),
  labels: labelSource.optional(),
  records: z.enum(['files', 'lines']).optional(),
  ...tableInput,
}) satisfies z.ZodType<ImportOptions>

const files = z.array(path).min(1).max(10_000)

/** An object; what is in it is described once, by projects/config, which checks it where the dataset is known too. */
const runConfig = z.custom<RunConfig>((value) => typeof value === 'object' && value !== null, 'must be a configuration')

const settings = z
  .strictObject({ theme: z.enum(['system', 'light', 'dark']), device: z.enum(['auto', 'webgpu', 'cpu']), singleKeyShortcuts: z.boolean() })
  .partial() satisfies z.ZodType<Partial<Settings>>

const run = z.strictObject({ runId: id })

/** What each call accepts from a front. Exhaustive: a call added to the contract and not here does not compile. */
export const inputs: { [K in CallName]: z.ZodType<Input<K>> } = {
  'app/info': nothing,
  'system/doctor': z.preprocess((value) => value ?? undefined, z.strictObject({ remeasure: z.boolean().optional() }).optional()),
  'system/settings': z.preprocess((value) => value ?? undefined, settings.optional()) as z.ZodType<Partial<Settings> | void>,
  'system/reveal': z.strictObject({ path }),
  'system/choose-folder': z.strictObject({ title: z.string().max(200) }),
  'project/current': nothing,
  'project/recent': nothing,
  'project/open': z.strictObject({ path }),
  'project/create': z.strictObject({ name }),
  'sample/list': nothing,
  'sample/import': z.strictObject({ id: z.string().min(1).max(100) }),
  'synthetic/list': nothing,
  'synthetic/generate': z.strictObject({
    task: z.string().min(1).max(100),
    options: z.record(z.string().min(1).max(100), z.union([finite, z.boolean(), z.string().max(1000)])).optional(),
    seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
    name: name.optional(),
  }),
  'dataset/inspect': z.strictObject({ paths: files, options: importOptions.optional() }),
  'dataset/import': z.strictObject({ paths: files, options: importOptions }),
  'dataset/list': nothing,
  'dataset/get': z.strictObject({ id }),
  'dataset/versions': z.strictObject({ id }),
  'dataset/signal': z.strictObject({ id }),
  'dataset/preview': z.strictObject({
    id,
    recordId: id.optional(),
    start: z.number().int().nonnegative().optional(),
    length: count.optional(),
  }),
  'dataset/quality': z.strictObject({ id }),
  'dataset/records': z.strictObject({
    id,
    label: finite.nullable().optional(),
    value: range.optional(),
    group: z.string().max(1000).optional(),
    split: z.enum(['train', 'validation', 'test', 'mixed']).optional(),
    length: range.optional(),
    offset: z.number().int().nonnegative(),
    limit: count.max(500),
  }),
  'dataset/split': z.strictObject({ id, options: z.strictObject(splitChoice) }),
  'dataset/rename': z.strictObject({ id, name }),
  'dataset/delete': z.strictObject({ id }),
  'model/presets': z.strictObject({ datasetId: id }),
  'model/mixers': nothing,
  'model/settings': nothing,
  'model/describe': z.strictObject({ datasetId: id, config: runConfig }),
  'run/start': z.strictObject({
    datasetId: id,
    preset: z.string().min(1).max(100),
    name: name.optional(),
    set: z.record(z.string().min(1).max(100), z.union([finite, z.boolean(), z.string().max(4000), z.null()])).optional(),
    device: z.enum(['auto', 'webgpu', 'cpu', 'reference']).optional(),
  }),
  'run/pause': run,
  'run/resume': run,
  'run/stop': run,
  'run/list': nothing,
  'run/get': run,
  'run/metrics': run,
  'run/rename': z.strictObject({ runId: id, name }),
  'run/delete': run,
  'run/evaluate': z.strictObject({ runId: id, split: z.enum(['validation', 'test']) }),
  'run/evaluations': run,
  'run/generate': z.strictObject({
    runId: id,
    prompt: z.string().max(1_000_000).optional(),
    suffix: z.string().max(1_000_000).optional(),
    length: count.max(10_000_000),
    temperature: z.number().min(0).max(100),
    topK: count.nullable().optional(),
    topP: z.number().positive().max(1).nullable().optional(),
    seed: z.number().int(),
    channel: z.number().int().nonnegative().optional(),
  }),
  'run/export': z.strictObject({ runId: id, folder: path.optional() }),
  'run/exports': run,
  'job/list': nothing,
  'job/cancel': z.strictObject({ jobId: z.string().min(1).max(100) }),
}

export function isCallName(candidate: string): candidate is CallName {
  return Object.hasOwn(inputs, candidate)
}

/** The input as the contract types it, or 'bad-input' naming the field and what is wrong with it. */
export function parseInput<K extends CallName>(call: K, input: unknown): Input<K> {
  const result = inputs[call].safeParse(input)
  if (result.success) return result.data
  const { path: where, message } = result.error.issues[0]
  const field = where.length ? where.join('.') : 'the input'
  throw new StrandError('bad-input', `${call} was given a value it cannot take: ${field}: ${message}.`, { call, field })
}
