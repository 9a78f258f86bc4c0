import { type Backend, type DeviceBuffer, OutOfMemory, type Program } from '../../kernels/backends/backend.ts'
import type { Plan } from '../../kernels/graph/plan.ts'
import type { Recompute } from '../../kernels/graph/recompute.ts'
import { inputType, targetTypes } from '../../kernels/models/plans.ts'
import { HYPER, HYPER_COLUMNS } from '../../kernels/ops/adamw/adamw.ts'
import { hyper } from '../../kernels/optim/schedule.ts'
import { measureCommands } from '../../kernels/predict/measureStep.ts'
import { Speeds } from '../../kernels/predict/speeds.ts'
import { elements, type TensorType } from '../../kernels/tensor/tensor.ts'
import { accumulateOf, type Experiment } from '../config/configure.ts'
import type { Batch } from './batch.ts'
import { chooseRecompute, externalSizes, memoryBytes, replaysOf, stepPlans, type StepPlans } from './stepPlans.ts'

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

/** One of `of` equal parts of a batch's windows; the same memory. */
export function partOf({ input, targets }: Batch, index: number, of: number): Batch {
  const part = <T extends Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(values: T): T => {
    const size = values.length / of
    return values.subarray(index * size, (index + 1) * size) as T
  }
  return { input: part(input), targets: Object.fromEntries(Object.entries(targets).map(([name, values]) => [name, part(values)])) }
}

/** An experiment on a backend: a plan that takes a training step or a micro-batch of it, and one that scores a batch, over the same parameters. */
export class Engine {
  readonly backend: Backend
  /** What the plans and their buffers take, in bytes. */
  readonly memoryBytes: number
  readonly recompute: Recompute
  /** Why activations are computed again; null where they are not. */
  readonly recomputeReason: string | null
  readonly #experiment: Experiment
  readonly #buffers: Readonly<Record<string, DeviceBuffer>>
  readonly #programs: Programs
  readonly #plans: StepPlans

  private constructor(backend: Backend, experiment: Experiment, opened: Opened, plans: StepPlans, reason: string | null) {
    this.backend = backend
    this.memoryBytes = memoryBytes(plans, experiment)
    this.recompute = plans.recompute
    this.recomputeReason = reason
    this.#experiment = experiment
    this.#buffers = opened.buffers
    this.#programs = opened.programs
    this.#plans = plans
  }

  /** `purpose` 'evaluate' leaves gradients and optimiser state out. Where memory is short, more is recomputed, unless the run says what. */
  static async create(backend: Backend, experiment: Experiment, purpose: 'train' | 'evaluate'): Promise<Engine> {
    if (purpose === 'evaluate') {
      const plans = stepPlans(experiment, purpose, backend.sizes, 'none')
      return new Engine(backend, experiment, await open(backend, experiment, plans), plans, null)
    }
    for (let above: Recompute | null = null; ;) {
      const { plans, sentence } = chooseRecompute(experiment, backend.sizes, backend.room(), above)
      try {
        return new Engine(backend, experiment, await open(backend, experiment, plans), plans, sentence)
      } catch (error) {
        const free = (experiment.config.training.recompute ?? 'auto') === 'auto' && plans.recompute !== 'full'
        if (!(error instanceof OutOfMemory) || !free) throw error
        above = plans.recompute
      }
    }
  }

  /** The parameter arena on the device, for other plans over the same model. */
  get params(): DeviceBuffer {
    return this.#buffers.params
  }

  write({ input, targets }: Batch): void {
    this.#buffers.input.write(input)
    for (const [name, values] of Object.entries(targets)) this.#buffers[name].write(values)
  }

  /**
   * Submits step 0, 1, … on the windows of a whole step (`wholeStep`); does not wait for it. Each micro-batch counts by its share of the
   * targets that are scored, so that the step is that of one batch of all windows, whatever the micro-batches hold.
   */
  train(batch: Batch, step: number, lr: number): void {
    const { config, objective } = this.#experiment
    const row = hyper(lr, step, config.optimizer).subarray(0, HYPER_COLUMNS)
    const of = accumulateOf(config)
    if (of === 1) {
      this.write(batch)
      this.#buffers.hyper.write(row)
      this.#programs.training!.run()
      return
    }
    const all = objective.count(batch.targets)
    for (let index = 0; index < of; index++) {
      const part = partOf(batch, index, of)
      this.write(part)
      // masks of dropout differ from one micro-batch to the next
      row[HYPER.step] = step * of + index
      this.#buffers.hyper.write(row)
      this.#buffers.share.write(Float32Array.of(all > 0 ? objective.count(part.targets) / all : 0))
      this.#programs.training!.run()
    }
    this.#programs.update!.run()
  }

