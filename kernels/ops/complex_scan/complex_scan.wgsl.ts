import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  literal,
  part,
  reads,
  regions,
  type Target,
  type WgslKernel,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { MODE_FUNCTIONS, overChunks } from '../diagonal_scan/diagonalPlan.ts'
import { type Attributes, num } from '../op.ts'
import { LARGEST_REAL } from './complex_scan.ts'

/** Steps of a chunk: a power of two. */
const chunkOf = (target: Target): number => (target.software ? 32 : 64)

interface Shape {
  readonly batch: number
  readonly seqlen: number
  readonly modes: number
  readonly Q: number
  readonly chunks: number
  readonly workgroup: number
}
const shapeOf = (modes: number, attrs: Attributes, target: Target): Shape => {
  const [seqlen, Q] = [num(attrs, 'seqlen'), chunkOf(target)]
  return { batch: num(attrs, 'batch'), seqlen, modes, Q, chunks: ceilDiv(seqlen, Q), workgroup: target.software ? 32 : 64 }
}
/** Elements of one complex number per chunk and mode. */
const borders = ({ batch, chunks, modes }: Shape): number => 2 * batch * chunks * modes

/** WGSL of a mode `z` at n from views of the parameters. */
const modeAt = (v: Record<string, ReturnType<typeof bindOperands>['views'][string]>, clip: boolean): string => {
  const re = v.Lambda_re.get('0u', 'n')
  return `let z = holdAt(${v.log_step.get('0u', 'n')}, vec2f(${clip ? `min(${re}, ${literal(LARGEST_REAL)})` : re}, ${v.Lambda_im.get('0u', 'n')}));`
}
/** One thread a mode of a chunk: b, k (the chunk), n; t0 … t1 are its rows. */
const threads = ({ batch, chunks, modes, seqlen, Q, workgroup }: Shape): string =>
  `let i = w * ${workgroup}u + li; if (i >= ${batch * chunks * modes}u) { return; } let n = i % ${modes}u; let k = i / ${modes}u % ${chunks}u; let b = i / ${modes * chunks}u;
let t0 = b * ${seqlen}u + k * ${Q}u; let t1 = min(t0 + ${Q}u, (b + 1u) * ${seqlen}u); let at = (b * ${chunks}u + k) * ${2 * modes}u + n;`
const pair = (get: (c: string) => string, modes: number): string => `vec2f(${get('n')}, ${get(`${modes}u + n`)})`

/** Replaces what each chunk adds by the state before it (or, backwards, the adjoint after it): one thread a mode of a sequence. */
function carry(
  label: string,
  shape: Shape,
  parameters: readonly Operand[],
  clip: boolean,
  scratch: Operand,
  target: Target,
  backwards: boolean,
): Dispatch {
  const { batch, chunks, modes, Q, workgroup } = shape
  const [Lambda_re, Lambda_im, log_step] = parameters
  const bound = bindOperands({
    Lambda_re: reads(Lambda_re),
    Lambda_im: reads(Lambda_im),
    log_step: reads(log_step),
    S: part(scratch, 0, borders(shape), { write: true }),
  })
  const { S } = bound.views
  return kernel({
    label,
    bound,
    workgroup,
    groups: ceilDiv(batch * modes, workgroup),
    globals: MODE_FUNCTIONS,
    body: `let i = w * ${workgroup}u + li; if (i >= ${batch * modes}u) { return; } let n = i % ${modes}u; let b = i / ${modes}u;
${modeAt(bound.views, clip)} let decay = power(z, ${Q}.0) * vec2f(1.0, ${backwards ? '-1.0' : '1.0'}); var s = vec2f();
${overChunks(
  shape,
  target,
  backwards,
  (i) =>
    `let at_${i} = (b * ${chunks}u + k_${i}) * ${2 * modes}u + n; let added${i} = vec2f(${S.get('0u', `at_${i}`)}, ${S.get('0u', `at_${i} + ${modes}u`)});`,
  (i) => `${S.put('0u', `at_${i}`, 's.x')} ${S.put('0u', `at_${i} + ${modes}u`, 's.y')} s = added${i} + product(decay, s);`,
)}`,
  })
}

