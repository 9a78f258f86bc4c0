import { bindOperands, ceilDiv, type Dispatch, kernel, range, reads, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { RecurrentSizes } from './cell.ts'
import { cellFunctions, type CellShader } from './cells.wgsl.ts'

/** Heads up to this keep their part of R in registers: one row, or one gate's column, of at most 64 numbers a thread. */
export const HELD_HEAD = 64

/** Sequences of a workgroup: few while there are cores for them, since a step is bound by its latency. */
export function heldBatch({ heads, batch }: RecurrentSizes, target: Target): number {
  if (target.software) return batch > 4 ? 4 : Math.min(batch, 2)
  const groups = heads * batch
  return groups <= 264 ? 1 : groups <= 528 ? 2 : 4
}

/** What the walks of a cell have in common: widths, places, and how the pointwise part reads and writes a unit or four. */
export function pointwise(s: RecurrentSizes, vec: boolean) {
  const lanes = vec ? 4 : 1
  const block = (g: number): string => `${(g * s.d) / lanes}u`
  type Views = ReturnType<typeof bindOperands>['views']
  return {
    T: vec ? 'vec4f' : 'f32',
    lanes,
    /** Items of one sequence's head. */
    items: s.dh / lanes,
    get: (views: Views, name: string, row: string, g: number, column = 'column'): string =>
      vec ? views[name].get4(row, `${block(g)} + ${column}`) : views[name].get(row, `${block(g)} + ${column}`),
    put: (views: Views, name: string, row: string, g: number, value: string, column = 'column'): string =>
      vec ? views[name].put4(row, `${block(g)} + ${column}`, value) : views[name].put(row, `${block(g)} + ${column}`, value),
    globals: `alias T = ${vec ? 'vec4f' : 'f32'};\n${cellFunctions(vec ? 'vec4f' : 'f32')}`,
  }
}
export const join = <V>(items: readonly V[], code: (item: V, i: number) => string): string => items.map(code).join('\n')

/** Four numbers of a workgroup array of T at element `e` (a multiple of 4). */
const four = (name: string, e: string, vec: boolean): string =>
  vec ? `${name}[(${e}) / 4u]` : `vec4f(${range(4).map((i) => `${name}[${e} + ${i}u]`)})`

type Operands = Readonly<Record<string, Operand>>
const bind = (inputs: Operands, outputs: Operands, vec: boolean) =>
  bindOperands({
    ...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o, vec && k !== 'R')])),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o, vec)])),
  } as Record<string, ReturnType<typeof reads>>)

interface Layout {
  readonly Bt: number
  readonly vec: boolean
  /** Units rounded up to 4: the stride of rows in workgroup memory. */
  readonly padded: number
  readonly workgroup: number
}
function layout(cell: CellShader, s: RecurrentSizes, target: Target): Layout {
  const [Bt, vec] = [heldBatch(s, target), s.dh % 4 === 0]
  const threads = Math.max(cell.gates * s.dh, Bt * (vec ? s.dh / 4 : s.dh))
  return { Bt, vec, padded: 4 * ceilDiv(s.dh, 4), workgroup: target.software ? threads : 32 * ceilDiv(threads, 32) }
}
const places = (s: RecurrentSizes, { Bt }: Layout, items: number): string => `let head = wid.x; let sequence0 = wid.y * ${Bt}u;
let ib = li / ${items}u; let iu = li % ${items}u; let column = head * ${items}u + iu; let owns = ib < ${Bt}u && sequence0 + ib < ${s.batch}u;
let first = min(sequence0 + ib, ${s.batch - 1}u) * ${s.seqlen}u;`

