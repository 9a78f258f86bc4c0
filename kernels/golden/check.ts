/**
 * Compares a backend with golden files made elsewhere: `node kernels/golden/check.ts [--backend reference|cpu|webgpu] FILE.json …`
 * Knows these layouts: a published op with channels before time (selective scan, causal convolution), a whole block dumped by name (Mamba,
 * attention, LSTM), sLSTM cells and blocks (checkSlstm.ts), SSD and mLSTM (checkMemories.ts). Prints one relative L2 error per tensor and ends
 * with the worst; exit code 1 above 1e-4.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import type { Backend } from '../backends/backend.ts'
import { CpuBackend } from '../backends/cpu/cpu.ts'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { openWebGpu } from '../backends/webgpu/webgpu.ts'
import { gradient } from '../graph/gradient.ts'
import { GraphBuilder, type Value } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { attention } from '../mixers/attention.ts'
import { lstm } from '../mixers/lstm.ts'
import { mamba } from '../mixers/mamba.ts'
import type { Mixer } from '../mixers/mixer.ts'
import { s4d } from '../mixers/s4d.ts'
import type { OpName } from '../ops/names.ts'
import { f32, type TensorType } from '../tensor/tensor.ts'
import { relativeError } from '../testing/opCase.ts'
import { runForward, runSteps } from '../testing/runMixer.ts'
import { checkMemory, type Tensor } from './checkMemories.ts'
import { dumpedBlock, type GraphCheck, referenceTest, vanillaCell } from './checkSlstm.ts'

interface OpGolden {
  inputs: Record<string, Tensor>
  w: Tensor
  out: Tensor
  grads: Record<string, Tensor>
}

const { values, positionals } = parseArgs({ options: { backend: { type: 'string', default: 'cpu' } }, allowPositionals: true })
async function open(name: string): Promise<Backend> {
  if (name === 'reference') return new ReferenceBackend()
  if (name === 'cpu') return CpuBackend.open()
  const { backend, reason } = await openWebGpu({ software: true })
  if (!backend) throw new Error(reason)
  return backend
}
const backend = await open(values.backend)
let worst = 0
const report = (file: string, name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  const error = relativeError(actual, expected)
  worst = Math.max(worst, Number.isNaN(error) ? Infinity : error)
  console.log(`${file}  ${name.padEnd(24)} ${error.toExponential(1)}`)
}

/** (B, D, L) → (B, L, D); anything with fewer axes stays. */
const timeFirst = ({ shape, data }: Tensor): Tensor => {
  if (shape.length < 3) return { shape, data }
  const [B, D, L] = shape
  return {
    shape: [B, L, D],
    data: Array.from({ length: B * L * D }, (_, i) => data[Math.floor(i / (L * D)) * D * L + (i % D) * L + (Math.floor(i / D) % L)]),
  }
}

async function checkOp(file: string, op: OpName, order: string[], golden: OpGolden): Promise<void> {
  const builder = new GraphBuilder()
  const buffers: Record<string, ReturnType<typeof backend.createBuffer>> = {}
  const input = (name: string, tensor: Tensor): Value => {
    const t = timeFirst(tensor)
    const cols = t.shape[t.shape.length - 1]
    buffers[name] = backend.createBuffer(t.data.length, 'f32', name)
    buffers[name].write(Float32Array.from(t.data))
    return builder.external(name, f32(t.data.length / cols, cols))
  }
  const [batch, , seqlen] = golden.out.shape
  const inputs = order.map((name) => input(name, golden.inputs[name]))
  const [out] = builder.apply(op, inputs, { batch, seqlen })
  const grads = gradient(builder, [{ value: out, grad: input('w', golden.w) }], inputs)
  const stored = [['out', out, golden.out] as const, ...order.map((name, i) => [`d${name}`, grads[i]!, golden.grads[name]] as const)]
  for (const [name, value] of stored) {
    buffers[`got.${name}`] = backend.createBuffer(value.type.rows * value.type.cols, 'f32', name)
    builder.store(value, `got.${name}`)
  }
  const program = await backend.compile(plan(builder.graph, backend.sizes), buffers)
  program.run()
  await program.done()
  for (const [name, , expected] of stored) report(file, name, await buffers[`got.${name}`].read(), timeFirst(expected).data)
}

