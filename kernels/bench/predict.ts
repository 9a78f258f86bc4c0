// node kernels/bench/predict.ts [--backend cpu|webgpu] [--seconds N] [--only TEXT] [--out FILE]: predicted against measured memory and time of training
// steps, for several families and sizes. Speeds are measured on two sizes of each family, and the steps of other sizes are predicted from them
// ("unseen"), then from their own commands ("seen"). Writes kernels/bench/results/predict-<device>.json and prints the same.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { DeviceBuffer, Program } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import type { Plan } from '../graph/plan.ts'
import type { LayerConfig } from '../models/layer.ts'
import { Model } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { hyper } from '../optim/schedule.ts'
import { measureCommands } from '../predict/measureStep.ts'
import { measureRates } from '../predict/rates.ts'
import { Speeds } from '../predict/speeds.ts'
import { openBackend } from './openBackend.ts'

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'cpu' },
    out: { type: 'string' },
    seconds: { type: 'string', default: '600' },
    only: { type: 'string', default: '' },
  },
})
const end = performance.now() + 1000 * Number(values.seconds)

const FAMILIES: readonly { name: string; layers: readonly LayerConfig[] }[] = [
  ...['mamba', 'mamba2', 'mlstm', 'slstm', 's4d'].map((mixer) => ({ name: mixer, layers: [{ mixer, options: {} }] })),
  { name: 'transformer', layers: [{ mixer: 'attention', options: { n_heads: 4, mlp: 'gelu' } }] },
  {
    name: 'mamba and attention',
    layers: [
      { mixer: 'mamba', options: { mlp: 'swiglu' } },
      { mixer: 'attention', options: { n_heads: 4, mlp: 'swiglu' } },
    ],
  },
]
interface Size {
  readonly d_model: number
  readonly n_layer: number
  readonly batch: number
  readonly seqlen: number
  readonly vocab: number
}
const size = (d_model: number, n_layer: number, batch: number, seqlen: number, vocab: number): Size => ({
  d_model,
  n_layer,
  batch,
  seqlen,
  vocab,
})
const SIZES = {
  cpu: {
    measured: [size(64, 2, 4, 128, 65), size(192, 2, 8, 256, 65)],
    predicted: [size(128, 4, 8, 256, 65), size(96, 6, 16, 128, 256), size(256, 2, 4, 384, 65)],
  },
  webgpu: {
    measured: [size(128, 2, 8, 256, 65), size(512, 2, 16, 512, 256)],
    predicted: [size(256, 6, 16, 1024, 256), size(384, 4, 8, 512, 1024)],
  },
}

const backend = await openBackend(values.backend)
const adam = { beta1: 0.9, beta2: 0.95, eps: 1e-8 }

/** A training step ready to run. */
class Step {
  readonly plan: Plan
  readonly memoryBytes: number
  program!: Program
  measuredBytes = 0
  readonly #buffers: Record<string, DeviceBuffer> = {}
  readonly #ids: Int32Array<ArrayBuffer>
  #next = 0

  constructor(layers: readonly LayerConfig[], { d_model, n_layer, batch, seqlen, vocab }: Size) {
    const model = new Model({
      d_model,
      seqlen,
      norm: 'rms',
      layers: Array.from({ length: n_layer }, (_, i) => layers[i % layers.length]),
      input: { kind: 'tokens', vocab },
      head: { at: 'every', width: vocab, tied: false },
    })
    this.plan = trainingPlan(model, crossEntropy, { batch, seqlen }, adam, backend.sizes)
    this.memoryBytes =
      4 * (this.plan.arenaElements + this.plan.buffers.reduce((sum, b) => sum + (b.kind === 'external' ? b.elements : 0), 0))
    this.#ids = Int32Array.from({ length: batch * seqlen }, (_, i) => (i * 7 + (i >> 3)) % vocab)
    const before = backend instanceof CpuBackend ? backend.allocatedBytes : 0
    for (const b of this.plan.buffers)
      if (b.kind === 'external') {
        const integer = b.name === 'input' || b.name === 'targets'
        this.#buffers[b.name] = backend.createBuffer(b.elements, integer ? 'i32' : 'f32', b.name)
      }
    this.#before = before
    this.#buffers.params.write(model.initialise(1).subarray(0, this.#buffers.params.elements))
    this.#buffers.targets.write(this.#ids)
  }
  readonly #before: number

