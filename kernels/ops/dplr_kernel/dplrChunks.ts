import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  part,
  range,
  reads,
  regions,
  type Target,
  type View,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import {
  DPLR_FUNCTIONS,
  type DplrShape,
  fieldAt,
  lane,
  pairAt,
  putPair,
  sharedSums,
  stateAt,
  stepElements,
  sumLanes,
} from './dplrShader.ts'

/**
 * The recurrence of dplr_kernel in chunks of Q lags that run side by side. A chunk's first state is Ā^Q times that of the chunk before; Ā^Q,
 * a real matrix on re and im of all modes, comes from walking every unit vector Q steps, so that it is as exact as the walk itself. Backward
 * the adjoints that chunks hand on move by its transpose.
 */

/** `saved`: constants of the modes, the state at every Q-th lag, and per channel Ā^Q as [column][row]. */
export const savedRegions = (shape: DplrShape) => {
  const { modes, H, chunks } = shape
  return regions({ steps: stepElements(shape), states: 2 * chunks * modes * H, power: shape.parallel ? 4 * modes * modes * H : 0 })
}
const whole = (saved: Operand, shape: DplrShape, name: 'steps' | 'states' | 'power', write = false) => {
  const { modes, H, chunks } = shape
  const count = { steps: stepElements(shape), states: 2 * chunks * modes * H, power: 4 * modes * modes * H }[name]
  return part(saved, savedRegions(shape).first[name], count, { write })
}
const rankOne = (shape: DplrShape, steps: View): string => `let ww = select(vec2f(), ${pairAt(steps, fieldAt(shape, 'w', 'n'))}, live);`
const common = (shape: DplrShape) => ({
  workgroup: shape.lanes,
  subgroups: shape.shuffled,
  globals: `${DPLR_FUNCTIONS}\n${sharedSums(shape)}`,
})

/** Ā^Q less the identity, column by column; and the first chunk's state. */
function powers(shape: DplrShape, saved: Operand): Dispatch {
  const { H, Q, modes } = shape
  const bound = bindOperands({
    steps: whole(saved, shape, 'steps'),
    states: whole(saved, shape, 'states', true),
    power: whole(saved, shape, 'power', true),
  })
  const v = bound.views
  return kernel({
    label: 'dplr_kernel.power',
    bound,
    groups: 2 * modes * H,
    ...common(shape),
    // What is added to the unit vector is summed up apart from it: slow modes keep the digits of their small steps.
    body: `let column = w % ${2 * modes}u; ${lane(shape, v.steps, ['mu', 'v', 'b'], `w / ${2 * modes}u`)}
${rankOne(shape, v.steps)} var sum = vec2f(); var moved = vec2f();
let unit = select(vec2f(), vec2f(f32(column % 2u == 0u), f32(column % 2u == 1u)), li == column / 2u);
if (column == 0u && live) { ${putPair(v.states, stateAt(shape, '0u'), 'b')} }
for (var j0 = 0u; j0 < ${Q}u; j0 += 8u) { let start = unit + moved; var part = vec2f();
for (var j = 0u; j < 8u; j++) { let s = start + part;
${sumLanes(shape, 'vec2f(product(v, s).x, 0.0)', 'j')}
part = part + (ww * sum.x + product(mu, s)); }
moved = moved + part; }
if (live) { let at = (h * ${2 * modes}u + column) * ${2 * modes}u + 2u * n; ${v.power.put('0u', 'at', 'moved.x')} ${v.power.put('0u', 'at + 1u', 'moved.y')} }`,
  })
}

/** Numbers of a row of Ā^Q that a thread keeps in registers, four by four. */
const HELD = 64

/**
 * One thread a row of Ā^Q (of its transpose with `backward`), a workgroup a channel: chunk after chunk the state moves on by the whole chunk, or
 * the adjoint moves back and what the chunk itself adds is replaced by what reaches it from behind.
 */
