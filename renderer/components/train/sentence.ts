import type { DatasetSummary } from '../../../main/contract/dataset.ts'
import type { Preset, RunConfig } from '../../../main/contract/run.ts'
import type { Field } from '../../format/fields.ts'

/** What the recipe says in one sentence. */
export interface SentenceParts {
  datasets: DatasetSummary[]
  dataset: { id: number; name: string; domain: DatasetSummary['domain'] }
  presets: Preset[]
  presetId: string
  config: RunConfig
  original: RunConfig
  device: string
}
export const stepsField: Field = {
  path: 'training.steps',
  label: 'Steps',
  help: 'Updates of the weights in the whole run.',
  min: 1,
  max: 10_000_000,
  whole: true,
}
export const beforeField: Field = {
  path: 'pretraining.steps',
  label: 'Steps before the labels',
  help: 'The layers learn the inputs alone first, then the labels under a new head. Empty for none.',
  cite: { text: 'Amos et al. 2024', url: 'https://arxiv.org/abs/2310.02980' },
  min: 1,
  max: 10_000_000,
  whole: true,
  optional: true,
}
export const batchFields: Field[] = [
  {
    path: 'data.batch',
    label: 'Batch',
    unit: 'windows',
    help: 'Windows that are averaged for one update.',
    min: 1,
    max: 4096,
    whole: true,
  },
  { path: 'data.seqlen', label: 'Length', unit: 'tokens', help: 'Tokens in one window.', min: 8, max: 65_536, whole: true },
  {
    path: 'data.packing',
    label: 'Records in a window',
    help: 'Short records share a window, and none sees another. Empty or 1 for one record a window.',
    min: 1,
    max: 64,
    whole: true,
    optional: true,
  },
]
export const devices = [
  { value: 'auto' as const, title: 'the best device', detail: 'what the self-test of this machine chose' },
  { value: 'cpu' as const, title: 'CPU' },
  { value: 'webgpu' as const, title: 'WebGPU' },
]