/** Chunks by themselves, the carry over chunks, then each chunk again from its state. */
export const complex_scan: WgslKernel = {
  scratch: ([, Lambda_re], attrs, target) => borders(shapeOf(Lambda_re.cols, attrs, target)),
  dispatches({ inputs: [v, ...parameters], outputs: [y], attrs, scratch }, target) {
    const shape = shapeOf(parameters[0].cols, attrs, target)
    const { modes, workgroup } = shape
    const groups = ceilDiv(borders(shape) / 2, workgroup)
    const [Lambda_re, Lambda_im, log_step] = parameters
    const walk = (label: string, last: boolean): Dispatch => {
      const bound = bindOperands({
        v: reads(v),
        Lambda_re: reads(Lambda_re),
        Lambda_im: reads(Lambda_im),
        log_step: reads(log_step),
        S: part(scratch!, 0, borders(shape), { write: !last }),
        ...(last ? { y: writes(y) } : {}),
      } as Record<string, ReturnType<typeof reads>>)
      const { views } = bound
      return kernel({
        label,
        bound,
        workgroup,
        groups,
        globals: MODE_FUNCTIONS,
        body: `${threads(shape)} ${modeAt(views, !!attrs.clip)}
var s = ${last ? `vec2f(${views.S.get('0u', 'at')}, ${views.S.get('0u', `at + ${modes}u`)})` : 'vec2f()'};
for (var r = t0; r < t1; r++) { let x = ${pair((c) => views.v.get('r', c), modes)}; s = (s + product(z.beta, x)) + product(z.mu, s);
${last ? `${views.y.put('r', 'n', '2.0 * s.x')} ${views.y.put('r', `${modes}u + n`, '-2.0 * s.y')}` : ''} }
${
  // A chunk cut short by the sequence's end is the last, whose state nobody carries on.
  last ? '' : `${views.S.put('0u', 'at', 's.x')} ${views.S.put('0u', `at + ${modes}u`, 's.y')}`
}`,
      })
    }
    return [
      walk('complex_scan.chunks', false),
      carry('complex_scan.carry', shape, parameters, !!attrs.clip, scratch!, target, false),
      walk('complex_scan.y', true),
    ]
  },
}

const gradRegions = (shape: Shape) => regions({ S: borders(shape), parts: 2 * borders(shape) })

