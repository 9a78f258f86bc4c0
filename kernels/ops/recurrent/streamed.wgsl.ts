import { bindOperands, ceilDiv, type Dispatch, kernel, part, range, reads, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { join, type Operands, pointwise } from './held.wgsl.ts'

/** Threads, units of a thread, and sequences of a workgroup, which share each reading of R; 4096 numbers of workgroup memory at most. */
function split(cell: CellShader, s: RecurrentSizes, target: Target): { workgroup: number; per: number[]; Bt: number } {
  const workgroup = Math.min(target.software ? 64 : 256, 32 * ceilDiv(s.dh, 32))
  const per = ceilDiv(s.dh, workgroup)
  const most = Math.max(1, Math.min(Math.floor(4 / per), Math.floor(4096 / (cell.gates * s.dh)), s.batch))
  return { workgroup, per: range(per), Bt: most === 3 ? 2 : most }
}
const names = (v: string, b: number, i: number): string => `${v}_${b}_${i}`
/** Puts the state of one unit of one sequence under the names the cell's code uses, and back. */
const scoped = (variables: readonly string[], b: number, i: number, code: string): string =>
  `${variables.map((v) => `var ${v} = ${names(v, b, i)};`).join(' ')}\n${code}\n${variables.map((v) => `${names(v, b, i)} = ${v};`).join(' ')}`

/** R (heads, gates·dh·dh) with the two inner axes exchanged: neighbouring threads of the walk then read neighbouring numbers. */
export function transposeR(R: Operand, s: RecurrentSizes, scratch: Operand, target: Target): Dispatch {
  const rows = s.gates * s.dh
  const count = s.heads * rows * s.dh
  const workgroup = target.software ? 64 : 256
  const bound = bindOperands({ R: reads(R), to: part(scratch, 0, count, { write: true }) })
  return kernel({
    label: 'recurrent.transpose',
    bound,
    workgroup,
    groups: ceilDiv(count, workgroup),
    body: `let i = w * ${workgroup}u + li; if (i >= ${count}u) { return; }
let j = i % ${rows}u; let k = i / ${rows}u % ${s.dh}u; let head = i / ${rows * s.dh}u;
${bound.views.to.put('0u', 'i', bound.views.R.get('head', `j * ${s.dh}u + k`))}`,
  })
}

/** Wide heads: R is read from memory at every step, once for the sequences of a workgroup. A thread owns whole units. `scratch` is R transposed. */
export function streamedForward(
  cell: CellShader,
  s: RecurrentSizes,
  inputs: Operands,
  outputs: Operands,
  scratch: Operand,
  target: Target,
): Dispatch {
  const { workgroup, per, Bt } = split(cell, s, target)
  const p = pointwise(s, false)
  const [G, B, rows] = [range(cell.gates), range(Bt), cell.gates * s.dh]
  const bound = bindOperands({
    Wx: reads(inputs.Wx),
    bias: reads(inputs.bias),
    R: part(scratch, 0, s.heads * rows * s.dh),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)])),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const variables = ['h', ...cell.state]
  const each = (code: (b: number, i: number) => string): string => join(B, (b) => join(per, (i) => code(b, i)))
  const sum = (g: number, b: number, i: number): string => names(`r${g}`, b, i)
  return kernel({
    label: `${cell.label}.streamed`,
    bound,
    workgroup,
    groups: [s.heads, ceilDiv(s.batch, Bt), 1],
    globals: `${p.globals}\nvar<workgroup> states: array<f32, ${Bt * s.dh}>;`,
    body: `let head = wid.x; let sequence0 = wid.y * ${Bt}u; let base = head * ${rows * s.dh}u;
for (var e = li; e < ${Bt * s.dh}u; e += ${workgroup}u) { states[e] = 0.0; }
${join(per, (i) => `let u${i} = min(li + ${i * workgroup}u, ${s.dh - 1}u); let column${i} = head * ${s.dh}u + u${i};`)}
${each((b, i) => variables.map((v) => `var ${names(v, b, i)} = 0.0;`).join(' '))}
${join(G, (g) => join(per, (i) => `let o${g}_${i} = ${p.get(views, 'bias', '0u', g, `column${i}`)};`))}
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) {
${join(G, (g) => each((b, i) => `var ${sum(g, b, i)} = o${g}_${i};`))}
for (var k = 0u; k < ${s.dh}u; k++) { let start = base + k * ${rows}u;
${B.map((b) => `let h${b} = states[${b * s.dh}u + k];`).join(' ')}
${join(G, (g) => join(per, (i) => `{ let w = ${views.R.get('0u', `start + ${g * s.dh}u + u${i}`)}; ${B.map((b) => `${sum(g, b, i)} = fma(w, h${b}, ${sum(g, b, i)});`).join(' ')} }`))}
}
workgroupBarrier();
${each(
  (
    b,
    i,
  ) => `if (li + ${i * workgroup}u < ${s.dh}u && sequence0 + ${b}u < ${s.batch}u) { let row = (sequence0 + ${b}u) * ${s.seqlen}u + t; let column = column${i};
${join(G, (g) => `let x${g} = ${p.get(views, 'Wx', 'row', g)}; let r${g} = ${sum(g, b, i)};`)}
${scoped(variables, b, i, `${cell.forward}\nstates[${b * s.dh}u + u${i}] = h;\n${join(Object.entries(cell.outputs), ([name, values]) => join(values, (value, g) => p.put(views, name, 'row', g, value)))}`)} }`,
)}
workgroupBarrier();
}`,
  })
}

