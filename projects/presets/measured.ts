import { bundledSamples } from '../../datasets/samples/samples.ts'
import type { Domain } from '../../main/contract/dataset.ts'
import { classifyPresets } from './classify.ts'
import { type PresetSource, presetsOf } from './presets.ts'

/** A preset and the data it is trained on once. */
export interface Measured {
  readonly domain: Domain
  readonly preset: PresetSource
  /** DOMAIN/ID, and for labelled data /RECIPE. */
  readonly name: string
  /** Comes with Strand; its id. */
  readonly sample?: string
  /** A published data set, as datasets/recipes imports it. */
  readonly recipe?: string
}

export const DOMAINS: readonly Domain[] = ['genomics', 'audio', 'timeseries', 'text']

/** Published sets of labelled records. Of those in folds the first is left out for the test. */
const LABELLED: Readonly<Record<Domain, readonly string[]>> = {
  genomics: ['splice-junction', 'ecoli-sigma70'],
  audio: ['fsdd', 'fsdd-speakers'],
  timeseries: ['gunpoint', 'italy-power-demand', 'basic-motions'],
  text: ['trec', 'sst-2'],
}

const onSamples = (domain: Domain): Measured[] => {
  const sample = bundledSamples().find((one) => one.sample.domain === domain)!.sample.id
  return presetsOf(domain).map((preset) => ({ domain, preset, name: `${domain}/${preset.id}`, sample }))
}

const onRecipes = (domain: Domain): Measured[] =>
  LABELLED[domain].flatMap((recipe) =>
    classifyPresets(domain).map((preset) => ({ domain, preset, name: `${domain}/${preset.id}/${recipe}`, recipe })),
  )

/** Every preset, those for labelled records on several data sets, in the order of docs/presets.md. */
export const measured: readonly Measured[] = [...DOMAINS.flatMap(onSamples), ...DOMAINS.flatMap(onRecipes)]

export const resultFile = (name: string): string => `${name.replaceAll('/', '-')}.json`
