import { bindOperands, type Dispatch, kernel, part, range, reads, regions, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { join, type Operands, pointwise } from './held.wgsl.ts'
import { APART, at, clock, element, groups, places, sequenceOf, sequences, started, sums, UNITS } from './stepwise.ts'
import { transposeR } from './streamed.wgsl.ts'

const backwardRegions = (cell: CellShader, s: RecurrentSizes) =>
  regions({
    R: s.gates * s.dh * s.d,
    clock: APART * s.seqlen,
    grads: 2 * s.batch * s.gates * s.d,
    carry: cell.back.carry.length * s.batch * s.d,
  })
export const backwardScratch = (cell: CellShader, s: RecurrentSizes): number => backwardRegions(cell, s).total

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
  } as Record<string, ReturnType<typeof reads>>)
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
