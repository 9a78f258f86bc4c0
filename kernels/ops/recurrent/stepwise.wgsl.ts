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
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { join, type Operands, pointwise } from './held.wgsl.ts'
import { transposeR } from './streamed.wgsl.ts'

/**
 * Heads so wide that one core of the card would read R for longer than a dispatch takes: a dispatch a time step, over all cores. A subgroup of 32 makes
 * a unit (two backward) of up to 16 sequences, its lanes along the inner sum; h, the rest of the state and what time step it is lie in scratch memory.
 */
export const STEPWISE = { least: 2 ** 19 }
/** Units of a workgroup: 768 of them on the 132 cores of a large card. */
const UNITS = 6
const MOST_SEQUENCES = 16
/** Elements between two times in the scratch memory: a binding starts at a multiple of 256 bytes. */
const APART = 64

export const stepwise = (s: RecurrentSizes, target: Target): boolean =>
  !target.software && target.subgroup === 32 && s.dh % 4 === 0 && s.gates * s.dh * s.dh >= STEPWISE.least

const forwardRegions = (cell: CellShader, s: RecurrentSizes) =>
  regions({ clock: APART * s.seqlen, h: 2 * s.batch * s.d, state: cell.state.length * s.batch * s.d })
const backwardRegions = (cell: CellShader, s: RecurrentSizes) =>
  regions({
    R: s.gates * s.dh * s.d,
    clock: APART * s.seqlen,
    grads: 2 * s.batch * s.gates * s.d,
    carry: cell.back.carry.length * s.batch * s.d,
  })
export const forwardScratch = (cell: CellShader, s: RecurrentSizes): number => forwardRegions(cell, s).total
export const backwardScratch = (cell: CellShader, s: RecurrentSizes): number => backwardRegions(cell, s).total

/** The times 0, 1, … as floats, each where a binding may start: one shader serves every step. */
function clock(s: RecurrentSizes, scratch: Operand, first: number): Dispatch {
  const bound = bindOperands({ times: part(scratch, first, APART * s.seqlen, { write: true }) })
  const put = bound.views.times.put('0u', `t * ${APART}u`, 'f32(t)')
  const body = `let t = w * 64u + li; if (t < ${s.seqlen}u) { ${put} }`
  return kernel({ label: 'recurrent.clock', bound, workgroup: 64, groups: ceilDiv(s.seqlen, 64), body })
}

/** The dispatch of time 0 at another time. */
const at = (dispatch: Dispatch, slot: number, first: number, t: number): Dispatch => ({
  ...dispatch,
  bindings: dispatch.bindings.map((b, i) => (i === slot ? { ...b, first: first + APART * t } : b)),
})

/** Sequences of a workgroup: a power of two. */
const sequences = (s: RecurrentSizes): number => Math.min(MOST_SEQUENCES, 2 ** Math.ceil(Math.log2(s.batch)))

/**
 * The inner sums of `made` numbers of each of `many` sequences in `s0_0` … (number, sequence), and their exchange: a lane keeps half of the
 * sequences at each level, then the sums of one of them are the same in all lanes that kept it.
 */
function sums(many: number, made: number, inner: number, weight: (m: number) => string, from: (b: number) => string): string {
  const M = range(made)
  let code = `${join(M, (m) =>
    range(many)
      .map((b) => `var s${m}_${b} = 0.0;`)
      .join(' '),
  )}
for (var q = lane; q < ${inner / 4}u; q += 32u) { ${M.map((m) => `let w${m} = ${weight(m)};`).join(' ')}
${join(range(many), (b) => `{ let x = ${from(b)}; ${M.map((m) => `s${m}_${b} += dot(w${m}, x);`).join(' ')} }`)} }\n`
  let [kept, step] = [many, 16]
  for (; kept > 1; step /= 2) {
    kept /= 2
    code += `{ let low = (lane & ${step}u) == 0u;\n${join(M, (m) =>
      range(kept)
        .map(
          (b) =>
            `{ let given = select(s${m}_${b}, s${m}_${b + kept}, low); s${m}_${b} = select(s${m}_${b + kept}, s${m}_${b}, low) + subgroupShuffleXor(given, ${step}u); }`,
        )
        .join(' '),
    )} }\n`
  }
  for (; step >= 1; step /= 2) code += `${M.map((m) => `s${m}_0 += subgroupShuffleXor(s${m}_0, ${step}u);`).join(' ')}\n`
  return code
}

