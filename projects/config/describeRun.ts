import { kernels } from '../../kernels/backends/cpu/kernels.ts'
import { cpuRoom } from '../../kernels/backends/cpu/memory.ts'
import type { BufferSizes } from '../../kernels/graph/memory.ts'
import type { Model } from '../../kernels/models/model.ts'
import type { ModelSummary } from '../../main/contract/run.ts'
import type { DescribeRun } from '../api.ts'
import { knownDevices } from '../devices/speeds.ts'
import { chooseRecompute, memoryBytes, replaysOf, type StepPlans } from '../training/stepPlans.ts'
import { checkConfig, layersOf } from './check.ts'
import { phasesOf } from '../training/phases.ts'
import type { Experiment } from './configure.ts'
import { datasetFacts } from './facts.ts'

export const describeRun: DescribeRun = (store, { datasetId, config }) =>
  describeModel(phasesOf(checkConfig(config), datasetFacts(store, datasetId, config.data.fold)).at(-1)!.experiment)

/** What an experiment costs, from the plans that train and validate it on the CPU; nothing is allocated. */
export function describeModel(experiment: Experiment): ModelSummary {
  const { model } = experiment
  const { plans, sentence } = chooseRecompute(experiment, cpuSizes, cpuRoom())
  return {
    parameters: model.parameterCount,
    stateBytesPerSequence: 4 * model.state.reduce((sum, s) => sum + s.elements, 0),
    flopsPerToken: model.flopsPerToken(),
    memoryBytes: memoryBytes(plans, experiment),
    recompute: plans.recompute,
    recomputeReason: sentence,
    predictions: predictionsOf(plans, experiment),
    layers: partsOf(experiment),
  }
}

/** The plans are the CPU's: other backends replay the same commands. */
function predictionsOf(plans: StepPlans, experiment: Experiment): ModelSummary['predictions'] {
  return knownDevices().flatMap(({ backend, name, speeds }) =>
    backend === 'reference' ? [] : [{ device: backend, name, stepMs: speeds.replay(replaysOf(plans, experiment)).ms }],
  )
}

/** What the CPU backend adds to declared operands. Other backends differ little. */
const cpuSizes: BufferSizes = {
  opaque: (op, inputs, attrs) => kernels[op].opaque?.(inputs, attrs) ?? 0,
  scratch: (op, inputs, attrs) => kernels[op].scratch?.(inputs, attrs) ?? 0,
}

function partsOf({ model, config }: Experiment): ModelSummary['layers'] {
  const specs = layersOf(config)
  const groups = new Map<string, number>()
  for (const { name, elements: count } of model.params) {
    const group = /^backbone\.(layers\.\d+|[dc]_layers\.\d+|u_layers\.\d+\.\d+)/.exec(name)?.[0] ?? name.replace(/\.(weight|bias)$/, '')
    groups.set(group, (groups.get(group) ?? 0) + count)
  }
  return [...groups].map(([name, parameters]) => {
    const at = model.layers.findIndex(({ prefix }) => `backbone.${prefix}` === `${name}.`)
    // each level of SaShiMi has all of the layers, in order
    const own = at < 0 ? {} : specs[at % specs.length].own
    return { name, kind: model.layers[at]?.mixer ?? kindOf(model, name), parameters, ...(Object.keys(own).length ? { own } : {}) }
  })
}

function kindOf(model: Model, group: string): string {
  if (group === 'backbone.norm_f') return model.config.norm === 'rms' ? 'RMSNorm' : 'LayerNorm'
  return group === 'backbone.embedding' ? 'embedding' : 'linear'
}