  async compile(): Promise<this> {
    this.program = await backend.compile(this.plan, this.#buffers)
    const arena = 'arenaBytes' in this.program ? (this.program.arenaBytes as number) : 0
    const outside = Object.values(this.#buffers).reduce((sum, b) => sum + 4 * b.elements, 0)
    this.measuredBytes = backend instanceof CpuBackend ? backend.allocatedBytes - this.#before : arena + outside
    this.#run()
    await this.program.done()
    return this
  }

  #run(): void {
    this.#buffers.input.write(this.#ids)
    this.#buffers.hyper.write(hyper(1e-4, this.#next++, { ...adam, weight_decay: 0.1, clip: 1 }))
    this.program.run()
  }

  /** Milliseconds of a step of a training loop: the batch is written, the loss read one step late. The best of several blocks. */
  async wall(): Promise<number> {
    const blocks: number[] = []
    const until = performance.now() + 500
    let steps = 2
    for (let warm = true; blocks.length < 5 || performance.now() < until; warm = false) {
      const began = performance.now()
      let before: Promise<unknown> = Promise.resolve()
      for (let k = 0; k < steps; k++) {
        this.#run()
        const loss = this.#buffers.metrics.read(0, 1)
        await before
        before = loss
      }
      await before
      const ms = (performance.now() - began) / steps
      if (warm) steps = Math.max(2, Math.min(100, Math.ceil(100 / ms)))
      else blocks.push(ms)
      if (performance.now() > until + 4000) break
    }
    return Math.min(...blocks)
  }

  destroy(): void {
    this.program.destroy()
    Object.values(this.#buffers).forEach((b) => b.destroy())
  }
}

const speeds = new Speeds(await measureRates(backend))
const rates = speeds.rates
console.log(
  `${backend.description}: copy ${(rates.bytes / 1e9).toFixed(1)} GB/s, product ${(rates.flops / 1e9).toFixed(1)} GFLOP/s, exp ${(rates.exps / 1e9).toFixed(2)} G/s, a command ${(1e3 * rates.command).toFixed(2)} us`,
)
const which = SIZES[values.backend as 'cpu' | 'webgpu']
const results: object[] = []
const text = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(0)} %`
for (const { name, layers } of FAMILIES.filter((family) => family.name.includes(values.only))) {
  for (const one of which.measured) {
    if (performance.now() > end) break
    const step = await new Step(layers, one).compile()
    const sumMs = await measureCommands(speeds, [step])
    const ms = await step.wall()
    speeds.addStep({ sumMs, ms })
    console.log(
      `${name} ${one.n_layer} x ${one.d_model}, ${one.batch} x ${one.seqlen}: measured ${ms.toFixed(3)} ms, its commands ${sumMs.toFixed(3)}`,
    )
    step.destroy()
  }
  for (const one of which.predicted) {
    if (performance.now() > end) break
    const step = new Step(layers, one)
    const unseen = speeds.replay([step.plan])
    await step.compile()
    const own = new Speeds(rates, [], speeds.steps)
    await measureCommands(own, [step])
    const seen = own.replay([step.plan])
    const measuredMs = await step.wall()
    results.push({
      name,
      ...one,
      memory: { predicted: step.memoryBytes, measured: step.measuredBytes },
      ms: { unseen: unseen.ms, seen: seen.ms, measured: measuredMs },
    })
    console.log(
      `${name} ${one.n_layer} x ${one.d_model}, ${one.batch} x ${one.seqlen}: ${measuredMs.toFixed(3)} ms; predicted unseen ${text(unseen.ms / measuredMs)}, seen ${text(seen.ms / measuredMs)}; memory ${(step.measuredBytes / 2 ** 20).toFixed(1)} MiB, predicted ${text(step.memoryBytes / step.measuredBytes)}`,
    )
    step.destroy()
  }
}
const machine = { cpu: cpus()[0].model, cores: cpus().length, loadAverage: loadavg().map((x) => Number(x.toFixed(1))) }
const device = backend.description.replaceAll(/[^a-zA-Z0-9]+/g, '-').toLowerCase()
const out = values.out ?? fileURLToPath(new URL(`results/predict-${device}.json`, import.meta.url))
mkdirSync(dirname(out), { recursive: true })
writeFileSync(
  out,
  `${JSON.stringify({ date: new Date().toISOString(), backend: backend.description, machine, node: process.versions.node, rates, steps: speeds.steps, results }, null, 1)}\n`,
)
backend.destroy()
process.exit(0)