export function streamedBackward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands, target: Target): Dispatch {
  const { workgroup, per, Bt } = split(cell, s, target)
  const p = pointwise(s, false)
  const [G, B, rows] = [range(cell.gates), range(Bt), cell.gates * s.dh]
  const bound = bindOperands({
    ...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o)])),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)])),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const { back } = cell
  const each = (code: (b: number, i: number) => string): string => join(B, (b) => join(per, (i) => code(b, i)))
  const returned = (b: number, i: number): string => names('g', b, i)
  return kernel({
    label: `${cell.label}_grad.streamed`,
    bound,
    workgroup,
    groups: [s.heads, ceilDiv(s.batch, Bt), 1],
    globals: `${p.globals}\nvar<workgroup> grads: array<f32, ${Bt * rows}>;`,
    body: `let head = wid.x; let sequence0 = wid.y * ${Bt}u;
for (var i = li; i < ${Bt * rows}u; i += ${workgroup}u) { grads[i] = 0.0; }
${join(per, (i) => `let u${i} = min(li + ${i * workgroup}u, ${s.dh - 1}u); let column${i} = head * ${s.dh}u + u${i};`)}
${each((b, i) => `var ${returned(b, i)} = 0.0; ${back.carry.map((v) => `var ${names(v, b, i)} = 0.0;`).join(' ')}`)}
workgroupBarrier();
for (var left = ${s.seqlen}u; left > 0u; left--) { let t = left - 1u;
${each(
  (
    b,
    i,
  ) => `if (li + ${i * workgroup}u < ${s.dh}u && sequence0 + ${b}u < ${s.batch}u) { let row = (sequence0 + ${b}u) * ${s.seqlen}u + t; let column = column${i};
let g = ${p.get(views, 'dy', 'row', 0)} + ${returned(b, i)};
${join(Object.entries(back.reads), ([name, values]) => join(values, (value, q) => `let ${value} = ${p.get(views, name, 'row', q)};`))}
var last = 0.0; if (t > 0u) { last = ${p.get(views, back.before, 'row - 1u', 0)}; }
${scoped(back.carry, b, i, `${back.code}\n${join(G, (q) => `grads[${b * rows + q * s.dh}u + u${i}] = d${q};`)}\n${join(Object.entries(back.writes), ([name, values]) => join(values, (value, q) => p.put(views, name, 'row', q, value)))}`)} }`,
)}
workgroupBarrier();
${each((b, i) => `${returned(b, i)} = 0.0;`)}
for (var j = 0u; j < ${rows}u; j++) { ${B.map((b) => `let d${b} = grads[${b * rows}u + j];`).join(' ')}
${join(per, (i) => `{ let w = ${views.R.get('head', `j * ${s.dh}u + u${i}`)}; ${B.map((b) => `${returned(b, i)} = fma(w, d${b}, ${returned(b, i)});`).join(' ')} }`)}
}
workgroupBarrier();
}`,
  })
}