/** A dumped block, the mixer it is, and its options; parameters the dump names otherwise. */
function blockOf(golden: Record<string, Tensor>): { mixer: Mixer; options: Record<string, unknown>; names?: Record<string, string> } {
  if ('param.qkv.weight' in golden) {
    const [rows, d_model] = golden['param.qkv.weight'].shape
    if (rows !== 3 * d_model) throw new Error('Attention with other than equal q, k and v is not known here')
    // Two heads, no positions: baselines' own choice.
    const names = {
      'in_proj.weight': 'qkv.weight',
      'in_proj.bias': 'qkv.bias',
      'out_proj.weight': 'proj.weight',
      'out_proj.bias': 'proj.bias',
    }
    return { mixer: attention as unknown as Mixer, options: { n_heads: 2, rotary_dim: 0, bias: true }, names }
  }
  if ('param.weight_hh_l0' in golden) return { mixer: lstm as unknown as Mixer, options: {} }
  if ('param.log_A_real' in golden) {
    const kernel = ['C', 'log_dt', 'log_A_real', 'A_imag'].map((name) => [`kernel.${name}`, name])
    const names = { ...Object.fromEntries(kernel), 'output_linear.0.weight': 'out.weight', 'output_linear.0.bias': 'out.bias' }
    return { mixer: s4d as unknown as Mixer, options: { d_state: 2 * golden['param.log_A_real'].shape[1] }, names }
  }
  const [d_inner, d_state] = golden['param.A_log'].shape
  const expand = d_inner / golden['in.x'].shape[2]
  return { mixer: mamba as unknown as Mixer, options: { d_state, expand, d_conv: golden['param.conv1d.weight'].shape[2] } }
}

async function checkBlock(file: string, golden: Record<string, Tensor>): Promise<void> {
  const [batch, seqlen, d_model] = golden['in.x'].shape
  const { mixer, options: given, names } = blockOf(golden)
  const options = mixer.resolve(given, { d_model, n_layer: 1, layer: 0, seqlen })
  const theirs = (name: string): string => names?.[name] ?? name
  const params = Object.fromEntries(Object.keys(mixer.params(options)).map((name) => [name, golden[`param.${theirs(name)}`].data]))
  const run = await runForward(backend, mixer, options, params, golden['in.x'].data, golden.cotangent.data, { batch, seqlen })
  report(file, 'output', run.out, golden.output.data)
  report(file, 'dx', run.gradX, golden['grad.in.x'].data)
  for (const [name, grad] of Object.entries(run.grads)) report(file, `d${name}`, grad, golden[`grad.param.${theirs(name)}`].data)
  report(
    file,
    'output by steps',
    (await runSteps(backend, mixer, options, params, golden['in.x'].data, { batch, seqlen })).out,
    golden.output.data,
  )
}

async function checkGraph(file: string, check: GraphCheck): Promise<void> {
  const builder = new GraphBuilder()
  const buffers: Record<string, ReturnType<typeof backend.createBuffer>> = {}
  const external = (name: string, type: TensorType, data: readonly number[]): Value => {
    buffers[name] = backend.createBuffer(type.rows * type.cols, 'f32', name)
    buffers[name].write(Float32Array.from(data))
    return builder.external(name, type)
  }
  const values = Object.fromEntries(Object.entries(check.inputs).map(([name, { type, data }]) => [name, external(name, type, data)]))
  const out = check.build(builder, values)
  const results: Record<string, Value> = { out }
  if (check.cotangent) {
    const seed = { value: out, grad: external('cotangent', out.type, check.cotangent) }
    gradient(builder, [seed], Object.values(values)).forEach((grad, i) => (results[`d${Object.keys(values)[i]}`] = grad!))
  }
  for (const name of Object.keys(check.expected)) {
    buffers[`got.${name}`] = backend.createBuffer(results[name].type.rows * results[name].type.cols, 'f32', name)
    builder.store(results[name], `got.${name}`)
  }
  const program = await backend.compile(plan(builder.graph, backend.sizes), buffers)
  program.run()
  await program.done()
  for (const [name, expected] of Object.entries(check.expected)) {
    const actual = await buffers[`got.${name}`].read()
    report(file, name, actual.slice(actual.length - expected.length), expected)
  }
  if (!check.steps) return
  const { rows, state } = check.steps
  const stepping = new GraphBuilder()
  const batch = rows[0].length / check.inputs.bias.type.cols
  buffers.row = backend.createBuffer(rows[0].length, 'f32', 'row')
  buffers.state = backend.createBuffer(state.length, 'f32', 'state')
  buffers.state.write(new Float32Array(state.length))
  const [row, R, bias, carried] = [
    stepping.external('row', f32(batch, rows[0].length / batch)),
    stepping.external('R', check.inputs.R.type),
    stepping.external('bias', check.inputs.bias.type),
    stepping.external('state', f32(batch, state.length / batch)),
  ]
  stepping.apply('slstm_step', [row, R, bias, carried])
  const step = await backend.compile(plan(stepping.graph, backend.sizes), buffers)
  for (const values of rows) {
    buffers.row.write(Float32Array.from(values))
    step.run()
    await step.done()
  }
  report(file, 'state by steps', await buffers.state.read(), state)
}

