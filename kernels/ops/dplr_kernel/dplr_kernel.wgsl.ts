import { bindOperands, ceilDiv, type Dispatch, kernel, part, reads, regions, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { num } from '../op.ts'
import { chunkedGradient, chunkedKernel, gradRegions, savedRegions } from './dplrChunks.ts'
import {
  channelOf,
  constants,
  DPLR_FUNCTIONS,
  type DplrShape,
  dplrShape,
  fieldAt,
  lane,
  modeOf,
  pairAt,
  parameterReads,
  putPair,
  sharedSums,
  stateAt,
  stepElements,
  sumLanes,
} from './dplrShader.ts'

/** A workgroup walks one channel's lags, or a chunk of them, a mode each lane; the rank-one part and the read-out meet in one sum a lag. */
export const dplr_kernel: WgslKernel = {
  opaque: ([log_dt, A_real], attrs, target) => savedRegions(dplrShape(log_dt.cols, A_real.cols, num(attrs, 'lags'), target)).total,
  dispatches({ inputs, outputs: [out, saved], attrs }, target) {
    const shape = dplrShape(out.cols, inputs[1].cols, num(attrs, 'lags'), target)
    const { H, lags, Q, lanes } = shape
    const layout = savedRegions(shape)
    if (shape.parallel)
      return [
        constants(shape, inputs, part(saved, layout.first.steps, stepElements(shape), { write: true }), target),
        ...chunkedKernel(shape, saved, out),
      ]
    const steps = (write: boolean) => part(saved, layout.first.steps, stepElements(shape), { write })
    const bound = bindOperands({
      steps: steps(false),
      states: part(saved, layout.first.states, 2 * shape.chunks * shape.modes * H, { write: true }),
      out: writes(out),
    })
    const v = bound.views
    return [
      constants(shape, inputs, steps(true), target),
      kernel({
        label: 'dplr_kernel',
        bound,
        workgroup: lanes,
        subgroups: shape.shuffled,
        groups: H,
        globals: `${DPLR_FUNCTIONS}\n${sharedSums(shape)}`,
        body: `${lane(shape, v.steps, ['mu', 'v', 'w', 'b', 'C'].filter((f) => f !== 'w') as never)}
let ww = select(vec2f(), ${pairAt(v.steps, fieldAt(shape, 'w', 'n'))}, live); var s = b; var sum = vec2f();
for (var l = 0u; l < ${lags}u; l++) {
if (l % ${Q}u == 0u && live) { ${putPair(v.states, stateAt(shape, `(l / ${Q}u)`), 's')} }
${sumLanes(shape, 'vec2f(product(v, s).x, 2.0 * product(C, s).x)', 'l')}
if (li == 0u) { ${v.out.put('l', 'h', 'sum.y')} }
s = (s + ww * sum.x) + product(mu, s);
}`,
      }),
    ]
  },
}

const GRADS = ['mu', 'v', 'w', 'b', 'C'] as const
const scratchRegions = (shape: DplrShape) => regions({ grads: stepElements(shape), states: 2 * shape.Q * shape.modes * shape.H })

/** Chunk by chunk from the last lag: the states again from the saved one, then back. Then one thread a channel turns the sums into gradients. */
export const dplr_kernel_grad: WgslKernel = {
  scratch([dkernel, , log_dt, A_real], _attrs, target) {
    const shape = dplrShape(log_dt.cols, A_real.cols, dkernel.rows, target)
    return (shape.parallel ? gradRegions(shape) : scratchRegions(shape)).total
  },
  dispatches({ inputs: [dkernel, saved, ...parameters], outputs, scratch }, target) {
    const shape = dplrShape(dkernel.cols, parameters[1].cols, dkernel.rows, target)
    const { H, modes, lags, Q, chunks, lanes } = shape
    const finish = () => chain(shape, parameters, outputs, part(scratch!, 0, stepElements(shape)), target.software ? 32 : 64)
    if (shape.parallel) return [...chunkedGradient(shape, saved, dkernel, scratch!, target), ...finish()]
    const [kept, layout] = [savedRegions(shape), scratchRegions(shape)]
    const bound = bindOperands({
      dkernel: reads(dkernel),
      steps: part(saved, kept.first.steps, stepElements(shape)),
      saved: part(saved, kept.first.states, 2 * chunks * modes * H),
      grads: part(scratch!, layout.first.grads, stepElements(shape), { write: true }),
      states: part(scratch!, layout.first.states, 2 * Q * modes * H, { write: true }),
    })
    const v = bound.views
    const own = (j: string): string => stateAt(shape, j)
    const walk = kernel({
      label: 'dplr_kernel_grad',
      bound,
      workgroup: lanes,
      subgroups: shape.shuffled,
      groups: H,
      globals: `${DPLR_FUNCTIONS}\n${sharedSums(shape)}\nvar<workgroup> ts: array<f32, ${Q}>;`,
      body: `${lane(shape, v.steps, ['mu', 'v', 'C'])} let ww = select(vec2f(), ${pairAt(v.steps, fieldAt(shape, 'w', 'n'))}, live);
var sum = vec2f(); var turn_ = 0u; var a = vec2f(); ${GRADS.filter((f) => f !== 'b')
        .map((f) => `var d_${f} = vec2f();`)
        .join(' ')}
for (var left = ${chunks}u; left > 0u; left--) { let chunk = left - 1u; let l0 = chunk * ${Q}u; let count = min(${Q}u, ${lags}u - l0);
var s = select(vec2f(), ${pairAt(v.saved, stateAt(shape, 'chunk'))}, live);
for (var j = 0u; j < count; j++) {
if (live) { ${putPair(v.states, own('j'), 's')} }
${sumLanes(shape, 'vec2f(product(v, s).x, 0.0)', 'turn_')} turn_++;
if (li == 0u) { ts[j] = sum.x; }
s = (s + ww * sum.x) + product(mu, s);
}
for (var back = count; back > 0u; back--) { let j = back - 1u;
${sumLanes(shape, 'vec2f(dot(ww, a), 0.0)', 'turn_')} turn_++;
let g = 2.0 * ${v.dkernel.get('l0 + j', 'h')}; let x = select(vec2f(), ${pairAt(v.states, own('j'))}, live); let xc = x * vec2f(1.0, -1.0);
d_mu += against(a, x); d_w += ts[j] * a; d_v += sum.x * xc; d_C += g * xc;
a = (g * C + sum.x * v) * vec2f(1.0, -1.0) + (a + against(a, mu));
}
}
if (live) { let d_b = a; ${GRADS.map((f) => putPair(v.grads, fieldAt(shape, f, 'n'), `d_${f}`)).join(' ')} }`,
    })
    return [walk, ...finish()]
  },
}

/** dplrGradients of dplr_kernel_grad.ts, in two kernels so that each has few bindings: λ, P and Δ, then B and C. */
function chain(
  shape: DplrShape,
  parameters: readonly Operand[],
  [dlog_dt, dA_real, dA_imag, dB, dC, dP]: readonly Operand[],
  grads: ReturnType<typeof reads>,
  workgroup: number,
): Dispatch[] {
  const { log_dt, A_real, A_imag, B, P } = parameterReads(parameters)
  const read = { log_dt, A_real, A_imag, B, P, grads }
  const make = (label: string, results: Record<string, Operand>, body: (v: Views) => string): Dispatch => {
    const bound = bindOperands({ ...read, ...Object.fromEntries(Object.entries(results).map(([k, o]) => [k, writes(o)])) } as Record<
      string,
      ReturnType<typeof reads>
    >)
    const v = bound.views
    const d = (f: (typeof GRADS)[number]): string => pairAt(v.grads, fieldAt(shape, f, 'n'))
    return kernel({
      label,
      bound,
      workgroup,
      groups: ceilDiv(shape.H, workgroup),
      globals: DPLR_FUNCTIONS,
      body: `let h = w * ${workgroup}u + li; if (h >= ${shape.H}u) { return; } ${channelOf(v, shape.modes)}
let k = -2.0 * gamma * dt; var dHalf = 0.0; var dk = 0.0;
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)} dHalf += k * dot(product(R, P), ${d('b')}); }
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)} dk += dot(product(R, P), ${d('w')} + 0.5 * dt * hb * ${d('b')}); }
let dh = 0.5 * dt * dHalf; let dgamma = -2.0 * dt * dk; let dg = -gamma * gamma * dt * dgamma;
var ddt = 0.5 * hb * dHalf - 2.0 * gamma * dk - gamma * gamma * g * dgamma;
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)}
let ob = ${d('b')}; let omu = ${d('mu')}; let ov = ${d('v')}; let ow = ${d('w')} + 0.5 * dt * hb * ob;
let x = dt * against(ob, B) + k * against(ow, P) + dh * against(P, B) + vec2f(dg * dot(P, P), 0.0) + product(P, ov) + dt * against(omu, l);
let z = 0.5 * against(x, product(R, R)); let y = product(R, B);
${body(v)} }
${'dlog_dt' in results ? v.dlog_dt.put('0u', 'h', 'dt * ddt') : ''}`,
    })
  }
  return [
    make(
      'dplr_kernel_grad.A',
      { dlog_dt, dA_real },
      (v) => `ddt += dot(y, ob) + dot(product(l, R), omu) + dot(l, z); ${v.dA_real.put('h', 'n', 'dt * (z + against(omu, R)).x * l.x')}`,
    ),
    make(
      'dplr_kernel_grad.P',
      { dA_imag, dP },
      (v) => `${v.dA_imag.put('h', 'n', '-dt * (z + against(omu, R)).y')}
let dp = k * against(ow, R) + dh * y + 2.0 * dg * R.x * P + against(R, ov); ${v.dP.put('h', '2u * n', 'dp.x')} ${v.dP.put('h', '2u * n + 1u', 'dp.y')}`,
    ),
    make(
      'dplr_kernel_grad.B',
      { dB, dC },
      (v) => `let db = dt * against(ob, R) + dh * against(P, R); ${v.dB.put('h', '2u * n', 'db.x')} ${v.dB.put('h', '2u * n + 1u', 'db.y')}
let dc = ${pairAt(v.grads, fieldAt(shape, 'C', 'n'))}; ${v.dC.put('h', '2u * n', 'dc.x')} ${v.dC.put('h', '2u * n + 1u', 'dc.y')}`,
    ),
  ]
}
type Views = Parameters<typeof modeOf>[0]

/** One thread a channel: the constants, then every sequence. */
export const dplr_step: WgslKernel = {
  scratch: ([u, , A_real], _attrs, target) => stepElements(dplrShape(u.cols, A_real.cols, 1, target)),
  dispatches({ inputs: [u, ...rest], outputs: [y, state], scratch }, target) {
    const [parameters, D] = [rest.slice(0, 6), rest[6]]
    const modes = parameters[1].cols
    const shape = dplrShape(u.cols, modes, 1, target)
    const bound = bindOperands({
      steps: part(scratch!, 0, stepElements(shape)),
      u: reads(u),
      D: reads(D),
      y: writes(y),
      state: writes(state),
    })
    const v = bound.views
    const workgroup = target.software ? 32 : 64
    const at = `h * ${2 * modes}u + 2u * n`
    const field = (f: 'mu' | 'v' | 'w' | 'b' | 'C'): string => pairAt(v.steps, fieldAt(shape, f, 'n'))
    const s = `vec2f(${v.state.get('r', at)}, ${v.state.get('r', `${at} + 1u`)})`
    return [
      constants(shape, parameters, part(scratch!, 0, stepElements(shape), { write: true }), target),
      kernel({
        label: 'dplr_step',
        bound,
        workgroup,
        groups: ceilDiv(u.rows * u.cols, workgroup),
        globals: DPLR_FUNCTIONS,
        body: `let i = w * ${workgroup}u + li; if (i >= ${u.rows * u.cols}u) { return; } let h = i % ${u.cols}u; let r = i / ${u.cols}u;
let x = ${v.u.get('r', 'h')}; var t = 0.0; var sum = ${v.D.get('0u', 'h')} * x;
for (var n = 0u; n < ${modes}u; n++) { t += product(${field('v')}, ${s}).x; }
for (var n = 0u; n < ${modes}u; n++) { let s = ${s}; let next = (s + ${field('w')} * t) + product(${field('mu')}, s) + ${field('b')} * x;
${v.state.put('r', at, 'next.x')} ${v.state.put('r', `${at} + 1u`, 'next.y')} sum += 2.0 * product(${field('C')}, next).x; }
${v.y.put('r', 'h', 'sum')}`,
      }),
    ]
  },
}
