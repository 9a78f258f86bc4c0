// node kernels/bench/soak.ts [--steps N] [--seconds N] [--backend cpu|webgpu] [--out FILE]: a tiny model trained for long, and for no longer than so many
// seconds. Prints resident memory, the backend's own bytes and open handles at ten points, each after a full collection; exit code 1 if memory or
// handles grew after the second point or anything is left. Writes kernels/bench/results/soak-<device>.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { DeviceBuffer } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { Model } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { hyper } from '../optim/schedule.ts'
import { openBackend } from './openBackend.ts'

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: 'Infinity' },
    backend: { type: 'string', default: 'cpu' },
    out: { type: 'string' },
  },
})
const steps = Number(values.steps)
const seconds = Number(values.seconds)
const ALLOWED_GROWTH_MB = 16

const backend = await openBackend(values.backend)
const dims = { batch: 2, seqlen: 16 }
const model = new Model({
  d_model: 16,
  seqlen: dims.seqlen,
  norm: 'rms',
  layers: [{ mixer: 'mamba', options: { d_state: 4 } }],
  input: { kind: 'tokens', vocab: 8 },
  head: { at: 'every', width: 8, tied: false },
})
const adam = { beta1: 0.9, beta2: 0.99, eps: 1e-8 }
const plan = trainingPlan(model, crossEntropy, dims, adam, backend.sizes)
const buffers: Record<string, DeviceBuffer> = {}
for (const b of plan.buffers)
  if (b.kind === 'external')
    buffers[b.name] = backend.createBuffer(
      Math.max(b.elements, b.name === 'params' ? model.arenaElements : 0),
      b.name === 'input' || b.name === 'targets' ? 'i32' : 'f32',
      b.name,
    )
buffers.params.write(model.initialise(1))
const program = await backend.compile(plan, buffers)
const tokens = new Int32Array(32)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const residentMB: number[] = []
const ownBytes: number[] = []
const handles: number[] = []
const began = performance.now()
let [taken, before] = [0, Promise.resolve<unknown>(0)]
/** Of the steps or of the seconds, whichever is further. */
const share = (): number => Math.max(taken / steps, (performance.now() - began) / 1000 / seconds)
while (share() < 1) {
  const step = taken++
  for (let i = 0; i < 32; i++) tokens[i] = (i * 3 + step) % 8
  buffers.input.write(tokens)
  buffers.targets.write(tokens.map((t) => (t + 3) % 8))
  buffers.hyper.write(hyper(1e-3, step, { ...adam, weight_decay: 0.01, clip: 1 }))
  program.run()
  // as the training loop does: the loss is read while the next step runs
  const loss = buffers.metrics.read(0, 1)
  await before
  before = loss
  if (residentMB.length < Math.floor(10 * share())) {
    const [value] = await loss
    collect()
    await wait(50)
    collect()
    const own = backend instanceof CpuBackend ? backend.allocatedBytes : 0
    residentMB.push(process.memoryUsage.rss() / 1e6)
    ownBytes.push(own)
    handles.push(process.getActiveResourcesInfo().length)
    console.log(
      `step ${taken}  loss ${value.toFixed(4)}  resident ${residentMB.at(-1)!.toFixed(1)} MB  backend ${own} bytes  handles ${handles.at(-1)}  ${(taken / ((performance.now() - began) / 1000)).toFixed(0)} steps/s`,
    )
  }
}
await before
await program.done()
const elapsed = (performance.now() - began) / 1000
program.destroy()
Object.values(buffers).forEach((b) => b.destroy())
const left = backend instanceof CpuBackend ? backend.allocatedBytes : 0
const growth = residentMB.at(-1)! - residentMB[1]
console.log(
  `${backend.description}: ${taken} steps, resident memory grew by ${growth.toFixed(1)} MB after the second tenth, ${left} bytes left after destroy`,
)
const flat = growth <= ALLOWED_GROWTH_MB && left === 0 && new Set(ownBytes).size <= 1 && handles.at(-1)! <= handles[1]
const device = backend.description.replaceAll(/[^a-zA-Z0-9]+/g, '-').toLowerCase()
const out = values.out ?? fileURLToPath(new URL(`results/soak-${device}.json`, import.meta.url))
mkdirSync(dirname(out), { recursive: true })
const machine = { cpu: cpus()[0].model, cores: cpus().length }
const result = {
  date: new Date().toISOString(),
  backend: backend.description,
  machine,
  node: process.versions.node,
  steps: taken,
  seconds: elapsed,
  flat,
  residentMB,
  ownBytes,
  handles,
  left,
}
writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`)
backend.destroy()
process.exit(flat ? 0 : 1)