function carry(
  shape: DplrShape,
  saved: Operand,
  adjoints: ReturnType<typeof reads> | null,
  grads: ReturnType<typeof reads> | null,
): Dispatch {
  const { H, modes, chunks } = shape
  const size = 2 * modes
  const workgroup = 32 * ceilDiv(size, 32)
  const backward = adjoints !== null
  const bound = bindOperands({
    power: whole(saved, shape, 'power'),
    states: adjoints ?? whole(saved, shape, 'states', true),
    ...(grads ? { grads } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const v = bound.views
  // Forward thread r needs row r, neighbours beside each other in each column; backward column r.
  const element = (k: string): string =>
    v.power.get('0u', backward ? `(h * ${size}u + r) * ${size}u + ${k}` : `(h * ${size}u + ${k}) * ${size}u + r`)
  const held = size <= HELD && size % 4 === 0
  const product = held
    ? `var acc = vec4f(); ${range(size / 4)
        .map((q) => `acc = fma(w${q}, xs[${q}u], acc);`)
        .join(' ')} let moved = (acc.x + acc.y) + (acc.z + acc.w);`
    : `var moved = 0.0; for (var k = 0u; k < ${size}u; k++) { moved = fma(${element('k')}, xs[k / 4u][k % 4u], moved); }`
  const at = (c: string): string => `(${c} * ${modes}u + r / 2u) * ${2 * H}u + h * 2u + r % 2u`
  const share = `workgroupBarrier(); shared_x[li] = x; workgroupBarrier();
for (var q = li; q < ${ceilDiv(size, 4)}u; q += ${workgroup}u) { xs[q] = vec4f(${range(4).map((j) => `shared_x[q * 4u + ${j}u]`)}); } workgroupBarrier();`
  return kernel({
    label: backward ? 'dplr_kernel_grad.carry' : 'dplr_kernel.carry',
    bound,
    workgroup,
    groups: H,
    globals: `var<workgroup> shared_x: array<f32, ${Math.max(workgroup, 4 * ceilDiv(size, 4))}>; var<workgroup> xs: array<vec4f, ${ceilDiv(size, 4)}>;`,
    body: `let h = w; let live = li < ${size}u; let r = min(li, ${size - 1}u);
${
  held
    ? range(size / 4)
        .map((q) => `let w${q} = vec4f(${range(4).map((j) => element(`${4 * q + j}u`))});`)
        .join('\n')
    : ''
}
${
  backward
    ? `var x = 0.0;
for (var left = ${chunks}u; left > 0u; left--) { let c = left - 1u; var own = 0.0; if (live) { own = ${v.states.get('0u', at('c'))}; ${v.states.put('0u', at('c'), 'x')} }
${share} ${product} x = select(0.0, own + (x + moved), live); }
${grads ? `if (live) { ${v.grads.put('0u', `${fieldAt(shape, 'b', '(r / 2u)')} + r % 2u`, 'x')} }` : ''}`
    : `var x = select(0.0, ${v.states.get('0u', at('0u'))}, live);
for (var c = 1u; c < ${chunks}u; c++) { ${share} ${product} x = select(0.0, x + moved, live); if (live) { ${v.states.put('0u', at('c'), 'x')} } }`
}`,
  })
}

/** Every chunk from its state: one workgroup each. */
function outputs(shape: DplrShape, saved: Operand, out: Operand): Dispatch {
  const { H, Q, lags, chunks } = shape
  const bound = bindOperands({ steps: whole(saved, shape, 'steps'), states: whole(saved, shape, 'states'), out: writes(out) })
  const v = bound.views
  return kernel({
    label: 'dplr_kernel',
    bound,
    groups: H * chunks,
    ...common(shape),
    body: `let chunk = w / ${H}u; ${lane(shape, v.steps, ['mu', 'v', 'C'], `w % ${H}u`)}
${rankOne(shape, v.steps)} var s = select(vec2f(), ${pairAt(v.states, stateAt(shape, 'chunk'))}, live); var sum = vec2f();
let last = min((chunk + 1u) * ${Q}u, ${lags}u);
for (var l = chunk * ${Q}u; l < last; l++) {
${sumLanes(shape, 'vec2f(product(v, s).x, 2.0 * product(C, s).x)', 'l')}
if (li == 0u) { ${v.out.put('l', 'h', 'sum.y')} }
s = (s + ww * sum.x) + product(mu, s); }`,
  })
}

export const chunkedKernel = (shape: DplrShape, saved: Operand, out: Operand): Dispatch[] => [
  powers(shape, saved),
  carry(shape, saved, null, null),
  outputs(shape, saved, out),
]

const GRADS = ['mu', 'v', 'w', 'C'] as const
/** Chunks that a workgroup of the backward walk takes, so that its sums come in at most 32 parts. */
const perGroup = ({ chunks }: DplrShape): number => ceilDiv(chunks, 32)
export const gradRegions = (shape: DplrShape) => {
  const { H, modes, chunks } = shape
  return regions({
    grads: stepElements(shape),
    adjoints: 2 * chunks * modes * H,
    parts: stepElements(shape) * ceilDiv(chunks, perGroup(shape)),
  })
}

/** Gradients of the constants, summed over all lags, into the region `grads` of the scratch. */
export function chunkedGradient(shape: DplrShape, saved: Operand, dkernel: Operand, scratch: Operand, target: Target): Dispatch[] {
  const { H, Q, lags, modes, chunks, lanes } = shape
  const laid = gradRegions(shape)
  const parts = ceilDiv(chunks, perGroup(shape))
  const adjoints = (write: boolean) => part(scratch, laid.first.adjoints, 2 * chunks * modes * H, { write })
  const grads = () => part(scratch, laid.first.grads, stepElements(shape), { write: true })
  const back = (g: string, s: string): string => `(${g} * C + ${s} * v) * vec2f(1.0, -1.0) + (a + against(a, mu))`
  const first = bindOperands({ dkernel: reads(dkernel), steps: whole(saved, shape, 'steps'), adjoints: adjoints(true) })
  const local = kernel({
    label: 'dplr_kernel_grad.chunks',
    bound: first,
    groups: H * chunks,
    ...common(shape),
    body: `let chunk = w / ${H}u; ${lane(shape, first.views.steps, ['mu', 'v', 'C'], `w % ${H}u`)}
${rankOne(shape, first.views.steps)} var a = vec2f(); var sum = vec2f(); let l0 = chunk * ${Q}u; let count = min(${Q}u, ${lags}u - l0);
for (var left = count; left > 0u; left--) { let g = 2.0 * ${first.views.dkernel.get('l0 + left - 1u', 'h')};
${sumLanes(shape, 'vec2f(dot(ww, a), 0.0)', 'left')}
a = ${back('g', 'sum.x')}; }
if (live) { ${putPair(first.views.adjoints, stateAt(shape, 'chunk'), 'a')} }`,
  })
  const second = bindOperands({
    dkernel: reads(dkernel),
    steps: whole(saved, shape, 'steps'),
    saved: whole(saved, shape, 'states'),
    adjoints: adjoints(false),
    parts: part(scratch, laid.first.parts, stepElements(shape) * parts, { write: true }),
  } as Record<string, ReturnType<typeof reads>>)
  const v = second.views
  const walk = kernel({
    label: 'dplr_kernel_grad',
    bound: second,
    groups: H * parts,
    ...common(shape),
    globals: `${common(shape).globals}\nvar<workgroup> ts: array<f32, ${Q}>; var<workgroup> gs: array<f32, ${Q}>; var<workgroup> xs: array<vec2f, ${Q * lanes}>;`,
    body: `let group = w / ${H}u; ${lane(shape, v.steps, ['mu', 'v', 'C'], `w % ${H}u`)}
${rankOne(shape, v.steps)} var sum = vec2f(); ${GRADS.map((f) => `var d_${f} = vec2f();`).join(' ')}
for (var chunk = group * ${perGroup(shape)}u; chunk < min((group + 1u) * ${perGroup(shape)}u, ${chunks}u); chunk++) {
let l0 = chunk * ${Q}u; let count = min(${Q}u, ${lags}u - l0);
var s = select(vec2f(), ${pairAt(v.saved, stateAt(shape, 'chunk'))}, live); var a = select(vec2f(), ${pairAt(v.adjoints, stateAt(shape, 'chunk'))}, live);
workgroupBarrier();
for (var j = li; j < count; j += ${lanes}u) { gs[j] = 2.0 * ${v.dkernel.get('l0 + j', 'h')}; }
for (var j = 0u; j < count; j++) { xs[j * ${lanes}u + li] = s;
${sumLanes(shape, 'vec2f(product(v, s).x, 0.0)', 'j')}
if (li == 0u) { ts[j] = sum.x; }
s = (s + ww * sum.x) + product(mu, s); }
workgroupBarrier();
for (var left = count; left > 0u; left--) { let j = left - 1u; let g = gs[j];
${sumLanes(shape, 'vec2f(dot(ww, a), 0.0)', 'left')}
let x = xs[j * ${lanes}u + li]; let xc = x * vec2f(1.0, -1.0);
d_mu += against(a, x); d_w += ts[j] * a; d_v += sum.x * xc; d_C += g * xc;
a = ${back('g', 'sum.x')}; } }
if (live) { ${GRADS.map((f) => putPair(v.parts, `group * ${stepElements(shape)}u + ${fieldAt(shape, f, 'n')}`, `d_${f}`)).join(' ')} }`,
  })
  const third = bindOperands({ parts: part(scratch, laid.first.parts, stepElements(shape) * parts), grads: grads() })
  const workgroup = target.software ? 32 : 64
  const count = 2 * modes * H
  const fields = range(GRADS.length)
  // The fields in `fieldAt`'s order; b, the adjoint of the first state, comes from the carry.
  const sums = kernel({
    label: 'dplr_kernel_grad.sums',
    bound: third,
    workgroup,
    groups: ceilDiv(fields.length * count, workgroup),
    body: `let i = w * ${workgroup}u + li; if (i >= ${fields.length * count}u) { return; } let e = i + select(0u, ${count}u, i >= ${3 * count}u);
var sum = 0.0; for (var p = 0u; p < ${parts}u; p++) { sum += ${third.views.parts.get('0u', `p * ${stepElements(shape)}u + e`)}; }
${third.views.grads.put('0u', 'e', 'sum')}`,
  })
  return [local, carry(shape, saved, adjoints(true), grads()), walk, sums]
}
