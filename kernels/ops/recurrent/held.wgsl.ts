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
export const four = (name: string, e: string, vec: boolean): string =>
  vec ? `${name}[(${e}) / 4u]` : `vec4f(${range(4).map((i) => `${name}[${e} + ${i}u]`)})`

/** Σ over the held numbers w0 … times four at a time of `name`: four sums side by side, or each addition would wait for the one before. */
export const product = (chunks: readonly number[], element: (k: number) => string): string =>
  `${chunks.map((k) => (k ? `acc = fma(w${k}, ${element(k)}, acc);` : `var acc = w0 * ${element(0)};`)).join(' ')}`
export const total = '((acc.x + acc.y) + (acc.z + acc.w))'

export type Operands = Readonly<Record<string, Operand>>
export const bind = (inputs: Operands, outputs: Operands, vec: boolean) =>
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
export function layout(cell: CellShader, s: RecurrentSizes, target: Target): Layout {
  const [Bt, vec] = [heldBatch(s, target), s.dh % 4 === 0]
  const threads = Math.max(cell.gates * s.dh, Bt * (vec ? s.dh / 4 : s.dh))
  return { Bt, vec, padded: 4 * ceilDiv(s.dh, 4), workgroup: target.software ? threads : 32 * ceilDiv(threads, 32) }
}
export const places = (s: RecurrentSizes, { Bt }: Layout, items: number): string => `let head = wid.x; let sequence0 = wid.y * ${Bt}u;
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
${G.map((g) => `var n${g} = T(0.0);`).join(' ')} if (owns) { ${join(G, (g) => `n${g} = ${p.get(views, 'Wx', 'first', g)};`)} }
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) {
let row = first + t; let after = first + min(t + 1u, ${s.seqlen - 1}u);
${G.map((g) => `let x${g} = n${g};`).join(' ')} if (owns) { ${join(G, (g) => `n${g} = ${p.get(views, 'Wx', 'after', g)};`)} }
if (li < ${rows}u) {
${join(range(Bt), (b) => `{ ${product(chunks, (k) => four('states', `${b * padded + 4 * k}u`, vec))} sums[${b * rows}u + li] = offset + ${total}; }`)}
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