  /** Plans that one training step replays, in order. */
  get replays(): Plan[] {
    return replaysOf(this.#plans, this.#experiment)
  }

  /** Enters into `speeds` what the commands of a training step take, and the whole of it. Steps are taken meanwhile: load the weights again. */
  async measure(speeds: Speeds, batch: Batch): Promise<void> {
    const step = async (): Promise<number> => {
      const began = performance.now()
      this.train(batch, 0, 0)
      await this.metrics()
      return performance.now() - began
    }
    await step()
    const { training, update } = this.#programs
    await measureCommands(speeds, [
      { plan: this.#plans.training!, program: training! },
      ...(update ? [{ plan: this.#plans.update!, program: update }] : []),
    ])
    const sumMs = new Speeds(speeds.rates, speeds.samples).replay(this.replays).ms
    const times: number[] = []
    for (const until = performance.now() + 500; times.length < 3 || (performance.now() < until && times.length < 25);)
      times.push(await step())
    speeds.addStep({ sumMs, ms: times.toSorted((a, b) => a - b)[times.length >> 1] })
  }

  /** Loss and gradient norm of the last step submitted; waits for it. */
  async metrics(): Promise<{ loss: number; gradNorm: number }> {
    const [loss, gradNorm] = await this.#buffers.metrics.read(0, 2)
    return { loss, gradNorm }
  }

  /** Loss of the batch written last, under the present parameters. */
  async score(): Promise<number> {
    this.#programs.evaluation.run()
    return (await this.#buffers.metrics.read(0, 1))[0]
  }

  /** What evaluation reads of the batch `score` was called on: nats per position, or the prediction. */
  scores(): Promise<Float32Array | Int32Array> {
    return this.#buffers.scores.read()
  }

  /** Optimiser state that is not given is zero. */
  load({ params, m, v }: Pick<Weights, 'params'> & Partial<Weights>): void {
    this.#buffers.params.write(params)
    this.#buffers.m?.write(m ?? new Float32Array(this.#buffers.m.elements))
    this.#buffers.v?.write(v ?? new Float32Array(this.#buffers.v.elements))
  }

  async weights(): Promise<Weights> {
    const read = async (name: string): Promise<Float32Array> => (await this.#buffers[name].read()) as Float32Array
    return { params: await read('params'), m: await read('m'), v: await read('v') }
  }

  destroy(): void {
    close(this.#programs, this.#buffers)
  }
}

type Programs = Readonly<{ evaluation: Program; training: Program | null; update: Program | null }>
interface Opened {
  readonly buffers: Readonly<Record<string, DeviceBuffer>>
  readonly programs: Programs
}

/** Buffers and programs of `plans`; none are left where it fails. */
async function open(backend: Backend, experiment: Experiment, plans: StepPlans): Promise<Opened> {
  const { model, objective, dims } = experiment
  const integers = new Set(Object.entries(targetTypes(model, objective, dims)).flatMap(([name, t]) => (t.dtype === 'i32' ? [name] : [])))
  for (const name of Object.keys(model.constants)) integers.add(name)
  if (inputType(model, 1).dtype === 'i32') integers.add('input')
  const buffers: Record<string, DeviceBuffer> = {}
  const programs: { -readonly [K in keyof Programs]?: Programs[K] } = {}
  try {
    for (const [name, count] of externalSizes(plans, experiment))
      buffers[name] = backend.createBuffer(count, integers.has(name) ? 'i32' : 'f32', name)
    for (const [name, values] of Object.entries(model.constants)) buffers[name].write(values)
    for (const name of ['evaluation', 'training', 'update'] as const) {
      const plan = plans[name]
      if (plan) programs[name] = await backend.compile(plan, buffers)
    }
    return { buffers, programs: { evaluation: programs.evaluation!, training: programs.training ?? null, update: programs.update ?? null } }
  } catch (error) {
    close(programs, buffers)
    throw error
  }
}

function close(programs: Partial<Programs>, buffers: Opened['buffers']): void {
  for (const program of Object.values(programs)) program?.destroy()
  for (const buffer of Object.values(buffers)) buffer.destroy()
}
