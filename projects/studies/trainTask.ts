import type { TokenRecord } from '../../datasets/synthetic/task.ts'
import type { Backend, DeviceBuffer, Program } from '../../kernels/backends/backend.ts'
import type { Plan } from '../../kernels/graph/plan.ts'
import type { LayerConfig } from '../../kernels/models/layer.ts'
import { Model } from '../../kernels/models/model.ts'
import { forwardPlan, trainingPlan } from '../../kernels/models/plans.ts'
import { crossEntropy } from '../../kernels/objectives/objective.ts'
import { hyper, learningRate } from '../../kernels/optim/schedule.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import { parseLayers } from '../config/layers.ts'

export interface Contestant {
  readonly label: string
  readonly layers: string
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly norm?: 'rms' | 'layer' | 'layer-no-bias'
  readonly lr?: number
}

export interface Trial {
  readonly contestant: Contestant
  readonly d_model: number
  /** Ids in and out. */
  readonly vocab: number
  /** Positions of a training batch; records are padded to it. */
  readonly seqlen: number
  readonly batch: number
  readonly steps: number
  readonly lr: number
  /** Decoupled; 0.01 when left out. */
  readonly weight_decay?: number
  readonly seed: number
  /** Record `index` of step `step`. A curriculum is the step's business. */
  record(step: number, index: number, random: RandomStream): TokenRecord
  /** Called every `every` steps with the trained model so far; true ends the training. */
  readonly every: number
  check(trained: Trained, step: number): Promise<boolean>
}

/** A model that is being trained, to be asked. */
export interface Trained {
  readonly model: Model
  /** Share of scored positions answered right, and of records with every one right, over `records`, all of one length. */
  accuracy(records: readonly TokenRecord[]): Promise<{ positions: number; records: number; last: number }>
}

const ADAM = { beta1: 0.9, beta2: 0.98, eps: 1e-8, weight_decay: 0.01, clip: 1 }

/** The model of a contestant for a task of ids. */
export function taskModel({ contestant: { layers, options = {}, norm = 'rms' }, d_model, vocab, seqlen }: Trial): Model {
  const list: LayerConfig[] = parseLayers(layers).map(({ mixer, own }) => ({ mixer, options: { ...options[mixer], ...own } }))
  return new Model({
    d_model,
    seqlen,
    norm,
    layers: list,
    input: { kind: 'tokens', vocab },
    head: { at: 'every', width: vocab, tied: false },
  })
}

/**
 * Trains on records made anew for every step, so nothing is seen twice. AdamW as in the papers' small runs: β 0.9, 0.98, decay 0.01, clip 1,
 * 5 % warm-up, cosine to a tenth. Deterministic given the seed, but for the clock.
 */
export async function trainTask(backend: Backend, trial: Trial): Promise<{ steps: number; seconds: number; parameters: number }> {
  const { batch, seqlen, steps, seed, contestant, weight_decay = ADAM.weight_decay } = trial
  const model = taskModel(trial)
  const plan = trainingPlan(model, crossEntropy, { batch, seqlen }, ADAM, backend.sizes)
  const buffers = externals(backend, plan, model)
  buffers.params.write(model.initialise(seed))
  for (const name of ['m', 'v']) buffers[name].write(new Float32Array(model.arenaElements))
  const program = await backend.compile(plan, buffers)
  const scorers = new Map<number, { program: Program; buffers: Record<string, DeviceBuffer> }>()
  const schedule = {
    lr: contestant.lr ?? trial.lr,
    min_lr: (contestant.lr ?? trial.lr) / 10,
    warmup: Math.ceil(steps / 20),
    steps,
    schedule: 'cosine' as const,
  }
  const [input, targets] = [new Int32Array(batch * seqlen), new Int32Array(batch * seqlen)]
  const began = performance.now()
  let step = 0
  try {
    while (step < steps) {
      for (let i = 0; i < batch; i++) {
        const record = trial.record(step, i, new RandomStream(seed, 1_000_000 + step * batch + i))
        put(record, input, targets, i * seqlen, seqlen)
      }
      buffers.input.write(input)
      buffers.targets.write(targets)
      buffers.hyper.write(hyper(learningRate(schedule, step), step, { ...ADAM, weight_decay }))
      program.run()
      step++
      if (step % trial.every === 0 || step === steps) {
        await program.done()
        if (await trial.check({ model, accuracy }, step)) break
      }
    }
  } finally {
    program.destroy()
    for (const scorer of scorers.values()) {
      scorer.program.destroy()
      for (const name of ['input', 'output']) scorer.buffers[name].destroy()
    }
    for (const buffer of Object.values(buffers)) buffer.destroy()
  }
  return { steps: step, seconds: (performance.now() - began) / 1000, parameters: model.parameterCount }

  async function accuracy(records: readonly TokenRecord[]): Promise<{ positions: number; records: number; last: number }> {
    const length = records[0].tokens.length
    const size = Math.max(1, Math.min(records.length, Math.floor(16_384 / length)))
    let scorer = scorers.get(length)
    if (!scorer) {
      const forward = forwardPlan(model, { batch: size, seqlen: length }, backend.sizes)
      const own = {
        params: buffers.params,
        input: backend.createBuffer(size * length, 'i32', 'input'),
        output: backend.createBuffer(size * length * trial.vocab, 'f32', 'output'),
      }
      scorers.set(length, (scorer = { program: await backend.compile(forward, own), buffers: own }))
    }
    const ids = new Int32Array(size * length)
    const answers = new Int32Array(size * length)
    let [right, asked, whole, last] = [0, 0, 0, 0]
    for (let first = 0; first < records.length; first += size) {
      const some = records.slice(first, first + size)
      some.forEach((record, i) => put(record, ids, answers, i * length, length))
      scorer.buffers.input.write(ids)
      scorer.program.run()
      const logits = (await scorer.buffers.output.read()) as Float32Array
      some.forEach((record, i) => {
        let [mine, of, end] = [0, 0, false]
        record.targets.forEach((target, t) => {
          if (target < 0) return
          of++
          end = largest(logits, (i * length + t) * trial.vocab, trial.vocab) === target
          mine += Number(end)
        })
        right += mine
        asked += of
        whole += Number(mine === of)
        last += Number(end)
      })
    }
    return { positions: right / asked, records: whole / records.length, last: last / records.length }
  }
}

function externals(backend: Backend, plan: Plan, model: Model): Record<string, DeviceBuffer> {
  const buffers: Record<string, DeviceBuffer> = {}
  for (const b of plan.buffers)
    if (b.kind === 'external')
      buffers[b.name] = backend.createBuffer(
        Math.max(b.elements, ['params', 'm', 'v', 'grads'].includes(b.name) ? model.arenaElements : 0),
        b.name === 'input' || b.name === 'targets' ? 'i32' : 'f32',
        b.name,
      )
  return buffers
}

function put({ tokens, targets }: TokenRecord, ids: Int32Array, answers: Int32Array, at: number, length: number): void {
  ids.fill(0, at, at + length)
  answers.fill(-1, at, at + length)
  ids.set(tokens.subarray(0, length), at)
  answers.set(targets.subarray(0, length), at)
}

function largest(values: Float32Array, at: number, count: number): number {
  let best = 0
  for (let i = 1; i < count; i++) if (values[at + i] > values[at + best]) best = i
  return best
}

/** `count` records of a task, from a stream that training does not use. */
export const heldOut = (count: number, seed: number, make: (index: number, random: RandomStream) => TokenRecord): TokenRecord[] =>
  Array.from({ length: count }, (_, i) => make(i, new RandomStream(seed + 77_000, i)))
