import { ceilDiv, type Dispatch, kernel, range, type Target } from '../../backends/webgpu/wgsl.ts'
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { bind, four, join, layout, type Operands, places, pointwise, product, total } from './held.wgsl.ts'

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
  // What a step reads is fetched one step early, so that its latency passes during the product.
  const ahead = [
    ['dy', 0, 'dy'] as const,
    ...Object.entries(back.reads).flatMap(([operand, names]) => names.map((name, block) => [operand, block, name] as const)),
  ]
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
${ahead.map(([, , name]) => `var n_${name} = T(0.0);`).join(' ')} var n_last = T(0.0);
if (owns) { let row = first + ${s.seqlen - 1}u; ${ahead.map(([operand, block, name]) => `n_${name} = ${p.get(views, operand, 'row', block)};`).join(' ')}
${s.seqlen > 1 ? `{ let before = row - 1u; n_last = ${p.get(views, back.before, 'before', 0)}; }` : ''} }
workgroupBarrier();
for (var left = ${s.seqlen}u; left > 0u; left--) {
let t = left - 1u; let row = first + t;
if (owns) {
let g = n_dy + ${vec ? `vec4f(${range(4).map(returned)})` : returned(0)};
${ahead.map(([, , name]) => (name === 'dy' ? '' : `let ${name} = n_${name};`)).join(' ')}
let last = n_last; n_last = T(0.0); if (t > 1u) { let before = row - 2u; n_last = ${p.get(views, back.before, 'before', 0)}; }
if (t > 0u) { let before = row - 1u;
${ahead.map(([operand, block, name]) => `n_${name} = ${p.get(views, operand, 'before', block)};`).join(' ')} }
${back.code}
${join(G, (q) => `grads[(ib * ${cell.gates}u + ${q}u) * ${padded / p.lanes}u + iu] = d${q};`)}
${join(Object.entries(back.writes), ([name, values]) => join(values, (value, q) => p.put(views, name, 'row', q, value)))}
}
workgroupBarrier();
if (li < ${rows}u) {
${join(range(Bt), (b) => `{ let e = (${b * cell.gates}u + gate) * ${padded}u; ${product(chunks, (k) => four('grads', `e + ${4 * k}u`, vec))} parts[${b * rows}u + li] = ${total}; }`)}
}
workgroupBarrier();
}`,
  })
}