/** Names of a lane: its unit, and the sequence whose sums it is left with. */
const places = (s: RecurrentSizes, many: number, each: number): string => `let lane = li % 32u; let head = wid.x; let sequence0 = wid.y * ${many}u;
let unit0 = (wid.z * ${UNITS / each}u + li / 32u) * ${each}u; let kept = lane / ${32 / many}u; let b = min(sequence0 + kept, ${s.batch - 1}u);
let first = lane % ${32 / many}u == 0u && sequence0 + kept < ${s.batch}u;`
const groups = (s: RecurrentSizes, many: number): [number, number, number] => [s.heads, ceilDiv(s.batch, many), ceilDiv(s.dh, UNITS)]
const sequenceOf = (s: RecurrentSizes, b: number): string => `min(sequence0 + ${b}u, ${s.batch - 1}u)`
const started = (condition: string, value: string): string => `select(0.0, ${value}, ${condition})`
type Request = ReturnType<typeof reads>
const element = (view: View, place: string): string => view.get('0u', place)

/** Every time step of the forward walk. */
export function stepwiseForward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands, scratch: Operand): Dispatch[] {
  const { first } = forwardRegions(cell, s)
  const [p, many, G] = [pointwise(s, false), sequences(s), range(cell.gates)]
  const bound = bindOperands({
    clock: part(scratch, first.clock, APART),
    Wx: reads(inputs.Wx),
    R: reads(inputs.R, true),
    bias: reads(inputs.bias),
    h: part(scratch, first.h, 2 * s.batch * s.d, { vec: true, write: true }),
    ...(cell.state.length ? { state: part(scratch, first.state, cell.state.length * s.batch * s.d, { write: true }) } : {}),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)])),
  } as Record<string, Request>)
  const { views } = bound
  const size = s.batch * s.d
  const state = (i: number): string => `${i * size}u + b * ${s.d}u + column`
  const step = kernel({
    label: `${cell.label}.step`,
    bound,
    workgroup: 32 * UNITS,
    groups: groups(s, many),
    subgroups: true,
    globals: p.globals,
    body: `${places(s, many, 1)} let unit = min(unit0, ${s.dh - 1}u); let column = head * ${s.dh}u + unit;
let t = u32(${element(views.clock, '0u')}); let old = (t + 1u) % 2u * ${size}u; let row = b * ${s.seqlen}u + t; let later = t > 0u;
${sums(
  many,
  cell.gates,
  s.dh,
  (g) => views.R.get4('head', `(${g * s.dh}u + unit) * ${s.dh / 4}u + q`),
  (b) => `select(vec4f(), ${views.h.get4('0u', `(old + ${sequenceOf(s, b)} * ${s.d}u + head * ${s.dh}u) / 4u + q`)}, later)`,
)}
if (first && unit0 < ${s.dh}u) {
${join(G, (g) => `let x${g} = ${p.get(views, 'Wx', 'row', g)}; let r${g} = ${p.get(views, 'bias', '0u', g)} + s${g}_0;`)}
var h = ${started('later', element(views.h, `old + b * ${s.d}u + column`))}; ${join(cell.state, (v, i) => `var ${v} = ${started('later', element(views.state, state(i)))};`)}
{ ${cell.forward}
${join(Object.entries(cell.outputs), ([name, values]) => join(values, (value, g) => p.put(views, name, 'row', g, value)))} }
${views.h.put('0u', `t % 2u * ${size}u + b * ${s.d}u + column`, 'h')} ${join(cell.state, (v, i) => views.state.put('0u', state(i), v))} }`,
  })
  return [clock(s, scratch, first.clock), ...range(s.seqlen).map((t) => at(step, 0, scratch.offset + first.clock, t))]
}

