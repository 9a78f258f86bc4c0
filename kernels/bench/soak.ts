// node kernels/bench/soak.ts [--steps N] [--backend cpu|webgpu]: a tiny model trained for long. Prints resident memory, the backend's own
// bytes and open handles at ten points, each after a full collection; exit code 1 if memory grew after the second point or anything is left.
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Backend, DeviceBuffer } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { openWebGpu } from '../backends/webgpu/webgpu.ts'
import { Model } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { hyper } from '../optim/schedule.ts'
import { useSoftwareGpu } from '../testing/softwareGpu.ts'

const { values } = parseArgs({ options: { steps: { type: 'string', default: '100000' }, backend: { type: 'string', default: 'cpu' } } })
const steps = Number(values.steps)
const ALLOWED_GROWTH_MB = 16

async function open(): Promise<Backend> {
  if (values.backend === 'cpu') return CpuBackend.open()
  useSoftwareGpu()
  const { backend, reason } = await openWebGpu({ software: true })
  if (!backend) throw new Error(reason)
  return backend
}

const backend = await open()
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
const began = performance.now()
for (let step = 0; step < steps; step++) {
  for (let i = 0; i < 32; i++) tokens[i] = (i * 3 + step) % 8
  buffers.input.write(tokens)
  buffers.targets.write(tokens.map((t) => (t + 3) % 8))
  buffers.hyper.write(hyper(1e-3, step, { ...adam, weight_decay: 0.01, clip: 1 }))
  program.run()
  if (step % 8 === 7) await program.done()
  if ((step + 1) % Math.ceil(steps / 10) === 0) {
    const [loss] = await buffers.metrics.read(0, 1)
    collect()
    await wait(50)
    collect()
    const own = backend instanceof CpuBackend ? backend.allocatedBytes : 0
    residentMB.push(process.memoryUsage.rss() / 1e6)
    ownBytes.push(own)
    console.log(
      `step ${step + 1}  loss ${loss.toFixed(4)}  resident ${residentMB.at(-1)!.toFixed(1)} MB  backend ${own} bytes  handles ${process.getActiveResourcesInfo().length}  ${((step + 1) / ((performance.now() - began) / 1000)).toFixed(0)} steps/s`,
    )
  }
}
await program.done()
program.destroy()
Object.values(buffers).forEach((b) => b.destroy())
const left = backend instanceof CpuBackend ? backend.allocatedBytes : 0
const growth = residentMB.at(-1)! - residentMB[1]
console.log(
  `${backend.description}: resident memory grew by ${growth.toFixed(1)} MB after the second tenth, ${left} bytes left after destroy`,
)
backend.destroy()
process.exit(growth <= ALLOWED_GROWTH_MB && left === 0 && new Set(ownBytes).size <= 1 ? 0 : 1)