export const complex_scan_grad: WgslKernel = {
  scratch: ([, , , Lambda_re], attrs, target) => gradRegions(shapeOf(Lambda_re.cols, attrs, target)).total,
  dispatches({ inputs: [dy, y, v, ...parameters], outputs: [dv, dLambda_re, dLambda_im, dlog_step], attrs, scratch }, target) {
    const shape = shapeOf(parameters[0].cols, attrs, target)
    const { modes, workgroup, batch, chunks, seqlen } = shape
    const groups = ceilDiv(borders(shape) / 2, workgroup)
    const [Lambda_re, Lambda_im, log_step] = parameters
    const layout = gradRegions(shape)
    const params = { Lambda_re: reads(Lambda_re), Lambda_im: reads(Lambda_im), log_step: reads(log_step) }
    const first = bindOperands({ dy: reads(dy), ...params, S: part(scratch!, 0, borders(shape), { write: true }) })
    // What is left for each chunk, and carried over chunks, is the adjoint of its first step.
    const chunkSums = kernel({
      label: 'complex_scan_grad.chunks',
      bound: first,
      workgroup,
      groups,
      globals: MODE_FUNCTIONS,
      body: `${threads(shape)} ${modeAt(first.views, !!attrs.clip)} let back = z.mu * vec2f(1.0, -1.0); var a = vec2f();
for (var r = t1; r > t0; r--) { a = (a + ${pair((c) => first.views.dy.get('r - 1u', c), modes)} * vec2f(2.0, -2.0)) + product(back, a); }
${first.views.S.put('0u', 'at', 'a.x')} ${first.views.S.put('0u', `at + ${modes}u`, 'a.y')}`,
    })
    const second = bindOperands({
      dy: reads(dy),
      y: reads(y),
      v: reads(v),
      ...params,
      scratch: part(scratch!, 0, layout.total, { write: true }),
      dv: writes(dv),
    })
    const s = second.views
    const P = layout.first.parts
    const walk = kernel({
      label: 'complex_scan_grad.dv',
      bound: second,
      workgroup,
      groups,
      globals: MODE_FUNCTIONS,
      body: `${threads(shape)} ${modeAt(s, !!attrs.clip)} let back = z.mu * vec2f(1.0, -1.0);
var a = vec2f(${s.scratch.get('0u', 'at')}, ${s.scratch.get('0u', `at + ${modes}u`)}); var db = vec2f(); var da = vec2f();
for (var r = t1; r > t0; r--) { let q = r - 1u; a = (a + ${pair((c) => s.dy.get('q', c), modes)} * vec2f(2.0, -2.0)) + product(back, a);
let d = against(a, z.beta); ${s.dv.put('q', 'n', 'd.x')} ${s.dv.put('q', `${modes}u + n`, 'd.y')}
db += against(a, ${pair((c) => s.v.get('q', c), modes)});
if (q > b * ${seqlen}u) { da += product(a, 0.5 * ${pair((c) => s.y.get('q - 1u', c), modes)}); } }
let to = ${P}u + i * 4u; ${['db.x', 'db.y', 'da.x', 'da.y'].map((value, j) => s.scratch.put('0u', `to + ${j}u`, value)).join(' ')}`,
    })
    const last = bindOperands({
      ...params,
      parts: part(scratch!, P, 2 * borders(shape)),
      dLambda_re: writes(dLambda_re),
      dLambda_im: writes(dLambda_im),
      dlog_step: writes(dlog_step),
    })
    const f = last.views
    const ends = kernel({
      label: 'complex_scan_grad.modes',
      bound: last,
      workgroup,
      groups: ceilDiv(modes, workgroup),
      globals: MODE_FUNCTIONS,
      body: `let n = w * ${workgroup}u + li; if (n >= ${modes}u) { return; } ${modeAt(f, !!attrs.clip)} var sum = vec4f();
for (var c = 0u; c < ${batch * chunks}u; c++) { sum += ${f.parts.get4('0u', `c * ${modes}u + n`)}; }
let e = z.mu + vec2f(1.0, 0.0); let dz = against(sum.zw, e); let dL = z.dt * (dz + z.dt * against(sum.xy, slope(z)));
${f.dLambda_re.put('0u', 'n', attrs.clip ? `select(dL.x, 0.0, ${f.Lambda_re.get('0u', 'n')} > ${literal(LARGEST_REAL)})` : 'dL.x')} ${f.dLambda_im.put('0u', 'n', 'dL.y')}
${f.dlog_step.put('0u', 'n', 'z.dt * (dot(dz, z.A) + dot(sum.xy, e))')}`,
    })
    return [chunkSums, carry('complex_scan_grad.carry', shape, parameters, !!attrs.clip, scratch!, target, true), walk, ends]
  },
}

export const complex_scan_step: WgslKernel = {
  dispatches({ inputs: [v, Lambda_re, Lambda_im, log_step], outputs: [y, state], attrs }, { software }) {
    const modes = Lambda_re.cols
    const workgroup = software ? 32 : 64
    const bound = bindOperands({
      v: reads(v),
      Lambda_re: reads(Lambda_re),
      Lambda_im: reads(Lambda_im),
      log_step: reads(log_step),
      y: writes(y),
      state: writes(state),
    })
    const { views } = bound
    return [
      kernel({
        label: 'complex_scan_step',
        bound,
        workgroup,
        groups: ceilDiv(v.rows * modes, workgroup),
        globals: MODE_FUNCTIONS,
        body: `let i = w * ${workgroup}u + li; if (i >= ${v.rows * modes}u) { return; } let n = i % ${modes}u; let r = i / ${modes}u;
${modeAt(views, !!attrs.clip)} let s = ${pair((c) => views.state.get('r', c), modes)};
let x = (s + product(z.beta, ${pair((c) => views.v.get('r', c), modes)})) + product(z.mu, s);
${views.state.put('r', 'n', 'x.x')} ${views.state.put('r', `${modes}u + n`, 'x.y')} ${views.y.put('r', 'n', '2.0 * x.x')} ${views.y.put('r', `${modes}u + n`, '-2.0 * x.y')}`,
      }),
    ]
  },
}