/** S4D's kernel and convolution: the kernel is what comes out for an impulse. */
async function checkKernel(
  file: string,
  golden: Record<'kernel' | 'u' | 'y' | 'D', Tensor> & { params: Record<string, Tensor>; L: number },
): Promise<void> {
  const H = golden.D.shape[0]
  const run = async (u: Tensor, D: number[]): Promise<ArrayLike<number>> => {
    const builder = new GraphBuilder()
    const t = timeFirst(u)
    const data: Record<string, number[]> = { u: t.data, D }
    for (const [name, { data: values }] of Object.entries(golden.params)) data[name] = values
    const buffers: Record<string, ReturnType<typeof backend.createBuffer>> = {}
    const values = ['u', 'log_dt', 'log_A_real', 'C', 'D', 'A_imag'].map((name) => {
      buffers[name] = backend.createBuffer(data[name].length, 'f32', name)
      buffers[name].write(Float32Array.from(data[name]))
      const rows = name === 'u' ? t.data.length / H : name === 'log_dt' || name === 'D' ? 1 : H
      return builder.external(name, f32(rows, data[name].length / rows))
    })
    buffers.y = backend.createBuffer(t.data.length, 'f32', 'y')
    const batch = t.data.length / H / golden.L
    builder.store(builder.apply('diagonal_scan', values, { batch, seqlen: golden.L, real: false })[0], 'y')
    const program = await backend.compile(plan(builder.graph, backend.sizes), buffers)
    program.run()
    await program.done()
    return buffers.y.read()
  }
  report(file, 'y', await run(golden.u, golden.D.data), timeFirst(golden.y).data)
  const impulse = { shape: [1, H, golden.L], data: Array.from({ length: H * golden.L }, (_, i) => (i % golden.L ? 0 : 1)) }
  const kernel = { shape: [1, ...golden.kernel.shape], data: golden.kernel.data }
  report(
    file,
    'kernel',
    await run(
      impulse,
      golden.D.data.map(() => 0),
    ),
    timeFirst(kernel).data,
  )
}

for (const path of positionals) {
  const golden = JSON.parse(readFileSync(path, 'utf8'))
  const file = basename(path)
  const about = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void => report(file, name, actual, expected)
  if (await checkMemory(backend, golden, about)) continue
  if ('param.R' in golden || 'param.cell.R' in golden) await checkGraph(file, dumpedBlock(golden))
  else if ('slstm' in golden)
    for (const [name, test] of Object.entries(golden.slstm))
      await checkGraph(`${file} ${name}`, referenceTest(test as Parameters<typeof referenceTest>[0]))
  else if ('last_states_y_c_n_m' in golden) await checkGraph(file, vanillaCell(golden))
  else if ('in.x' in golden) await checkBlock(file, golden)
  else if ('kernel' in golden) await checkKernel(file, golden)
  else if (!('inputs' in golden)) throw new Error(`${file} has a layout this script does not know`)
  else if ('delta' in golden.inputs) await checkOp(file, 'selective_scan', ['u', 'delta', 'A', 'B', 'C', 'D', 'z', 'delta_bias'], golden)
  else await checkOp(file, 'conv1d_silu', ['x', 'weight', 'bias'], golden)
}
console.log(`worst relative error on ${backend.description}: ${worst.toExponential(1)}`)
backend.destroy()
process.exit(worst <= 1e-4 ? 0 : 1)
