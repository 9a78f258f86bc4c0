import type { Domain } from '../../main/contract/dataset.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { DatasetFacts } from '../config/facts.ts'
import { audioPresets } from './audio.ts'
import { classifyPresets, regressPresets } from './classify.ts'
import { genomicsPresets } from './genomics.ts'
import { textPresets } from './text.ts'
import { timeseriesPresets } from './timeseries.ts'

/** A ready configuration, before it is fitted to a dataset. */
export interface PresetSource {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly config: RunConfig
}

const ALL: Readonly<Record<Domain, readonly PresetSource[]>> = {
  genomics: genomicsPresets,
  audio: audioPresets,
  timeseries: timeseriesPresets,
  text: textPresets,
}

/** Those that fit a dataset, the default first: labelled records are there to be told apart, or measured. */
export const presetsFor = ({ domain, classes, numbers }: Pick<DatasetFacts, 'domain' | 'classes' | 'numbers'>): readonly PresetSource[] => [
  ...(classes ? classifyPresets(domain) : numbers ? regressPresets(domain) : []),
  ...ALL[domain],
]

/** The default first. */
export const presetsOf = (domain: Domain): readonly PresetSource[] => ALL[domain]
