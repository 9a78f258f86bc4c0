import type { Backend, DeviceBuffer, Program } from '../../kernels/backends/backend.ts'
import type { Plan } from '../../kernels/graph/plan.ts'
import { evaluationPlan, inputType, targetTypes, trainingPlan } from '../../kernels/models/plans.ts'
import { HYPER_COLUMNS } from '../../kernels/ops/adamw/adamw.ts'
import { hyper } from '../../kernels/optim/schedule.ts'
import { elements, type TensorType } from '../../kernels/tensor/tensor.ts'
import { adamOf, dropoutOf, type Experiment } from '../config/configure.ts'
import type { Batch } from './batch.ts'

/** Everything a step changes: with (seed, step) it is the whole state of a run. */
export interface Weights {
  readonly params: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
}

/** Zero host memory for a batch of the experiment. */
export function emptyBatch({ model, objective, dims }: Experiment): Batch {
  const zeros = (type: TensorType) => (type.dtype === 'i32' ? new Int32Array(elements(type)) : new Float32Array(elements(type)))
  const targets = Object.entries(targetTypes(model, objective, dims)).map(([name, type]) => [name, zeros(type)] as const)
  return { input: zeros(inputType(model, dims.batch * dims.seqlen)), targets: Object.fromEntries(targets) }
}

/** An experiment on a backend: one plan that takes a training step, one that scores a batch, over the same parameters. */
export class Engine {
  readonly backend: Backend
  /** What the plans and their buffers take, in bytes. */
  readonly memoryBytes: number
  readonly #experiment: Experiment
  readonly #buffers: Readonly<Record<string, DeviceBuffer>>
  readonly #training: Program | null
  readonly #evaluation: Program

  private constructor(
    backend: Backend,
    experiment: Experiment,
    buffers: Readonly<Record<string, DeviceBuffer>>,
    programs: { training: Program | null; evaluation: Program },
    memoryBytes: number,
  ) {
    this.backend = backend
    this.memoryBytes = memoryBytes
    this.#experiment = experiment
    this.#buffers = buffers
    this.#training = programs.training
    this.#evaluation = programs.evaluation
  }

  /** `purpose` 'evaluate' leaves gradients and optimiser state out. */
  static async create(backend: Backend, experiment: Experiment, purpose: 'train' | 'evaluate'): Promise<Engine> {
    const { model, objective, dims, config } = experiment
    const plans: Plan[] = [evaluationPlan(model, objective, dims, backend.sizes)]
    if (purpose === 'train') plans.push(trainingPlan(model, objective, dims, adamOf(config), backend.sizes, dropoutOf(config)))
    const integers = new Set(Object.entries(targetTypes(model, objective, dims)).flatMap(([name, t]) => (t.dtype === 'i32' ? [name] : [])))
    for (const name of Object.keys(model.constants)) integers.add(name)
    if (inputType(model, 1).dtype === 'i32') integers.add('input')
    // a plan names the arena up to its last parameter; checkpoints hold it to its end
    const sizes = new Map([['params', model.arenaElements]])
    for (const plan of plans)
      for (const b of plan.buffers) if (b.kind === 'external') sizes.set(b.name, Math.max(sizes.get(b.name) ?? 0, b.elements))
    const buffers: Record<string, DeviceBuffer> = {}
    for (const [name, count] of sizes) buffers[name] = backend.createBuffer(count, integers.has(name) ? 'i32' : 'f32', name)
    for (const [name, values] of Object.entries(model.constants)) buffers[name].write(values)
    const [evaluation, training] = await Promise.all(plans.map((plan) => backend.compile(plan, buffers)))
    const bytes = 4 * ([...sizes.values()].reduce((a, b) => a + b, 0) + plans.reduce((sum, plan) => sum + plan.arenaElements, 0))
    return new Engine(backend, experiment, buffers, { training: training ?? null, evaluation }, bytes)
  }

  /** The parameter arena on the device, for other plans over the same model. */
  get params(): DeviceBuffer {
    return this.#buffers.params
  }

  write({ input, targets }: Batch): void {
    this.#buffers.input.write(input)
    for (const [name, values] of Object.entries(targets)) this.#buffers[name].write(values)
  }

  /** Submits step 0, 1, … on the batch written last; does not wait for it. */
  train(step: number, lr: number): void {
    this.#buffers.hyper.write(hyper(lr, step, this.#experiment.config.optimizer).subarray(0, HYPER_COLUMNS))
    this.#training!.run()
  }

  /** Loss and gradient norm of the last step submitted; waits for it. */
  async metrics(): Promise<{ loss: number; gradNorm: number }> {
    const [loss, gradNorm] = await this.#buffers.metrics.read(0, 2)
    return { loss, gradNorm }
  }

  /** Loss of the batch written last, under the present parameters. */
  async score(): Promise<number> {
    this.#evaluation.run()
    return (await this.#buffers.metrics.read(0, 1))[0]
  }

  /** What evaluation reads of the batch `score` was called on: nats per position, or the prediction. */
  scores(): Promise<Float32Array | Int32Array> {
    return this.#buffers.scores.read()
  }

  load({ params, m, v }: Pick<Weights, 'params'> & Partial<Weights>): void {
    this.#buffers.params.write(params)
    if (m) this.#buffers.m.write(m)
    if (v) this.#buffers.v.write(v)
  }

  async weights(): Promise<Weights> {
    const read = async (name: string): Promise<Float32Array> => (await this.#buffers[name].read()) as Float32Array
    return { params: await read('params'), m: await read('m'), v: await read('v') }
  }

  destroy(): void {
    this.#training?.destroy()
    this.#evaluation.destroy()
    for (const buffer of Object.values(this.#buffers)) buffer.destroy()
  }
}
