import { type Dispatch, kernel, range, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { bind, HELD_HEAD, join, type Operands, pointwise } from './held.wgsl.ts'

/**
 * Heads held in registers where 32 invocations exchange theirs. All threads make the recurrent product: each holds a block of R, so that a number
 * read from workgroup memory serves several rows, and threads that share rows add up by exchange, each level of which halves the rows a
 * thread still has. Then one thread a unit runs the cell, since its functions cost as much as the product.
 */
const LANES = 32

/** Lanes that share the inner sum of a row forward. */
const SLICES = 8

export const canExchange = ({ dh }: RecurrentSizes, { software, subgroup }: Target): boolean =>
  !software && subgroup === LANES && dh % 8 === 0 && dh <= HELD_HEAD

/**
 * WGSL that adds up v0 … v(n−1) over lanes that differ in the bits n/2, …, 1 times `stride`; afterwards v0 is the sum whose number those bits
 * of the lane are. n is a power of two.
 */
function exchangeSums(n: number, stride: number): string {
  const lines: string[] = []
  for (let m = n / 2; m >= 1; m /= 2)
    lines.push(
      `{ let high = (li & ${m * stride}u) != 0u; ${range(m)
        .map(
          (i) =>
            `{ let give = select(v${i + m}, v${i}, high); v${i} = select(v${i}, v${i + m}, high) + subgroupShuffleXor(give, ${m * stride}u); }`,
        )
        .join(' ')} }`,
    )
  return lines.join('\n')
}

const places = (s: RecurrentSizes): string => `let head = wid.x; let column = head * ${s.dh}u + li; let owns = li < ${s.dh}u;
let first = wid.y * ${s.seqlen}u;`
const blockAt = (s: RecurrentSizes, g: number): string => `${g * s.d}u + column`
const putAll = (views: Record<string, View>, s: RecurrentSizes, written: Readonly<Record<string, readonly string[]>>): string =>
  join(Object.entries(written), ([name, values]) => join(values, (value, g) => views[name].put('row', blockAt(s, g), value)))

/** Forward: a thread holds `slices` rows of R (gates of slices / 4 units) at every slices-th column, and after the exchange has the sum of one. */
export function exchangedForward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands): Dispatch {
  const S = SLICES
  const bound = bind(inputs, outputs, false)
  const { views } = bound
  const { dh } = s
  const [G, rows, inner] = [range(cell.gates), range(S), range(dh / S)]
  const weight = (r: number, i: number): string => {
    const gate = r % 4
    if (gate >= cell.gates) return ''
    return `let w${r}_${i} = ${views.R.get('head', `(${gate * dh}u + group * ${S / 4}u + ${r >> 2}u) * ${dh}u + ${i * S}u + slice`)};`
  }
  const held = rows.filter((r) => r % 4 < cell.gates)
  // Rows of different gates lie 8 banks apart, so that four lanes write side by side.
  const stride = dh + 8
  return kernel({
    label: cell.label,
    bound,
    workgroup: 4 * dh,
    groups: [s.heads, s.batch, 1],
    subgroups: true,
    globals: `${pointwise(s, false).globals}\nvar<workgroup> states: array<f32, ${dh}>; var<workgroup> sums: array<f32, ${4 * stride}>;`,
    body: `${places(s)} let slice = li % ${S}u; let group = li / ${S}u; let place = li % 4u * ${stride}u + li / 4u;
${join(held, (r) => join(inner, (i) => weight(r, i)))}
${G.map((g) => `var o${g} = 0.0; var n${g} = 0.0;`).join(' ')} if (owns) { ${G.map((g) => `o${g} = ${views.bias.get('0u', blockAt(s, g))}; n${g} = ${views.Wx.get('first', blockAt(s, g))};`).join(' ')} states[li] = 0.0; }
var h = 0.0; ${cell.state.map((v) => `var ${v} = 0.0;`).join(' ')}
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) {
let row = first + t; let after = first + min(t + 1u, ${s.seqlen - 1}u);
${G.map((g) => `let x${g} = n${g};`).join(' ')} if (owns) { ${G.map((g) => `n${g} = ${views.Wx.get('after', blockAt(s, g))};`).join(' ')} }
${inner.map((i) => `let h${i} = states[${i * S}u + slice];`).join(' ')}
${join(rows, (r) =>
  r % 4 < cell.gates
    ? `var v${r} = w${r}_0 * h0; ${inner
        .slice(1)
        .map((i) => `v${r} = fma(w${r}_${i}, h${i}, v${r});`)
        .join(' ')}`
    : `var v${r} = 0.0;`,
)}
${exchangeSums(S, 1)}
sums[place] = v0;
workgroupBarrier();
if (owns) { ${G.map((g) => `let r${g} = o${g} + sums[${g * stride}u + li];`).join(' ')}
{ ${cell.forward}
states[li] = h;
${putAll(views, s, cell.outputs)} } }
workgroupBarrier();
}`,
  })
}

