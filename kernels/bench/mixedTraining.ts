import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { tune, unmeasured } from '../backends/webgpu/tune.ts'
import { Model } from '../models/model.ts'
import { targetTypes, trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { HYPER_COLUMNS } from '../ops/adamw/adamw.ts'
import { hyper } from '../optim/schedule.ts'
import { RandomStream } from '../random/philox.ts'
import { elements } from '../tensor/tensor.ts'

export interface MixedRun {
  readonly precision: 'float32' | 'float16 products' | 'float16 products and storage'
  /** Milliseconds of a step on the device, the median of five timings. */
  readonly ms: number
  readonly arenaBytes: number
  /** By step, every tenth. */
  readonly losses: readonly number[]
  /** Milliseconds of a step by kernel, largest first. */
  readonly profile: readonly (readonly [label: string, ms: number])[]
}

export interface MixedShape {
  readonly mixer: string
  readonly layers: number
  readonly d_model: number
  readonly batch: number
  readonly seqlen: number
  readonly steps: number
}

const VOCAB = 65
const ADAM = { beta1: 0.9, beta2: 0.99, eps: 1e-8 }
const BATCHES = 8

/** The next token follows from this one four times in five, and is any else. */
function pattern(count: number, seqlen: number, stream: RandomStream): { ids: Int32Array<ArrayBuffer>; next: Int32Array<ArrayBuffer> } {
  const ids = new Int32Array(count)
  const any = (): number => Math.floor(VOCAB * stream.uniform())
  for (let i = 0; i < count; i++) ids[i] = i % seqlen && stream.uniform() < 0.8 ? (ids[i - 1] * 5 + 3) % VOCAB : any()
  return { ids, next: ids.map((_, i) => ((i + 1) % seqlen ? ids[i + 1] : -1)) }
}

/** The same model on the same batches in float32 and in mixed precision: time, memory and losses. */
export async function compareMixed(backend: WebGpuBackend, shape: MixedShape, say: (run: MixedRun) => void): Promise<MixedRun[]> {
  const runs: MixedRun[] = []
  for (const [precision, products, storage] of [
    ['float32', false, false],
    ['float16 products', true, false],
    ['float16 products and storage', true, true],
  ] as const) {
    backend.useMixedPrecision(products, storage)
    runs.push({ precision, ...(await train(backend, shape)) })
    say(runs.at(-1)!)
  }
  backend.useMixedPrecision(false)
  return runs
}

async function train(
  backend: WebGpuBackend,
  { mixer, layers, d_model, batch, seqlen, steps }: MixedShape,
): Promise<Omit<MixedRun, 'precision'>> {
  const model = new Model({
    d_model,
    seqlen,
    norm: 'rms',
    layers: Array.from({ length: layers }, () => ({ mixer, options: {} })),
    input: { kind: 'tokens', vocab: VOCAB },
    head: { at: 'every', width: VOCAB, tied: false },
  })
  const dims = { batch, seqlen }
  const make = () => trainingPlan(model, crossEntropy, dims, ADAM, backend.sizes)
  await tune(backend, unmeasured(backend, [make()]), { limitMs: 5000, tell: () => {} })
  const made = make()
  const [target] = Object.entries(targetTypes(model, crossEntropy, dims)).map(([name, type]) => ({ name, count: elements(type) }))
  const buffer = (name: string, count: number, dtype: 'f32' | 'i32' = 'f32') => backend.createBuffer(count, dtype, name)
  const buffers = {
    input: buffer('input', batch * seqlen, 'i32'),
    [target.name]: buffer(target.name, target.count, 'i32'),
    ...Object.fromEntries(['params', 'grads', 'm', 'v'].map((name) => [name, buffer(name, model.arenaElements)])),
    hyper: buffer('hyper', HYPER_COLUMNS),
    metrics: buffer('metrics', 2),
  } as Record<string, ReturnType<typeof buffer>>
  buffers.params.write(model.initialise(1))
  const stream = new RandomStream(5)
  const batches = Array.from({ length: BATCHES }, () => pattern(batch * seqlen, seqlen, stream))
  const program = await backend.compile(made, buffers)
  const losses: number[] = []
  for (let k = 0; k < steps; k++) {
    const { ids, next } = batches[k % BATCHES]
    buffers.input.write(ids)
    buffers[target.name].write(next)
    buffers.hyper.write(hyper(1e-3, k, { ...ADAM, weight_decay: 0.1, clip: 1 }))
    program.run()
    if (k % 10 === 9) losses.push((await buffers.metrics.read())[0])
  }
  const times: number[] = []
  for (let k = 0; k < 5; k++) times.push((await program.measure(5)) / 5)
  const byLabel = new Map<string, number>()
  for (const [label, ms] of await program.profileDispatches(4)) byLabel.set(label, (byLabel.get(label) ?? 0) + ms)
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  const profile = [...byLabel].sort(([, a], [, b]) => b - a)
  return { ms: times.sort((a, b) => a - b)[2], arenaBytes: 4 * made.arenaElements, losses, profile }
}
