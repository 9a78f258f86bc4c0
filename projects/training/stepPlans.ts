import type { Room } from '../../kernels/backends/backend.ts'
import type { BufferSizes } from '../../kernels/graph/memory.ts'
import type { Plan } from '../../kernels/graph/plan.ts'
import { type Recompute, recomputeLevels } from '../../kernels/graph/recompute.ts'
import { accumulationPlan, evaluationPlan, targetTypes, trainingPlan, updatePlan } from '../../kernels/models/plans.ts'
import { elements } from '../../kernels/tensor/tensor.ts'
import { accumulateOf, adamOf, dropoutOf, type Experiment } from '../config/configure.ts'

/** What an engine compiles, all over the same external buffers. */
export interface StepPlans {
  readonly evaluation: Plan
  /** A whole step, or one micro-batch of it; null where nothing is trained. */
  readonly training: Plan | null
  /** Ends a step of micro-batches; null where a step is one. */
  readonly update: Plan | null
  readonly recompute: Recompute
}

export function stepPlans(experiment: Experiment, purpose: 'train' | 'evaluate', sizes: BufferSizes, recompute: Recompute): StepPlans {
  const { model, objective, dims, config } = experiment
  const evaluation = evaluationPlan(model, objective, dims, sizes)
  if (purpose === 'evaluate') return { evaluation, training: null, update: null, recompute }
  const options = { dropout: dropoutOf(config), recompute }
  return accumulateOf(config) === 1
    ? { evaluation, training: trainingPlan(model, objective, dims, adamOf(config), sizes, options), update: null, recompute }
    : {
        evaluation,
        training: accumulationPlan(model, objective, dims, sizes, options),
        update: updatePlan(model, adamOf(config), sizes),
        recompute,
      }
}

export const allPlans = ({ evaluation, training, update }: StepPlans): Plan[] =>
  [evaluation, training, update].filter((plan) => plan !== null)

/** Plans that one training step replays, in order. */
export const replaysOf = ({ training, update }: StepPlans, { config }: Experiment): Plan[] =>
  [...Array.from({ length: accumulateOf(config) }, () => training), update].filter((plan) => plan !== null)

/** Elements of every external buffer the plans name. */
export function externalSizes(plans: StepPlans, { model, objective, dims }: Experiment): Map<string, number> {
  // a plan names the arena up to its last parameter, and of what is written with a batch only what it reads; both are held to their end
  const sizes = new Map([['params', model.arenaElements]])
  for (const [name, type] of Object.entries(targetTypes(model, objective, dims))) sizes.set(name, elements(type))
  for (const plan of allPlans(plans))
    for (const b of plan.buffers) if (b.kind === 'external') sizes.set(b.name, Math.max(sizes.get(b.name) ?? 0, b.elements))
  return sizes
}

/** Bytes of device memory that the plans and their buffers take. Exact: nothing is allocated later. */
export function memoryBytes(plans: StepPlans, experiment: Experiment): number {
  const outside = [...externalSizes(plans, experiment).values()].reduce((a, b) => a + b, 0)
  return 4 * (outside + allPlans(plans).reduce((sum, plan) => sum + plan.arenaElements, 0))
}

/** Plans at a level of recomputation, and the sentence that says why that one; null where nothing needs saying. */
export interface Choice {
  readonly plans: StepPlans
  readonly sentence: string | null
}

const WORDS: Readonly<Record<Recompute, string>> = {
  none: 'Nothing is computed again in the backward pass',
  light: 'Cheap activations are computed again in the backward pass (light)',
  full: 'All activations are computed again in the backward pass, layer by layer (full)',
}
const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`

/** The least recomputation, `above` a level that turned out to need too much, with which the plans fit into `room`; or as the run says. */
export function chooseRecompute(experiment: Experiment, sizes: BufferSizes, room: Room, above: Recompute | null = null): Choice {
  const wish = experiment.config.training.recompute ?? 'auto'
  if (wish !== 'auto')
    return {
      plans: stepPlans(experiment, 'train', sizes, wish),
      sentence: wish === 'none' ? null : `${WORDS[wish]}, as the run says.`,
    }
  const none = stepPlans(experiment, 'train', sizes, 'none')
  const fits = (plans: StepPlans): boolean =>
    memoryBytes(plans, experiment) <= room.bytes &&
    allPlans(plans).every(({ buffers }) => buffers.every((b) => 4 * b.elements <= room.buffer))
  const levels = recomputeLevels.slice(above === null ? 0 : recomputeLevels.indexOf(above) + 1)
  for (const level of levels) {
    const plans = level === 'none' ? none : stepPlans(experiment, 'train', sizes, level)
    if (!fits(plans) && level !== levels.at(-1)) continue
    if (level === 'none') return { plans, sentence: null }
    const reason =
      above === null
        ? `a step would take ${gib(memoryBytes(none, experiment))} otherwise, and ${Number.isFinite(room.bytes) ? `${gib(room.bytes)} are free` : `no buffer may exceed ${gib(room.buffer)}`}`
        : `a step would take ${gib(memoryBytes(none, experiment))} otherwise, more than the device has free`
    return { plans, sentence: `${WORDS[level]}: ${reason}. It takes ${gib(memoryBytes(plans, experiment))}.` }
  }
  throw new RangeError(`There is no level of recomputation above ${above}.`)
}
