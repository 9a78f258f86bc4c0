import type { Backend } from '../backends/backend.ts'
import { gradient } from '../graph/gradient.ts'
import { GraphBuilder, type Value } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { linear } from '../mixers/linear.ts'
import { f32 } from '../tensor/tensor.ts'

export interface Tensor {
  shape: number[]
  data: number[]
}
type Report = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) => void
type Tensors = Record<string, Tensor>

/** Axes `order` of a tensor, as numpy.transpose. */
function transpose({ shape, data }: Tensor, order: readonly number[]): Tensor {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1))
  const to = order.map((axis) => shape[axis])
  const result = data.map((_, i) => {
    let [rest, from] = [i, 0]
    for (let k = to.length - 1; k >= 0; k--) {
      from += (rest % to[k]) * strides[order[k]]
      rest = Math.floor(rest / to[k])
    }
    return data[from]
  })
  return { shape: to, data: result }
}
/** (B, H, L, d) or (B, H, L) → rows (B·L), columns (H·d). */
const headsLast = (t: Tensor): Tensor => transpose(t, t.shape.length === 4 ? [0, 2, 1, 3] : [0, 2, 1])
const columns = (t: Tensor, rows: number): number => t.data.length / rows

/** Outputs of a graph over named inputs (rows, columns), and the gradients of Σ ⟨cotangent, first output⟩ with respect to them. */
async function evaluate(
  backend: Backend,
  inputs: Record<string, { rows: number; data: ArrayLike<number> }>,
  build: (g: GraphBuilder, v: Record<string, Value>) => Value[],
  cotangent?: ArrayLike<number>,
): Promise<{ outputs: ArrayLike<number>[]; grads: Record<string, ArrayLike<number>> }> {
  const g = new GraphBuilder()
  const buffers: Record<string, ReturnType<Backend['createBuffer']>> = {}
  const external = (name: string, rows: number, data: ArrayLike<number>): Value => {
    buffers[name] = backend.createBuffer(data.length, 'f32', name)
    buffers[name].write(Float32Array.from(data))
    return g.external(name, f32(rows, data.length / rows))
  }
  const values = Object.fromEntries(Object.entries(inputs).map(([name, { rows, data }]) => [name, external(name, rows, data)]))
  const outputs = build(g, values)
  const wanted: [string, Value][] = outputs.map((value, i) => [`out.${i}`, value])
  if (cotangent) {
    const seed = external('cotangent', outputs[0].type.rows, cotangent)
    gradient(g, [{ value: outputs[0], grad: seed }], Object.values(values)).forEach((grad, i) => {
      if (grad) wanted.push([`d${Object.keys(values)[i]}`, grad])
    })
  }
  for (const [name, value] of wanted) {
    buffers[name] = backend.createBuffer(value.type.rows * value.type.cols, 'f32', name)
    g.store(value, name)
  }
  const program = await backend.compile(plan(g.graph, backend.sizes), buffers)
  program.run()
  await program.done()
  const read = async (name: string): Promise<ArrayLike<number>> => buffers[name].read()
  const results: { outputs: ArrayLike<number>[]; grads: Record<string, ArrayLike<number>> } = { outputs: [], grads: {} }
  for (const [name] of wanted)
    if (name.startsWith('out.')) results.outputs.push(await read(name))
    else results.grads[name] = await read(name)
  return results
}

/**
 * mamba_ssm's ssd_minimal_discrete: X is already times Δ, A is the logarithm of the decay. With Δ = −A and A_h = −1 that is ssd of X / Δ;
 * its gradients follow by the chain rule.
 */
async function checkSsd(
  backend: Backend,
  golden: { inputs: Tensors; w: Tensor; out: Tensor; grads: Tensors },
  report: Report,
): Promise<void> {
  const { X, A, B, C } = golden.inputs
  const [batch, seqlen, H, P] = X.shape
  const rows = batch * seqlen
  const delta = A.data.map((a) => -a)
  const raw = delta.map((d) => d + Math.log(-Math.expm1(-d)))
  const x = X.data.map((value, i) => value / delta[Math.floor(i / P)])
  const per = (values: number[]): { rows: number; data: number[] } => ({ rows: 1, data: values })
  const { outputs, grads } = await evaluate(
    backend,
    {
      x: { rows, data: x },
      dt: { rows, data: raw },
      A: per(new Array<number>(H).fill(-1)),
      B: { rows, data: B.data },
      C: { rows, data: C.data },
      D: per(new Array<number>(H).fill(0)),
      bias: per(new Array<number>(H).fill(0)),
    },
    (g, v) => [g.one('ssd', [v.x, v.dt, v.A, v.B, v.C, v.D, v.bias], { batch, seqlen, groups: H, chunk: 16 })],
    golden.w.data,
  )
  report('Y', outputs[0], golden.out.data)
  report('dB', grads.dB, golden.grads.B.data)
  report('dC', grads.dC, golden.grads.C.data)
  report(
    'dX',
    X.data.map((_, i) => grads.dx[i] / delta[Math.floor(i / P)]),
    golden.grads.X.data,
  )
  const dA = delta.map((d, i) => {
    let along = 0
    for (let p = 0; p < P; p++) along += grads.dx[i * P + p] * x[i * P + p]
    return along / d - grads.ddt[i] / -Math.expm1(-d)
  })
  report('dA', dA, golden.grads.A.data)
}

