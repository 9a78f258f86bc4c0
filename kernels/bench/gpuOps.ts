import type { WebGpuProgram } from '../backends/webgpu/program.ts'
import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { gradient } from '../graph/gradient.ts'
import { GraphBuilder, type Value } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { ops } from '../ops/registry.ts'
import { HYPER_COLUMNS } from '../ops/adamw/adamw.ts'
import { elements, f32, type TensorType } from '../tensor/tensor.ts'
import type { BenchCase } from './gpuCases.ts'
import { type Rates, warm } from './gpuMicro.ts'

export interface OpResult {
  readonly name: string
  readonly ms: number
  readonly bytes: number
  readonly flops: number
  readonly exps: number
  readonly floor: number
  /** What the floor is made of: bytes, FLOPs or exponentials. */
  readonly bound: string
  readonly dispatches: readonly [label: string, ms: number][]
  readonly elsewhere?: BenchCase['elsewhere']
}

/** Numbers that look random and are quick to make. */
export function randomData(
  type: TensorType,
  [low, high]: readonly [number, number] = [-1, 1],
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  const data = type.dtype === 'f32' ? new Float32Array(elements(type)) : new Int32Array(elements(type))
  let state = 2463534242
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const x = low + ((high - low) * (state >>> 0)) / 4294967296
    data[i] = type.dtype === 'f32' ? x : Math.floor(x)
  }
  return data
}

/** What a program costs: median of five timings on the device after warming up; without the cache flush where there is one. */
export async function timeProgram(program: WebGpuProgram, flush?: WebGpuProgram): Promise<number> {
  const once = await program.measure(1)
  const repeats = Math.max(1, Math.min(100, Math.round(20 / Math.max(once, 0.01))))
  await warm(program, repeats, 350)
  const times: number[] = []
  for (let k = 0; k < 5; k++) {
    if (!flush) times.push((await program.measure(repeats)) / repeats)
    else times.push(((await program.measure(repeats, flush)) - (await flush.measure(repeats))) / repeats)
  }
  return times.sort((a, b) => a - b)[2]
}

/** The case as a plan: the op, or the op and the gradient of a random projection of its first output. */
export function benchPlan(backend: WebGpuBackend, c: BenchCase) {
  const builder = new GraphBuilder()
  const types: Record<string, TensorType> = {}
  const external = (name: string, type: TensorType): Value => ((types[name] = type), builder.external(name, type))
  // What lies in a buffer of the caller's is float32: between it and the op a copy.
  const pass = (value: Value): Value => (c.stored && value.type.rows > 1 ? builder.one('copy', [value]) : value)
  const inputs = c.inputs.map((t, i) => pass(external(`in.${i}`, t)))
  const outputs = builder.apply(c.op, inputs, c.attrs)
  const store = (value: Value, name: string): void => {
    types[name] = value.type
    builder.store(pass(value), name)
  }
  if (c.gradients) builder.beginBackward()
  ops[c.op].outputs.forEach((name, i) => {
    if (!ops[c.op].opaque?.includes(i)) store(outputs[i], `out.${name}`)
  })
  if (c.gradients)
    gradient(builder, [{ value: outputs[0], grad: pass(external('cotangent', outputs[0].type)) }], inputs).forEach(
      (grad, i) => grad && store(grad, `grad.${i}`),
    )
  return { plan: plan(builder.graph, backend.sizes), types }
}

export async function benchOp(backend: WebGpuBackend, c: BenchCase, rates: Rates, flush?: WebGpuProgram): Promise<OpResult> {
  backend.useMixedPrecision(c.mixed ?? false, c.stored ?? false)
  const made = benchPlan(backend, c)
  const buffers = Object.fromEntries(
    Object.entries(made.types).map(([name, t]) => [name, backend.createBuffer(elements(t), t.dtype, name)]),
  )
  for (const [name, type] of Object.entries(made.types)) {
    const input = /^in\.(\d+)$/.exec(name)
    if (input || name === 'cotangent')
      buffers[name].write(randomData(type, input ? c.range?.[Number(input[1])] : c.stored ? [-1 / type.rows, 1 / type.rows] : undefined))
  }
  const program = await backend.compile(made.plan, buffers)
  const whole = await timeProgram(program, c.flush ? flush : undefined)
  const dispatches = (await program.profileDispatches(whole > 5 ? 2 : 10)).filter(([label]) => !c.stored || label.startsWith(c.op))
  const ms = c.stored ? dispatches.reduce((sum, [, each]) => sum + each, 0) : whole
  // Every operand of every command moves once; what the backend keeps for itself (saved, scratch) is its own affair.
  let [bytes, flops, exps] = [0, 0, 0]
  for (const command of made.plan.commands) {
    if (c.stored && !command.op.startsWith(c.op)) continue
    const opaque = ops[command.op].opaque ?? []
    const saved = new Set(command.outputs.filter((_, i) => opaque.includes(i)).map((o) => o.buffer))
    for (const o of [...command.inputs, ...command.outputs]) {
      if (saved.has(o.buffer) || (command.op.endsWith('_grad') && o === command.inputs[ops[command.op].inputs.indexOf('saved')])) continue
      bytes += (o.dtype === 'f16' ? 2 : 4) * elements(o)
    }
    const cost = ops[command.op].cost(command.inputs, command.attrs)
    flops += cost.flops
    exps += cost.exps ?? 0
  }
  const floors: [string, number][] = [
    ['bytes', (bytes / rates.bytes) * 1e3],
    c.mixed ? ['float16 FLOPs', (flops / rates.halfFlops!) * 1e3] : ['FLOPs', (flops / rates.flops) * 1e3],
    ['exps', (exps / rates.exps) * 1e3],
  ]
  const [bound, floor] = floors.sort((a, b) => b[1] - a[1])[0]
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  backend.useMixedPrecision(false)
  return { name: c.name, ms, bytes, flops, exps, floor, bound, dispatches, ...(c.elsewhere ? { elsewhere: c.elsewhere } : {}) }
}

/** The whole optimiser over a flat arena: global norm, clipping, AdamW. */
export async function benchAdamW(backend: WebGpuBackend, count: number, rates: Rates): Promise<OpResult> {
  const builder = new GraphBuilder()
  const arena = f32(1, count)
  const [params, grads, m, v] = ['params', 'grads', 'm', 'v'].map((name) => builder.external(name, arena))
  const norm = builder.one('global_norm', [grads])
  builder.apply('adamw', [params, grads, m, v, norm, builder.external('hyper', f32(1, HYPER_COLUMNS))], {
    beta1: 0.9,
    beta2: 0.99,
    eps: 1e-8,
    decay_elements: count,
    slow_from: count,
  })
  const buffers = Object.fromEntries(
    ['params', 'grads', 'm', 'v', 'hyper'].map((name) => [
      name,
      backend.createBuffer(name === 'hyper' ? HYPER_COLUMNS : count, 'f32', name),
    ]),
  )
  buffers.hyper.write(Float32Array.of(1e-4, 0.01, 1, 1, 1, 0, 0, 0))
  for (const name of ['params', 'grads']) buffers[name].write(randomData(arena) as Float32Array<ArrayBuffer>)
  const program = await backend.compile(plan(builder.graph, backend.sizes), buffers)
  const ms = await timeProgram(program)
  const dispatches = await program.profileDispatches(10)
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  const [bytes, flops] = [32 * count, 16 * count]
  return {
    name: `AdamW with clipping ${count / 1e6} M`,
    ms,
    bytes,
    flops,
    exps: 0,
    floor: (bytes / rates.bytes) * 1e3,
    bound: 'bytes',
    dispatches,
  }
}