/** Forward: a thread makes one row of the recurrent product from registers, then one unit (or four) of the cell. */
export function heldForward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands, target: Target): Dispatch {
  const at = layout(cell, s, target)
  const { Bt, vec, padded, workgroup } = at
  const p = pointwise(s, vec)
  const bound = bind(inputs, outputs, vec)
  const { views } = bound
  const [G, rows, dh, chunks] = [range(cell.gates), cell.gates * s.dh, s.dh, range(padded / 4)]
  const element = (e: string, k: number): string => (k < dh ? views.R.get('head', `${e} * ${dh}u + ${k}u`) : '0.0')
  const sums = (g: number): string =>
    vec ? `vec4f(${range(4).map((i) => `sums[ib * ${rows}u + ${g * dh}u + iu * 4u + ${i}u]`)})` : `sums[ib * ${rows}u + ${g * dh}u + iu]`
  return kernel({
    label: cell.label,
    bound,
    workgroup,
    groups: [s.heads, ceilDiv(s.batch, Bt), 1],
    globals: `${p.globals}
var<workgroup> states: array<T, ${(Bt * padded) / p.lanes}>; var<workgroup> sums: array<f32, ${Bt * rows}>;`,
    body: `${places(s, at, p.items)}
let j = min(li, ${rows - 1}u); let offset = ${views.bias.get('0u', `j / ${dh}u * ${s.d}u + head * ${dh}u + j % ${dh}u`)};
${join(chunks, (k) => `let w${k} = vec4f(${range(4).map((i) => element('j', 4 * k + i))});`)}
for (var e = li; e < ${(Bt * padded) / p.lanes}u; e += ${workgroup}u) { states[e] = T(0.0); }
var h = T(0.0); ${cell.state.map((v) => `var ${v} = T(0.0);`).join(' ')}
${join(G, (g) => `var n${g} = ${p.get(views, 'Wx', 'first', g)};`)}
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) {
let row = first + t; let after = first + min(t + 1u, ${s.seqlen - 1}u);
${join(G, (g) => `let x${g} = n${g}; n${g} = ${p.get(views, 'Wx', 'after', g)};`)}
if (li < ${rows}u) {
${join(range(Bt), (b) => `{ var sum = offset; ${chunks.map((k) => `sum += dot(w${k}, ${four('states', `${b * padded + 4 * k}u`, vec)});`).join(' ')} sums[${b * rows}u + li] = sum; }`)}
}
workgroupBarrier();
if (owns) {
${join(G, (g) => `let r${g} = ${sums(g)};`)}
{ ${cell.forward}
states[ib * ${padded / p.lanes}u + iu] = h;
${join(Object.entries(cell.outputs), ([name, values]) => join(values, (value, g) => p.put(views, name, 'row', g, value)))} }
}
workgroupBarrier();
}`,
  })
}

/** Backward: a thread makes one unit (or four) of the cell's gradients, then one gate's part of what returns through R to one unit. */
export function heldBackward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands, target: Target): Dispatch {
  const at = layout(cell, s, target)
  const { Bt, vec, padded, workgroup } = at
  const p = pointwise(s, vec)
  const bound = bind(inputs, outputs, vec)
  const { views } = bound
  const [G, rows, dh, chunks] = [range(cell.gates), cell.gates * s.dh, s.dh, range(padded / 4)]
  const size = (Bt * cell.gates * padded) / p.lanes
  const element = (k: number): string => (k < dh ? views.R.get('head', `(gate * ${dh}u + ${k}u) * ${dh}u + unit`) : '0.0')
  const returned = (i: number): string => G.map((g) => `parts[ib * ${rows}u + ${g * dh}u + iu * ${p.lanes}u + ${i}u]`).join(' + ')
  const { back } = cell
  return kernel({
    label: `${cell.label}_grad`,
    bound,
    workgroup,
    groups: [s.heads, ceilDiv(s.batch, Bt), 1],
    globals: `${p.globals}
var<workgroup> grads: array<T, ${size}>; var<workgroup> parts: array<f32, ${Bt * rows}>;`,
    body: `${places(s, at, p.items)}
let j = min(li, ${rows - 1}u); let gate = j / ${dh}u; let unit = j % ${dh}u;
${join(chunks, (k) => `let w${k} = vec4f(${range(4).map((i) => element(4 * k + i))});`)}
for (var i = li; i < ${size}u; i += ${workgroup}u) { grads[i] = T(0.0); }
for (var i = li; i < ${Bt * rows}u; i += ${workgroup}u) { parts[i] = 0.0; }
${back.carry.map((v) => `var ${v} = T(0.0);`).join(' ')}
workgroupBarrier();
for (var left = ${s.seqlen}u; left > 0u; left--) {
let t = left - 1u; let row = first + t;
if (owns) {
var g = ${p.get(views, 'dy', 'row', 0)} + ${vec ? `vec4f(${range(4).map(returned)})` : returned(0)};
${join(Object.entries(back.reads), ([name, values]) => join(values, (value, q) => `let ${value} = ${p.get(views, name, 'row', q)};`))}
var last = T(0.0); if (t > 0u) { last = ${p.get(views, back.before, 'row - 1u', 0)}; }
${back.code}
${join(G, (q) => `grads[(ib * ${cell.gates}u + ${q}u) * ${padded / p.lanes}u + iu] = d${q};`)}
${join(Object.entries(back.writes), ([name, values]) => join(values, (value, q) => p.put(views, name, 'row', q, value)))}
}
workgroupBarrier();
if (li < ${rows}u) {
${join(range(Bt), (b) => `{ var sum = 0.0; let e = (${b * cell.gates}u + gate) * ${padded}u; ${chunks.map((k) => `sum += dot(w${k}, ${four('grads', `e + ${4 * k}u`, vec)});`).join(' ')} parts[${b * rows}u + li] = sum; }`)}
}
workgroupBarrier();
}`,
  })
}