/** q, k, v, i, f as (B, H, L, ·): mlstm in chunks against a published output and its gradients. */
async function checkMlstm(
  backend: Backend,
  inputs: Record<'q' | 'k' | 'v' | 'i' | 'f', Tensor>,
  expected: { out: Tensor; cotangent: Tensor; grads: Record<string, Tensor> },
  report: Report,
): Promise<void> {
  const [batch, , seqlen] = inputs.q.shape
  const rows = batch * seqlen
  const placed = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, { rows, data: headsLast(t).data }]))
  const { outputs, grads } = await evaluate(
    backend,
    placed,
    (g, v) => [g.one('mlstm', [v.q, v.k, v.v, v.i, v.f], { batch, seqlen })],
    headsLast(expected.cotangent).data,
  )
  report('out', outputs[0], headsLast(expected.out).data)
  for (const [name, t] of Object.entries(expected.grads)) report(`d${name}`, grads[`d${name}`], headsLast(t).data)
}

/** The same inputs one step at a time: outputs and the last C, n, m. */
async function checkMlstmSteps(
  backend: Backend,
  inputs: Record<'q' | 'k' | 'v' | 'i' | 'f', Tensor>,
  expected: Record<'out' | 'C' | 'n' | 'm', Tensor>,
  report: Report,
): Promise<void> {
  const [batch, H, seqlen, dqk] = inputs.q.shape
  const dv = inputs.v.shape[3]
  const placed = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, { rows: batch, data: headsLast(t).data }]))
  const { outputs } = await evaluate(backend, placed, (g, v) => {
    const at = (name: string, t: number): Value => {
      const width = columns(inputs[name as 'q'], batch * seqlen)
      return g.split(v[name], [t * width, width, (seqlen - 1 - t) * width])[1]
    }
    let state = [H * dqk * dv, H * dqk, H].map((cols) => g.one('fill', [], { rows: batch, cols, value: 0 }))
    const steps: Value[] = []
    for (let t = 0; t < seqlen; t++) {
      const [h, ...next] = g.apply('mlstm_step', [...['q', 'k', 'v', 'i', 'f'].map((name) => at(name, t)), ...state])
      steps.push(h)
      state = next
    }
    return [g.concat(steps), ...state]
  })
  report('out by steps', outputs[0], headsLast(expected.out).data)
  for (const [i, name] of (['C', 'n', 'm'] as const).entries()) report(`last ${name}`, outputs[i + 1], expected[name].data)
}

/** An mLSTM block with dense projections and biases, one `gates` matrix, conv weights (K, d_inner) and a plain norm weight, two heads. */
async function checkDenseMlstmBlock(backend: Backend, golden: Tensors, report: Report): Promise<void> {
  const [batch, seqlen] = golden['in.x'].shape
  const H = golden['param.gates.weight'].shape[0] / 2
  const names = Object.keys(golden).flatMap((key) => /^param\.(.*)$/.exec(key)?.[1] ?? [])
  const stored = (name: string, t: Tensor): Tensor => (name === 'conv_w' ? transpose(t, [1, 0]) : t)
  const inputs = Object.fromEntries(
    names.map((name) => {
      const t = stored(name, golden[`param.${name}`])
      return [name, { rows: t.shape.length > 1 ? t.shape[0] : 1, data: t.data }]
    }),
  )
  const { outputs, grads } = await evaluate(
    backend,
    { x: { rows: batch * seqlen, data: golden['in.x'].data }, ...inputs },
    (g, p) => {
      const project = (x: Value, name: string): Value => linear(g, x, p[`${name}.weight`], p[`${name}.bias`])
      const [u, z] = g.split(project(p.x, 'up'), [p.skip.type.cols, p.skip.type.cols])
      const c = g.one('conv1d_silu', [u, p.conv_w, p.conv_b], { batch, seqlen })
      const [q, k, v] = [project(c, 'q'), project(c, 'k'), project(u, 'v')]
      const [i, f] = g.split(project(g.concat([q, k, v]), 'gates'), [H, H])
      const h = g.one('mlstm', [q, k, v, i, f], { batch, seqlen })
      const normed = g.one('layer_norm', [h, p['norm.weight']], { eps: 1e-5, groups: H, bias: false })
      return [project(g.one('skip_gate', [normed, c, p.skip, z]), 'down')]
    },
    golden.cotangent.data,
  )
  report('output', outputs[0], golden.output.data)
  report('dx', grads.dx, golden['grad.in.x'].data)
  for (const name of names) report(`d${name}`, grads[`d${name}`], stored(name, golden[`grad.param.${name}`]).data)
}

/** Checks one file of SSD or mLSTM; false where it is neither. */
export async function checkMemory(backend: Backend, golden: Tensors, report: Report): Promise<boolean> {
  if ('param.gates.weight' in golden) await checkDenseMlstmBlock(backend, golden, report)
  else if ('block_len' in golden) await checkSsd(backend, golden as unknown as Parameters<typeof checkSsd>[1], report)
  else if ('in.ig' in golden) {
    const named = (prefix: string) => ({
      q: golden[`${prefix}q`],
      k: golden[`${prefix}k`],
      v: golden[`${prefix}v`],
      i: golden[`${prefix}ig`],
      f: golden[`${prefix}fg`],
    })
    await checkMlstm(backend, named('in.'), { out: golden.output, cotangent: golden.cotangent, grads: named('grad.in.') }, report)
  } else if ('out_parallel' in golden) {
    const { inputs, grads_parallel, out_parallel, w, final_c, final_n, final_m } = golden as unknown as Record<string, Tensors> & Tensors
    const perHead = ({ shape, data }: Tensor): Tensor => ({ shape: shape.slice(0, 3), data })
    const named = (t: Tensors) => ({
      q: t.queries,
      k: t.keys,
      v: t.values,
      i: perHead(t.igate_preact),
      f: perHead(t.fgate_preact),
    })
    await checkMlstm(backend, named(inputs), { out: out_parallel, cotangent: w, grads: named(grads_parallel) }, report)
    await checkMlstmSteps(backend, named(inputs), { out: out_parallel, C: final_c, n: final_n, m: final_m }, report)
  } else return false
  return true
}