/** Every time step of the backward walk, the last first. */
export function stepwiseBackward(
  cell: CellShader,
  s: RecurrentSizes,
  inputs: Operands,
  outputs: Operands,
  scratch: Operand,
  target: Target,
): Dispatch[] {
  const { first } = backwardRegions(cell, s)
  const { back } = cell
  const [p, many, G, each, rows] = [pointwise(s, false), sequences(s), range(cell.gates), 2, cell.gates * s.dh]
  const { R, ...others } = inputs
  const bound = bindOperands({
    clock: part(scratch, first.clock, APART),
    R: part(scratch, first.R, s.d * rows, { vec: true }),
    grads: part(scratch, first.grads, 2 * s.batch * s.gates * s.d, { vec: true, write: true }),
    carry: part(scratch, first.carry, back.carry.length * s.batch * s.d, { write: true }),
    ...Object.fromEntries(Object.entries(others).map(([k, o]) => [k, reads(o)])),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)])),
  } as Record<string, Request>)
  const { views } = bound
  const size = s.batch * s.gates * s.d
  const place = (b: string): string => `(${b} * ${s.heads}u + head) * ${rows}u`
  const state = (i: number): string => `${i * s.batch * s.d}u + b * ${s.d}u + column`
  const read = [['dy', 0, 'dy'] as const, ...Object.entries(back.reads).flatMap(([k, names]) => names.map((n, i) => [k, i, n] as const))]
  const step = kernel({
    label: `${cell.label}_grad.step`,
    bound,
    workgroup: (32 * UNITS) / each,
    groups: groups(s, many),
    subgroups: true,
    globals: p.globals,
    body: `${places(s, many, each)}
let t = u32(${element(views.clock, '0u')}); let old = (t + 1u) % 2u * ${size}u; let row = b * ${s.seqlen}u + t; let earlier = t < ${s.seqlen - 1}u;
${sums(
  many,
  each,
  rows,
  (m) => views.R.get4('0u', `(head * ${s.dh}u + min(unit0 + ${m}u, ${s.dh - 1}u)) * ${rows / 4}u + q`),
  (b) => `select(vec4f(), ${views.grads.get4('0u', `(old + ${place(sequenceOf(s, b))}) / 4u + q`)}, earlier)`,
)}
${join(
  range(each),
  (m) => `if (first && unit0 + ${m}u < ${s.dh}u) { let unit = unit0 + ${m}u; let column = head * ${s.dh}u + unit;
${join(read, ([k, i, n]) => `let ${n} = ${p.get(views, k, 'row', i)};`)} let last = ${started('t > 0u', p.get(views, back.before, 'max(row, 1u) - 1u', 0))};
let g = dy + s${m}_0; ${join(back.carry, (v, i) => `var ${v} = ${started('earlier', element(views.carry, state(i)))};`)}
{ ${back.code}
${join(G, (q) => views.grads.put('0u', `t % 2u * ${size}u + ${place('b')} + ${q * s.dh}u + unit`, `d${q}`))}
${join(Object.entries(back.writes), ([name, values]) => join(values, (value, q) => p.put(views, name, 'row', q, value)))} }
${join(back.carry, (v, i) => views.carry.put('0u', state(i), v))} }`,
)}`,
  })
  return [
    transposeR(R, s, scratch, target),
    clock(s, scratch, first.clock),
    ...range(s.seqlen).map((left) => at(step, 0, scratch.offset + first.clock, s.seqlen - 1 - left)),
  ]
}
