import type { BufferSizes } from '../../kernels/graph/memory.ts'
import type { Model } from '../../kernels/models/model.ts'
import { trainingPlan } from '../../kernels/models/plans.ts'
import type { ModelSummary } from '../../main/contract/run.ts'
import type { DescribeRun } from '../api.ts'
import { checkConfig } from './check.ts'
import { adamOf, configure, type Experiment } from './configure.ts'
import { datasetFacts } from './facts.ts'

export const describeRun: DescribeRun = (store, { datasetId, config }) =>
  describeModel(configure(checkConfig(config), datasetFacts(store, datasetId)))

/** What an experiment costs, from its plan; nothing is allocated. `sizes`: the backend's, for the memory it adds of its own. */
export function describeModel({ model, objective, dims, config }: Experiment, sizes: BufferSizes = bare): ModelSummary {
  const plan = trainingPlan(model, objective, dims, adamOf(config), sizes)
  const outside = plan.buffers.reduce((sum, b) => sum + (b.kind === 'external' ? b.elements : 0), 0)
  return {
    parameters: model.parameterCount,
    stateBytesPerSequence: 4 * model.state.reduce((sum, s) => sum + s.elements, 0),
    flopsPerToken: model.flopsPerToken(),
    memoryBytes: 4 * (plan.arenaElements + outside),
    layers: layersOf(model),
  }
}

const bare: BufferSizes = { opaque: () => 0, scratch: () => 0 }

function layersOf(model: Model): ModelSummary['layers'] {
  const groups = new Map<string, number>()
  for (const { name, elements: count } of model.params) {
    const group = /^backbone\.layers\.\d+/.exec(name)?.[0] ?? name.replace(/\.(weight|bias)$/, '')
    groups.set(group, (groups.get(group) ?? 0) + count)
  }
  return [...groups].map(([name, parameters]) => ({ name, kind: kindOf(model, name), parameters }))
}

function kindOf(model: Model, group: string): string {
  const layer = /^backbone\.layers\.(\d+)/.exec(group)
  if (layer) return model.config.layers[Number(layer[1])].mixer
  if (group === 'backbone.norm_f') return 'RMSNorm'
  return group === 'backbone.embedding' ? 'embedding' : 'linear'
}
