import type { DatasetSummary } from '../../../main/contract/dataset.ts'
import type { Preset, RunConfig } from '../../../main/contract/run.ts'
import type { Named } from '../../format/fields.ts'

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
export const stepsField: Named = { path: 'training.steps', label: 'Steps' }
export const beforeField: Named = { path: 'pretraining.steps', label: 'Steps before the labels' }
export const batchFields: Named[] = [
  { path: 'data.batch', label: 'Batch', unit: 'windows' },
  { path: 'data.seqlen', label: 'Length', unit: 'positions' },
  { path: 'data.packing', label: 'Records in a window' },
]
export const devices = [
  { value: 'auto' as const, title: 'the best device', detail: 'what the self-test of this machine chose' },
  { value: 'cpu' as const, title: 'CPU' },
  { value: 'webgpu' as const, title: 'WebGPU' },
]
