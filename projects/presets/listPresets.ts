import { listRuns, getRunDetail, type ReadableStore } from '../../datasets/store/store.ts'
import { configure, type Experiment } from '../config/configure.ts'
import { datasetFacts } from '../config/facts.ts'
import type { ListPresets } from '../api.ts'
import { fitPreset } from './fit.ts'
import { presetsFor } from './presets.ts'
import { trained } from './trained.ts'

/** The presets of a dataset's domain, fitted to it, the default first. */
export const listPresets: ListPresets = (store, { datasetId }) => {
  const facts = datasetFacts(store, datasetId)
  const rate = measuredRate(store)
  return presetsFor(facts).map(({ id, title, description, config: source }) => {
    const config = fitPreset(source, facts)
    const experiment = configure(config, facts)
    const minutes = rate === null ? null : (work(experiment) * config.training.steps) / rate / 60
    return {
      id,
      title,
      domain: facts.domain,
      description,
      config,
      parameters: experiment.model.parameterCount,
      minutes,
      measured: trained[`${facts.domain}/${id}`] ?? [],
    }
  })
}

/** Floating point operations of a training step: forward, and about twice that backward. */
const work = ({ model, dims }: Experiment): number => 3 * model.flopsPerToken() * dims.batch * dims.seqlen

/** Floating point operations per second that the newest measured run of the project reached; null before the first. */
function measuredRate(store: ReadableStore): number | null {
  for (const { id, datasetId, stepMs } of listRuns(store)) {
    if (!stepMs) continue
    const { config } = getRunDetail(store, id)
    return (work(configure(config, datasetFacts(store, datasetId, config.data.fold))) / stepMs) * 1000
  }
  return null
}