/** Backward: a thread holds 8 columns of R, those of its 32 lanes, at every 32nd row. */
export function exchangedBackward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands): Dispatch {
  const bound = bind(inputs, outputs, false)
  const { views } = bound
  const { dh } = s
  const { back } = cell
  const [units, inner] = [range(8), range(dh / 8)]
  const ahead = [
    ['dy', 0, 'dy'] as const,
    ...Object.entries(back.reads).flatMap(([operand, names]) => names.map((name, block) => [operand, block, name] as const)),
  ]
  const get = (operand: string, row: string, block: number): string => views[operand].get(row, blockAt(s, block))
  return kernel({
    label: `${cell.label}_grad`,
    bound,
    workgroup: 4 * dh,
    groups: [s.heads, s.batch, 1],
    subgroups: true,
    globals: `${pointwise(s, false).globals}\nvar<workgroup> grads: array<f32, ${4 * dh}>; var<workgroup> returned: array<f32, ${dh}>;`,
    body: `${places(s)} let lane = li % ${LANES}u; let unit0 = li / ${LANES}u * 8u;
${join(
  inner,
  (i) => `let row${i} = min(${i * LANES}u + lane, ${cell.gates * dh - 1}u) * ${dh}u + unit0;
${join(units, (k) => `let w${i}_${k} = ${cell.gates < 4 ? `select(0.0, ${views.R.get('head', `row${i} + ${k}u`)}, ${i * LANES}u + lane < ${cell.gates * dh}u)` : views.R.get('head', `row${i} + ${k}u`)};`)}`,
)}
${back.carry.map((v) => `var ${v} = 0.0;`).join(' ')} ${[...ahead.map(([, , name]) => name), 'last'].map((name) => `var n_${name} = 0.0;`).join(' ')}
if (owns) { ${ahead.map(([operand, block, name]) => `n_${name} = ${get(operand, `first + ${s.seqlen - 1}u`, block)};`).join(' ')}
${s.seqlen > 1 ? `n_last = ${get(back.before, `first + ${s.seqlen - 2}u`, 0)};` : ''} returned[li] = 0.0; }
grads[li] = 0.0;
workgroupBarrier();
for (var left = ${s.seqlen}u; left > 0u; left--) {
let t = left - 1u; let row = first + t; let before = first + max(t, 1u) - 1u;
if (owns) { let g = n_dy + returned[li]; ${ahead.map(([, , name]) => (name === 'dy' ? '' : `let ${name} = n_${name};`)).join(' ')} let last = n_last;
${ahead.map(([operand, block, name]) => `n_${name} = ${get(operand, 'before', block)};`).join(' ')}
n_last = select(0.0, ${get(back.before, 'first + max(t, 2u) - 2u', 0)}, t > 1u);
{ ${back.code}
${range(cell.gates)
  .map((q) => `grads[${q * dh}u + li] = d${q};`)
  .join(' ')}
${putAll(views, s, back.writes)} } }
workgroupBarrier();
${inner.map((i) => `let d_${i} = grads[${i * LANES}u + lane];`).join(' ')}
${join(
  units,
  (k) =>
    `var v${k} = w0_${k} * d_0; ${inner
      .slice(1)
      .map((i) => `v${k} = fma(w${i}_${k}, d_${i}, v${k});`)
      .join(' ')}`,
)}
${exchangeSums(8, 4)}
v0 += subgroupShuffleXor(v0, 2u); v0 += subgroupShuffleXor(v0, 1u);
if (li % 4u == 0u) { returned[li / 4u] = v0; }
workgroupBarrier();
}`,
  })
}
