import { isStrandError, StrandError } from '../../datasets/errors.ts'
import type { Model } from '../../kernels/models/model.ts'
import type { Metric, RunConfig } from '../../main/contract/run.ts'
import { configure, type Experiment, ofValues, restoring } from '../config/configure.ts'
import { metricOf, type DatasetFacts } from '../config/facts.ts'

/** A stretch of a run with an experiment, an optimiser and a course of the learning rate of its own. */
export interface Phase {
  readonly experiment: Experiment
  /** Steps of the run before it, and at its end. */
  readonly from: number
  readonly to: number
  readonly metric: Metric
}

/** One phase, or with `pretraining` two; throws 'config/invalid' where model, objective and data do not go together. */
export function phasesOf(config: RunConfig, facts: DatasetFacts): Phase[] {
  const experiment = configure(config, facts)
  const before = config.pretraining?.steps ?? 0
  const last = { experiment, from: before, to: before + config.training.steps, metric: metricOf(facts, config.objective) }
  if (!config.pretraining) return [last]
  const metric = ofValues(config.pretraining.objective)
    ? { name: 'Error', unit: 'MSE', scale: 1, token: last.metric.token }
    : { name: 'Loss', unit: 'nats per token', scale: 1, token: 'token' }
  return [{ experiment: inputsAlone(config, config.pretraining, facts), from: 0, to: before, metric }, last]
}

/** The phase whose model the weights of `step` belong to. */
export const phaseAt = (phases: readonly Phase[], step: number): Phase => phases.findLast(({ from }) => from <= step)!

/** The same layers under an objective that asks for nothing but the inputs. */
function inputsAlone(config: RunConfig, { objective, steps, lr }: NonNullable<RunConfig['pretraining']>, facts: DatasetFacts): Experiment {
  const { pretraining: _, optimizer, training, data, ...rest } = config
  const { crop: _crop, replace: _replace, curriculum_steps: _steps, curriculum_start: _start, ...windows } = data
  const peak = lr ?? optimizer.lr
  const alone = {
    ...rest,
    model: { ...config.model, tie_embeddings: false },
    optimizer: {
      ...optimizer,
      lr: peak,
      min_lr: (optimizer.min_lr / optimizer.lr) * peak,
      warmup: Math.min(optimizer.warmup, Math.floor(steps / 10)),
    },
    training: {
      ...training,
      steps,
      validate_every: Math.min(training.validate_every, steps),
      sample_every: 0,
      patience: null,
      max_minutes: null,
    },
  }
  if (ofValues(objective)) {
    // what is to be restored is the data as they are, without noise
    const { noise: _noise, ...clean } = windows
    return restoring(configure({ ...alone, data: clean }, facts), objective)
  }
  try {
    return configure({ ...alone, objective, data: windows }, { ...facts, targets: false })
  } catch (error) {
    if (!isStrandError(error) || error.code !== 'config/invalid' || error.facts?.setting !== 'objective.kind') throw error
    throw new StrandError('config/invalid', `Before the labels: ${error.message} (pretraining.objective.kind)`, {
      setting: 'pretraining.objective.kind',
    })
  }
}

/** The arena with which `to` begins after `from`: shared parameters as they were learned, the head as it is initialised. */
export function carriedOver(from: Model, params: Float32Array, to: Model, seed: number): Float32Array<ArrayBuffer> {
  const arena = to.initialise(seed)
  for (const { name, offset, elements } of to.params) {
    const old = from.params.find((one) => one.name === name)
    if (old && !name.startsWith('lm_head.') && !name.startsWith('head.'))
      arena.set(params.subarray(old.offset, old.offset + elements), offset)
  }
  return arena
}
