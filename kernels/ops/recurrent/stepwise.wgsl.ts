import { bindOperands, type Dispatch, kernel, part, range, reads, regions, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { join, type Operands, pointwise } from './held.wgsl.ts'
import { APART, at, clock, element, groups, places, sequenceOf, sequences, started, sums, UNITS } from './stepwise.ts'

const forwardRegions = (cell: CellShader, s: RecurrentSizes) =>
  regions({ clock: APART * s.seqlen, h: 2 * s.batch * s.d, state: cell.state.length * s.batch * s.d })
export const forwardScratch = (cell: CellShader, s: RecurrentSizes): number => forwardRegions(cell, s).total

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
  } as Record<string, ReturnType<typeof reads>>)
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
