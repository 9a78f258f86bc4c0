import { bindOperands, ceilDiv, type Dispatch, kernel, part, range, reads, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { join, type Operands, pointwise } from './held.wgsl.ts'

/**
 * Wide heads on a large card: R is read from memory at every step by all threads of a workgroup, four neighbours at a time. A product is split into
 * `slices` of its inner sum, which meet in workgroup memory, where one thread a unit and sequence adds them up in order.
 */
interface WidePlan {
  readonly workgroup: number
  readonly Bt: number
  /** vec4s of what a product makes, and the inner length of a slice. */
  readonly fours: number
  readonly slices: number
  readonly length: number
}

/** Invocations of a workgroup at most. */
const MOST_INVOCATIONS = 1024

function widePlan(s: RecurrentSizes, made: number, inner: number, target: Target): WidePlan | null {
  const most = Math.min(target.invocations, MOST_INVOCATIONS)
  const fours = made / 4
  const groups = s.heads * s.batch
  const Bt = [4, 2, 1].find((b) => b === 1 || (groups >= 132 * b && b * s.dh <= most))!
  const memory = Math.floor(target.workgroupBytes / 4 / Bt) - inner
  const slices = Math.min(Math.floor(most / fours), Math.floor(memory / made), inner)
  if (target.software || s.dh % 4 !== 0 || slices < 1 || s.dh * Bt > most) return null
  return { workgroup: 32 * ceilDiv(Math.max(fours * slices, s.dh * Bt), 32), Bt, fours, slices, length: ceilDiv(inner, slices) }
}
export const forwardPlan = (s: RecurrentSizes, target: Target): WidePlan | null => widePlan(s, s.gates * s.dh, s.dh, target)
export const backwardPlan = (s: RecurrentSizes, target: Target): WidePlan | null => widePlan(s, s.dh, s.gates * s.dh, target)

/** Names of a thread: its place in the product, then its unit and sequence in the cell. */
const places = (
  s: RecurrentSizes,
  { Bt, fours, slices, length }: WidePlan,
  inner: number,
): string => `let head = wid.x; let sequence0 = wid.y * ${Bt}u;
let four = li % ${fours}u; let slice = li / ${fours}u; let k0 = min(slice * ${length}u, ${inner}u); let k1 = select(k0, min(k0 + ${length}u, ${inner}u), slice < ${slices}u);
let ib = min(li / ${s.dh}u, ${Bt - 1}u); let unit = li % ${s.dh}u; let owns = li < ${s.dh * Bt}u && sequence0 + ib < ${s.batch}u;
let column = head * ${s.dh}u + unit; let first = min(sequence0 + ib, ${s.batch - 1}u) * ${s.seqlen}u;`
/** A product of the numbers in `from`, Bt rows of `inner`, into parts. `weight` is WGSL of the vec4 at inner place k. */
const product = (plan: WidePlan, from: string, inner: number, weight: string): string => `{ ${range(plan.Bt)
  .map((b) => `var acc${b} = vec4f();`)
  .join(' ')}
for (var k = k0; k < k1; k++) { let w = ${weight}; ${range(plan.Bt)
  .map((b) => `acc${b} = fma(vec4f(${from}[${b * inner}u + k]), w, acc${b});`)
  .join(' ')} }
if (slice < ${plan.slices}u) { ${range(plan.Bt)
  .map((b) => `parts[${b * plan.slices * plan.fours}u + slice * ${plan.fours}u + four] = acc${b};`)
  .join(' ')} } }`
/** The sum over the slices of element e of this thread's sequence. */
const summed = ({ slices, fours }: WidePlan, e: string): string =>
  range(slices)
    .map((i) => `parts[ib * ${slices * fours}u + ${i * fours}u + (${e}) / 4u][(${e}) % 4u]`)
    .join(' + ')

/** `scratch` is R transposed, (heads, dh, gates·dh). */
export function wideForward(
  cell: CellShader,
  s: RecurrentSizes,
  plan: WidePlan,
  inputs: Operands,
  outputs: Operands,
  scratch: Operands[string],
): Dispatch {
  const p = pointwise(s, false)
  const [G, rows] = [range(cell.gates), cell.gates * s.dh]
  const bound = bindOperands({
    Wx: reads(inputs.Wx),
    bias: reads(inputs.bias),
    R: part(scratch, 0, s.heads * rows * s.dh, { vec: true }),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)])),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  return kernel({
    label: `${cell.label}.wide`,
    bound,
    workgroup: plan.workgroup,
    groups: [s.heads, ceilDiv(s.batch, plan.Bt), 1],
    globals: `${p.globals}\nvar<workgroup> states: array<f32, ${plan.Bt * s.dh}>; var<workgroup> parts: array<vec4f, ${plan.Bt * plan.slices * plan.fours}>;`,
    body: `${places(s, plan, s.dh)}
for (var e = li; e < ${plan.Bt * s.dh}u; e += ${plan.workgroup}u) { states[e] = 0.0; }
var h = 0.0; ${cell.state.map((v) => `var ${v} = 0.0;`).join(' ')}
${G.map((g) => `let o${g} = ${p.get(views, 'bias', '0u', g)};`).join(' ')}
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) { let row = first + t;
${G.map((g) => `var x${g} = 0.0;`).join(' ')} if (owns) { ${G.map((g) => `x${g} = ${p.get(views, 'Wx', 'row', g)};`).join(' ')} }
${product(plan, 'states', s.dh, views.R.get4('0u', `(head * ${s.dh}u + k) * ${plan.fours}u + four`))}
workgroupBarrier();
if (owns) { ${G.map((g) => `let r${g} = o${g} + (${summed(plan, `${g * s.dh}u + unit`)});`).join('\n')}
{ ${cell.forward}
states[li] = h;
${join(Object.entries(cell.outputs), ([name, values]) => join(values, (value, g) => p.put(views, name, 'row', g, value)))} } }
workgroupBarrier();
}`,
  })
}

