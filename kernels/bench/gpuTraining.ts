import { tune, unmeasured } from '../backends/webgpu/tune.ts'
import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { Model, type ModelConfig } from '../models/model.ts'
import { inputType, targetTypes, trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { HYPER_COLUMNS } from '../ops/adamw/adamw.ts'
import { hyper } from '../optim/schedule.ts'
import { elements } from '../tensor/tensor.ts'
import { randomData, timeProgram } from './gpuOps.ts'

type Layer = ModelConfig['layers'][number]
export interface TrainingShape {
  readonly name: string
  /** One after the other, again and again up to `layers`. */
  readonly pattern: readonly Layer[]
  readonly norm: ModelConfig['norm']
  readonly layers: number
  readonly d_model: number
  readonly vocab: number
  readonly batch: number
  readonly seqlen: number
  /** Products in float16 on the matrix units, and activations stored so; left out where there are no units. */
  readonly mixed?: boolean
}

const large = { layers: 6, d_model: 256, vocab: 256, batch: 16, seqlen: 1024 }
const small = { layers: 4, d_model: 128, vocab: 65, batch: 8, seqlen: 256 }
const mamba: Layer = { mixer: 'mamba', options: {} }
const attention: Layer = { mixer: 'attention', options: { n_heads: 4, bias: true, mlp: 'gelu', mlp_ratio: 4 } }
const shape = (family: string, pattern: readonly Layer[], norm: ModelConfig['norm'], size: typeof large): TrainingShape => ({
  name: `${family} step ${size.layers} layers d${size.d_model} B${size.batch} L${size.seqlen} V${size.vocab}`,
  pattern,
  norm,
  ...size,
})

const halves = (of: TrainingShape): TrainingShape => ({ ...of, name: `${of.name} mixed`, mixed: true })

/** A step of every family on the same shape; peers of the same name in peers/torch_cuda.py where there is one. */
export const TRAINING_SHAPES: readonly TrainingShape[] = [
  shape('Mamba', [mamba], 'rms', large),
  shape('Mamba', [mamba], 'rms', small),
  shape('Mamba-2', [{ mixer: 'mamba2', options: {} }], 'rms', large),
  shape('sLSTM', [{ mixer: 'slstm', options: { num_heads: 4, mlp: 'geglu', mlp_ratio: 4 / 3 } }], 'layer', large),
  shape('mLSTM', [{ mixer: 'mlstm', options: {} }], 'layer', large),
  shape('S4D', [{ mixer: 's4d', options: {} }], 'layer', large),
  shape('S4', [{ mixer: 's4', options: {} }], 'layer', large),
  shape('LSTM', [{ mixer: 'lstm', options: {} }], 'layer', large),
  shape('transformer', [attention], 'layer', large),
  shape('hybrid (attention after two Mamba)', [mamba, mamba, attention], 'rms', large),
  halves(shape('Mamba', [mamba], 'rms', large)),
  halves(shape('transformer', [attention], 'layer', large)),
]
export const TINY_TRAINING: readonly TrainingShape[] = [
  { name: 'tiny', pattern: [mamba], norm: 'rms', layers: 1, d_model: 8, vocab: 7, batch: 1, seqlen: 9 },
]

export interface TrainingResult {
  readonly name: string
  /** Per step: on the device; wall clock with inputs written and the loss read one step late; encoding and submitting on the CPU. */
  readonly ms: number
  readonly wall: number
  readonly encode: number
  readonly tokensPerSecond: number
  readonly arenaBytes: number
  readonly parameters: number
  readonly dispatches: number
  readonly firstLoss: number
  readonly lastLoss: number
  /** Time by kernel, summed over a step, largest first. */
  readonly profile: readonly [label: string, ms: number, count: number][]
}

/** For the kernels of one shape, as before a run; families share most of theirs. */
const MEASURING_MS = 4000
/** Milliseconds of steps in one timing, at most. */
const LOOP_MS = 1500

/** At most `most` steps of a real training loop on a pattern the model can learn, so that a falling loss shows the step is whole. */
export async function benchTraining(backend: WebGpuBackend, shape: TrainingShape, most: number): Promise<TrainingResult> {
  const { pattern, norm, layers, d_model, vocab, batch, seqlen } = shape
  const model = new Model({
    d_model,
    seqlen,
    norm,
    layers: Array.from({ length: layers }, (_, i) => pattern[i % pattern.length]),
    input: { kind: 'tokens', vocab },
    head: { at: 'every', width: vocab, tied: false },
  })
  const dims = { batch, seqlen }
  backend.useMixedPrecision(shape.mixed ?? false, shape.mixed && backend.storesHalves)
  const make = () => trainingPlan(model, crossEntropy, dims, { beta1: 0.9, beta2: 0.99, eps: 1e-8 }, backend.sizes)
  await tune(backend, unmeasured(backend, [make()]), { limitMs: MEASURING_MS, tell: () => {} })
  const made = make()
  const f = (name: string, n: number) => backend.createBuffer(n, 'f32', name)
  const targets = Object.entries(targetTypes(model, crossEntropy, dims))
  const input = inputType(model, batch * seqlen)
  const buffers = {
    input: backend.createBuffer(elements(input), input.dtype, 'input'),
    ...Object.fromEntries(targets.map(([name, t]) => [name, backend.createBuffer(elements(t), t.dtype, name)])),
    ...Object.fromEntries(['params', 'grads', 'm', 'v'].map((name) => [name, f(name, model.arenaElements)])),
    hyper: f('hyper', HYPER_COLUMNS),
    metrics: f('metrics', 2),
  } as Record<string, ReturnType<typeof f>>
  buffers.params.write(model.initialise(1))
  const ids = randomData(input, [0, vocab]) as Int32Array<ArrayBuffer>
  // The next token is a function of this one.
  for (let i = 1; i < ids.length; i++) if (i % seqlen) ids[i] = (ids[i - 1] * 5 + 3) % vocab
  const program = await backend.compile(made, buffers)
  const shifted = ids.map((_, i) => ((i + 1) % seqlen ? ids[i + 1] : -1)) as Int32Array<ArrayBuffer>
  const options = { weight_decay: 0.1, beta1: 0.9, beta2: 0.99, clip: 1 }
  const step = (k: number): void => {
    buffers.input.write(ids)
    buffers[targets[0][0]].write(shifted)
    buffers.hyper.write(hyper(1e-3, k, options))
    program.run()
  }
  step(0)
  const firstLoss = (await buffers.metrics.read())[0]
  const began = performance.now()
  for (let k = 1; k < 5; k++) step(k)
  await program.done()
  const steps = Math.max(3, Math.min(most, Math.round(LOOP_MS / ((performance.now() - began) / 4))))
  let [pending, encode, next] = [Promise.resolve<ArrayLike<number>>([]), 0, 5]
  const loop = async (count: number): Promise<void> => {
    encode = 0
    for (let k = 0; k < count; k++) {
      const before = performance.now()
      step(next++)
      encode += performance.now() - before
      const loss = buffers.metrics.read()
      await pending
      pending = loss
    }
    await pending
  }
  // Clocks and compiled JavaScript are as warm as in a real run.
  const until = performance.now() + (backend.target.software ? 0 : 1000)
  do await loop(steps)
  while (performance.now() < until)
  const start = performance.now()
  await loop(steps)
  const wall = (performance.now() - start) / steps
  const lastLoss = (await pending)[0]
  const ms = await timeProgram(program)
  const byLabel = new Map<string, [ms: number, count: number]>()
  for (const [label, time] of await program.profileDispatches(3)) {
    const [sum, count] = byLabel.get(label) ?? [0, 0]
    byLabel.set(label, [sum + time, count + 1])
  }
  const result = {
    name: shape.name,
    ms,
    wall,
    encode: encode / steps,
    tokensPerSecond: (batch * seqlen) / (wall / 1e3),
    arenaBytes: program.arenaBytes,
    parameters: model.parameterCount,
    dispatches: program.steps.length,
    firstLoss,
    lastLoss,
    profile: [...byLabel].map(([label, [t, n]]) => [label, t, n] as [string, number, number]).sort((a, b) => b[1] - a[1]),
  }
  backend.useMixedPrecision(false)
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  return result
}