export function wideBackward(cell: CellShader, s: RecurrentSizes, plan: WidePlan, inputs: Operands, outputs: Operands): Dispatch {
  const p = pointwise(s, false)
  const [G, rows] = [range(cell.gates), cell.gates * s.dh]
  const bound = bindOperands({
    ...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o, k === 'R')])),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)])),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const { back } = cell
  const read = [['dy', 0, 'dy'] as const, ...Object.entries(back.reads).flatMap(([k, names]) => names.map((n, i) => [k, i, n] as const))]
  return kernel({
    label: `${cell.label}_grad.wide`,
    bound,
    workgroup: plan.workgroup,
    groups: [s.heads, ceilDiv(s.batch, plan.Bt), 1],
    globals: `${p.globals}\nvar<workgroup> grads: array<f32, ${plan.Bt * rows}>; var<workgroup> parts: array<vec4f, ${plan.Bt * plan.slices * plan.fours}>;`,
    body: `${places(s, plan, rows)}
for (var e = li; e < ${plan.Bt * rows}u; e += ${plan.workgroup}u) { grads[e] = 0.0; }
${back.carry.map((v) => `var ${v} = 0.0;`).join(' ')} ${[...read.map(([, , n]) => n), 'last'].map((n) => `var n_${n} = 0.0;`).join(' ')}
workgroupBarrier();
for (var left = ${s.seqlen}u; left > 0u; left--) { let t = left - 1u; let row = first + t;
if (owns) { ${read.map(([k, i, n]) => `n_${n} = ${p.get(views, k, 'row', i)};`).join(' ')} n_last = 0.0; if (t > 0u) { n_last = ${p.get(views, back.before, 'row - 1u', 0)}; } }
${product(plan, 'grads', rows, views.R.get4('head', `k * ${plan.fours}u + four`))}
workgroupBarrier();
if (owns) { let g = n_dy + (${summed(plan, 'unit')}); ${read.map(([, , n]) => (n === 'dy' ? '' : `let ${n} = n_${n};`)).join(' ')} let last = n_last;
{ ${back.code}
${join(G, (q) => `grads[ib * ${rows}u + ${q * s.dh}u + unit] = d${q};`)}
${join(Object.entries(back.writes), ([name, values]) => join(values, (value, q) => p.put(views, name, 'row', q, value)))} } }
workgroupBarrier();
}`,
  })
}
